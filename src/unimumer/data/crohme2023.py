"""CROHME 2023 (Xie and others, 2023): ink of the sixth competition, about half of it from a digital pen on paper.

`WebData_CROHME23.zip` holds `train`, `val` and `test`, below each `INKML` with a folder a collection. The labels are
the TeX annotations as they are: those that lost braces do not parse and stay out of normalized sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from unimumer.data.inks import ink_samples
from unimumer.data.sample import Rejected, Sample
from unimumer.ink import Ink, InkError

COLLECTIONS = {"train": "CROHME2023_train", "val": "CROHME2023_val", "test": "CROHME2023_test"}
"""The folder of each split that is new in 2023; beside it the package repeats older collections. The released pictures
of the test set lie in a folder of that name; that the others follow it is assumed."""


def read(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The inks of a split; `source` is the archive, the folder unpacked from it, or the folder of the InkML."""
    return ink_samples(source, COLLECTIONS[split])


def label(ink: Ink) -> str:
    """The TeX annotation of one ink, without the dollars. Raises InkError when it has none."""
    truth = ink.annotations.get("truth", "").replace("$", " ").strip()
    if not truth:
        raise InkError(f"{ink.id}: no TeX truth in the InkML")
    return truth
