"""Datasets of ink, CROHME, CROHME 2023 and MathWriting: pictures are drawn, labels read from it; and ink to write."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2

from unimumer import ink
from unimumer.data.captions import first_present, listed
from unimumer.data.sample import Rejected, Sample
from unimumer.files import check_free, swap, write_bytes
from unimumer.ink import Ink, InkError, picture, read_files, read_inkml, write_inkml
from unimumer.latex import tokenize
from unimumer.latex.commands import FRACTIONS, SYMBOLS
from unimumer.latex.unicode import ACCENTS

JPEG_QUALITY = 95
_ARGUMENTS = {"^": 1, "_": 1, "\\sqrt": 1, **dict.fromkeys(ACCENTS, 1), **dict.fromkeys(FRACTIONS, 2)}
"""How many arguments a token has."""
_CROHME2023 = {"train": "CROHME2023_train", "val": "CROHME2023_val", "test": "CROHME2023_test"}
"""The folder of each split that is new in 2023; beside it the package repeats older collections. The released pictures
of the test set lie in a folder of that name; that the others follow it is assumed."""


def read_crohme(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The inks of one split, all that `source` holds: a folder or archive of InkML, as CROHME publishes them.

    Order is the archive's (a folder's sorted names), which is not the order of the released files.
    """
    return _inks(source)


def label_crohme(one: Ink) -> str:
    """The label of one ink, with `\\limits` on every sum, integral and limit with a script, as Uni-MuMER scores CROHME.

    The released model was trained so: 82 of its 986 answers to CROHME 2014 have it, and none leaves it out.
    """
    return ink.label(one, limits=True)


def read_crohme2023(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The inks of a split of CROHME 2023 (Xie and others, 2023), about half of them from a digital pen on paper.

    `source` is `WebData_CROHME23.zip`, the folder unpacked from it, or the folder of the InkML. It holds `train`,
    `val` and `test`, below each `INKML` with a folder a collection.
    """
    return _inks(source, _CROHME2023[split])


def label_crohme2023(one: Ink) -> str:
    """The TeX annotation of one ink, without the dollars. Raises InkError when it has none.

    It has braces around every argument, as published, and is else as it is: those that lost braces do not parse and
    stay out of normalized sets.
    """
    truth = one.annotations.get("truth", "").replace("$", " ").strip()
    if not truth:
        raise InkError(f"{one.id}: no TeX truth in the InkML")
    return braced(truth)


def braced(text: str) -> str:
    """LaTeX with braces around each argument that is one sign; also of a text that does not parse."""
    out: list[str] = []
    owed, closing = [0], [""]  # of each open group: arguments still to come, and the token that ends it
    for token in tokenize(text):
        if token in ("{", "[") and (token == "{" or out[-1:] == ["\\sqrt"]):
            owed[-1] -= token == "{" and owed[-1] > 0
            owed.append(0)
            closing.append("}" if token == "{" else "]")
        elif token == closing[-1]:
            owed.pop()
            closing.pop()
        elif owed[-1] and token in SYMBOLS:
            owed[-1] -= 1
            out += "{", token, "}"
            continue
        else:
            owed[-1] = _ARGUMENTS.get(token, 0)
        out.append(token)
    return " ".join(out)


def read_mathwriting(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The samples of a split of MathWriting (Gervais and others, Google, 2024): ink from an app, symbols, composed ink.

    `source` is `mathwriting-2024.tgz`, the folder unpacked from it, or the split's own folder. It holds `train`,
    `valid`, `test`, `symbols` and `synthetic`, each a folder of InkML named by the sample's id. The two lists beside
    the folders (`symbols.jsonl`, `synthetic-bboxes.jsonl`) say how symbols and synthetic ink were made, which the ink
    itself no longer needs. The released system keeps its test set as pictures with a list, `test/images/` and
    `test/test_items.json`, which is read too. Source: `archive_readme.md` in the archive.
    """
    items = source / split / f"{split}_items.json"
    if items.is_file():
        return listed(items, first_present(source, (f"{split}/images",)))
    return _inks(source, split)


def label_mathwriting(one: Ink) -> str:
    """The published label of one ink. Raises InkError when it has none.

    `normalizedLabel` is the truth and `label` what was shown to the writer; symbols have only `label`.
    """
    published = one.annotations.get("normalizedLabel") or one.annotations.get("label")
    if not published:
        raise InkError(f"{one.id}: no normalizedLabel or label in the InkML")
    return published


def _inks(source: Path, folder: str = "") -> Iterator[Sample | Rejected]:
    """The InkML files of a folder or an archive, not read yet; with `folder` those in a folder of that name.

    A `source` with InkML files directly in it is taken for that folder. Raises FileError when `source` is missing or
    is no sound archive.
    """
    if source.is_dir() and any(source.glob("*.inkml")):
        folder = ""
    for id, data in read_files(source, folder=folder):
        yield Sample(id, Path(f"{id}.jpg"), "", data)


def draw(sample: Sample, label: Callable[[Ink], str]) -> tuple[Sample, bytes]:
    """The sample with its label, and its picture: a gray JPEG, which readers that want RGB spread to three channels.

    Raises InkError for ink that cannot be read or drawn, and what `label` raises.
    """
    one = read_inkml(sample.ink or b"", sample.id)
    drawn = cv2.imencode(".jpg", picture(one), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    return replace(sample, label=label(one), ink=None), drawn.tobytes()


def write_labelled(inks: Iterable[Ink], folder: Path, *, force: bool = False) -> None:
    """A folder of InkML, a file an ink, with its label as the annotation `truth`.

    It is complete or not there. Raises FileError when `folder` exists and `force` is not given, or when it cannot be
    written.
    """
    check_free([folder], force)
    part = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for one in inks:
        write_bytes(part / f"{one.id}.inkml", write_inkml(one))
    swap(part, folder)
