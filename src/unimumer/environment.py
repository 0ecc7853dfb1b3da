"""What there is on this machine: versions of packages, processors."""

from __future__ import annotations

import os
import re
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


def requirements(extra: str | None = None) -> dict[str, str]:
    """Packages that this one asks for, always and for all extras, or only always or for one; with their versions.

    An empty `extra` is what is always needed. From this package's own metadata; empty when it is not installed.
    """
    found: dict[str, str] = {}
    try:
        listed = metadata.requires("unimumer") or []
    except metadata.PackageNotFoundError:
        return found
    for line in listed:
        need, _, condition = line.partition(";")
        name = re.match(r"[\w.-]+", need)
        wanted = re.search(r"extra == '(.*)'", condition)
        if name and extra in (None, wanted.group(1) if wanted else ""):
            found.setdefault(name.group(), need[name.end() :].strip())
    return found
