"""MNE (Guan and others, PosFormer, 2024): deeply nested expressions, in the folders N1, N2 and N3.

Each folder has `caption.txt`, a line being an id and a label, and its pictures in `images/`: so the released system
keeps them. PosFormer's own package has them also as `img/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from unimumer.data.captioned import captioned, first_present
from unimumer.data.sample import Rejected, Sample


def read(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The samples of a split, `N1`, `N2` or `N3`. Raises DataError when labels or pictures are not found."""
    return captioned(
        first_present(source, (f"{split}/caption.txt",)),
        first_present(source, (f"{split}/images", f"{split}/img")),
    )
