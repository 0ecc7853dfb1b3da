"""HME100K (Yuan and others, 2022): photographs of school work, with a list of labels for each split.

Its owners (TAL) publish `train_images/`, `train_labels.txt`, `test_images/` and `test_labels.txt`, a line being
`train_0.jpg<TAB>label`, tokens separated by spaces. Users' copies write the id without the suffix, and the released
system keeps `test/images/` and `test/test_caption.txt`: all of these are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from unimumer.data.captioned import captioned, first_present
from unimumer.data.sample import Rejected, Sample


def read(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The samples of a split, `train` or `test`. Raises DataError when labels or pictures are not found."""
    labels = (f"{split}_labels.txt", f"{split}/{split}_caption.txt", f"{split}/{split}_labels.txt")
    images = (f"{split}_images", f"{split}/images", f"{split}/{split}_images")
    return captioned(
        first_present(source, (*labels, f"{split}/caption.txt", f"{split}_caption.txt")),
        first_present(source, images),
    )
