"""What there is on this machine: versions of packages, processors."""

from __future__ import annotations

import os
from importlib import metadata


def installed(package: str) -> str | None:
    """Version of an installed package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def own_version() -> str:
    """Version of this package, as results record it."""
    return installed("unimumer") or "unknown (not installed)"


def processors() -> int:
    """How many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(allowed(0)) if allowed else os.cpu_count() or 1
