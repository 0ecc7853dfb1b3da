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
    """The picture; of a sample with `ink`, the name it will have once drawn."""
    label: str
    """Space-tokenized LaTeX, or as its owner writes it; empty when unknown or still to be read from `ink`."""
    ink: bytes | None = None
    """InkML that the picture is drawn from; None when there is a picture."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An expression left out, and why."""

    id: str
    """As a file name can be shown: odd characters are escaped in an id that is refused for them."""
    reason: str
    label: str = ""
    """As its owner writes it, where that was read."""
