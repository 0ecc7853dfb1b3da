"""Datasets of pictures: HME100K, Im2LaTeXv2, MNE, one's own pictures, and conversations made elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from unimumer.data.captions import captioned, find_picture, first_present, listed
from unimumer.data.sample import DataError, Rejected, Sample
from unimumer.data.sharegpt import read_turns
from unimumer.files import PICTURE_SUFFIXES, find_file, picture_stem, walk

COLUMN = 1
"""Of the picture taken, where a formula of Im2LaTeXv2 has several: which font the authors of Uni-MuMER took is not
known, but their sizes (69K training, 10,117 test) show that they took one a formula."""
_TABLE = {"train": "train", "val": "validate", "test": "test"}
"""What MathNet calls a split."""
_LISTS = ("caption.txt", "captions.txt", "labels.txt", "caption.tsv", "labels.tsv", "labels.json", "captions.json")
"""Names of the list of labels beside one's own pictures."""


def read_hme100k(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The samples of a split of HME100K (Yuan and others, 2022), photographs of school work: `train` or `test`.

    Its owners (TAL) publish `train_images/`, `train_labels.txt`, `test_images/` and `test_labels.txt`, a line being
    `train_0.jpg<TAB>label`, tokens separated by spaces. Users' copies write the id without the suffix, and the
    released system keeps `test/images/` and `test/test_caption.txt`: all of these are read. Raises DataError when
    labels or pictures are not found.
    """
    labels = (f"{split}_labels.txt", f"{split}/{split}_caption.txt", f"{split}/{split}_labels.txt")
    images = (f"{split}_images", f"{split}/images", f"{split}/{split}_images")
    return captioned(
        first_present(source, (*labels, f"{split}/caption.txt", f"{split}_caption.txt")),
        first_present(source, images),
    )


def read_mne(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The samples of a split of MNE (Guan and others, PosFormer, 2024), deeply nested expressions: `N1`, `N2` or `N3`.

    Each is a folder with `caption.txt`, a line being an id and a label, and its pictures in `images/`: so the released
    system keeps them. PosFormer's own package has them also as `img/`. Raises DataError when one is not found.
    """
    return captioned(
        first_present(source, (f"{split}/caption.txt",)),
        first_present(source, (f"{split}/images", f"{split}/img")),
    )


def read_im2latex(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The samples of a split of Im2LaTeXv2 (Schmitt-Koopmann and others, MathNet, 2024), printed in thirty fonts.

    Splits are `train`, `val` and `test`. MathNet's own form is a table (`im2latexv2_train_normalized2.csv`,
    ISO-8859-1): a row is a formula and the paths of its pictures, one a font; its first row may be a head. The released
    system's is a JSON list, `test/test.json`, of an id and a label, with the pictures in `test/images/`. Raises
    DataError when list or pictures are not found.
    """
    name = f"im2latexv2_{_TABLE[split]}"
    tables = tuple(f"{name}{end}.csv" for end in ("_normalized2", "_normalized", ""))
    found = first_present(source, (*tables, f"{split}/{split}.json", f"{split}.json"))
    if found.suffix == ".json":
        return listed(found, first_present(source, (f"{split}/images", "images")))
    return _im2latex_table(found)


def _im2latex_table(path: Path) -> Iterator[Sample | Rejected]:
    try:
        with path.open(encoding="iso-8859-1", newline="") as stream:
            for number, row in enumerate(csv.reader(stream), start=1):
                if number == 1 and row and row[0].strip() == "formula":
                    continue
                if len(row) <= COLUMN or not row[COLUMN].strip():
                    yield Rejected(f"row {number} of {path.name}", "names no picture", row[0] if row else "")
                    continue
                image = row[COLUMN].strip()
                yield Sample(picture_stem(image), find_picture(path.parent, image), row[0])
    except (OSError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None


def read_own(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """One's own pictures: a folder with a list of labels and the pictures, in `images/` or beside the list.

    The list is one of `_LISTS`, or given itself as `source`. What lies among the pictures and has no label, or is no
    picture that can be read, is given as rejected. Raises DataError when no list is found.
    """
    labels = source if source.is_file() else first_present(source, _LISTS)
    images = labels.parent / "images"
    images = images if images.is_dir() else labels.parent
    used: set[Path] = set()
    for item in (listed if labels.suffix == ".json" else captioned)(labels, images):
        if isinstance(item, Sample):
            used.add(item.image)
        yield item
    for path in walk(images):
        if path not in used and path != labels:
            what = "no label" if path.suffix.lower() in PICTURE_SUFFIXES else "no picture that can be read"
            yield Rejected(path.relative_to(images).as_posix(), f"{what}: it is not used")


def read_conversations(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The conversations of a ShareGPT file as they are; pictures lie below the working folder. Raises FileError."""
    for image, question, answer in read_turns(source):
        path = find_file(Path(), image)
        yield Sample(picture_stem(image), path, "", turns=(question, answer))
