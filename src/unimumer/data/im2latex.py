"""Im2LaTeXv2 (Schmitt-Koopmann and others, MathNet, 2024): printed formulas in thirty fonts.

Two forms are read. MathNet's own is a table (`im2latexv2_train_normalized2.csv`, ISO-8859-1): a row is a formula and
the paths of its pictures, one a font; its first row may be a head. The released system's is a JSON list,
`test/test.json`, of an id and a label, with the pictures in `test/images/`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from unimumer.data.captioned import find_picture, first_present, listed
from unimumer.data.sample import DataError, Rejected, Sample
from unimumer.files import picture_stem

COLUMN = 1
"""Of the picture taken, where a formula has several: which font the authors of Uni-MuMER took is not known, but
their sizes (69K training, 10,117 test) show that they took one a formula."""
_ENCODING = "iso-8859-1"
_TABLE = {"train": "train", "val": "validate", "test": "test"}
"""What MathNet calls a split."""


def read(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The samples of a split, `train`, `val` or `test`. Raises DataError when its list or pictures are not found."""
    name = f"im2latexv2_{_TABLE[split]}"
    tables = tuple(f"{name}{end}.csv" for end in ("_normalized2", "_normalized", ""))
    found = first_present(source, (*tables, f"{split}/{split}.json", f"{split}.json"))
    if found.suffix == ".json":
        return listed(found, first_present(source, (f"{split}/images", "images")))
    return _table(found)


def _table(path: Path) -> Iterator[Sample | Rejected]:
    try:
        with path.open(encoding=_ENCODING, newline="") as stream:
            for number, row in enumerate(csv.reader(stream), start=1):
                if number == 1 and row and row[0].strip() == "formula":
                    continue
                yield _sample(row, number, path)
    except (OSError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None


def _sample(row: list[str], number: int, path: Path) -> Sample | Rejected:
    if len(row) <= COLUMN or not row[COLUMN].strip():
        return Rejected(f"row {number} of {path.name}", "names no picture", row[0] if row else "")
    image = row[COLUMN].strip()
    return Sample(picture_stem(image), find_picture(path.parent, image), row[0])
