"""The unit every dataset gives: a picture, its label, and who it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from unimumer.errors import UnimumerError


class DataError(UnimumerError):
    """A dataset file that cannot be used; the message names file and line or item."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled picture."""

    id: str
    image: Path
    label: str
    """Space-tokenized LaTeX; empty when unknown."""
