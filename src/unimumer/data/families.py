"""The families: who reads each, which splits it has, and what their sets are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from unimumer.data import inks, pictured
from unimumer.data.layout import CROHME, LAYOUTS, SetLayout
from unimumer.data.sample import Rejected, Sample
from unimumer.ink import Ink, label


@dataclass(frozen=True, slots=True)
class Split:
    """One split of a family: where it goes and which label sets it has."""

    layout: SetLayout
    """Its folder has the pictures of all label sets; `name` is the first set's."""
    labels: tuple[bool, ...]
    """For each label set whether it is normalized; of two the second gets `_normalized` to its name."""

    def name(self, normalized: bool) -> str:
        """The name of a label set."""
        return f"{self.layout.name}_normalized" if normalized and len(self.labels) > 1 else self.layout.name


@dataclass(frozen=True, slots=True)
class Family:
    """One dataset."""

    read: Callable[[Path, str], Iterator[Sample | Rejected]]
    splits: Mapping[str, Split]
    label: Callable[[Ink], str] | None = None
    """Of ink; None where pictures and labels are published."""


_NORMALIZED, _RAW, _BOTH = (True,), (False,), (False, True)
_PUBLISHED = {layout.name: layout for layout in LAYOUTS}


def _training(family: str, split: str, name: str, size: int | None = None, labels: str = "caption.txt") -> Split:
    return Split(SetLayout(family, name, size, f"{family}/{split}", labels, training=True), _NORMALIZED)


def _test(name: str, labels: tuple[bool, ...], folder: str = "") -> Split:
    layout = _PUBLISHED[name]
    if folder:
        layout = SetLayout(layout.family, name, layout.size, folder, "caption.txt")
    return Split(layout, labels)


FAMILIES = {
    "crohme": Family(
        inks.read_crohme,
        {
            **{name: Split(layout, _NORMALIZED) for name, layout in CROHME.items()},
            # Not in the released data folder, which trains on it.
            "2013": Split(SetLayout("CROHME", "crohme_2013", 671, "CROHME/2013", "caption.txt"), _NORMALIZED),
        },
        inks.label_crohme,
    ),
    "crohme2023": Family(
        inks.read_crohme2023,
        {
            "train": _training("CROHME2023", "CROHME2023_train", "crohme2023"),
            "val": _test("crohme2023_val", _BOTH, "CROHME2023/CROHME2023_val"),
            "test": _test("crohme2023_test", _BOTH, "CROHME2023/CROHME2023_test"),
        },
        inks.label_crohme2023,
    ),
    "hme100k": Family(
        pictured.read_hme100k,
        {"train": _training("HME100K", "train", "hme100k_train", 74_502), "test": _test("hme100k_test", _BOTH)},
    ),
    "im2latexv2": Family(
        pictured.read_im2latex,
        {
            "train": _training("Im2LaTeXv2", "train", "im2latex_v2_train"),
            "val": _training("Im2LaTeXv2", "val", "im2latex_v2_val"),
            "test": _test("im2latexv2_test", _BOTH),
        },
    ),
    "mathwriting": Family(
        inks.read_mathwriting,
        {
            "train": _training("MathWriting", "train", "mathwriting_train", 229_864),
            "valid": _training("MathWriting", "valid", "mathwriting_valid", 15_674),
            "symbols": _training("MathWriting", "symbols", "mathwriting_symbols", 6_423),
            "synthetic": _training("MathWriting", "synthetic", "mathwriting_synthetic", 396_014),
            "test": _test("mathwriting_test", _BOTH),
        },
        inks.label_mathwriting,
    ),
    "mne": Family(pictured.read_mne, {name: _test(name, _RAW) for name in ("N1", "N2", "N3")}),
}
"""By the name the command line has for it. Names of training sets are those of the released run files."""


_ERROR_SETS = {"hme100k_train": "hme100k", "im2latex_v2_train": "im2latex_v2"}


def error_set(name: str) -> str:
    """What the error corpus of a training set is called, but for its kind: as the released run files name it.

    Two sets lose their `_train`: `hme100k_error_find`, but `crohme_train_error_find`.
    """
    return _ERROR_SETS.get(name, name)


def own_family(family: str, name: str) -> Family:
    """A family whose sets are called after what the user has: `pictures` or `ink` with labels, or `sharegpt`."""
    if family == "sharegpt":
        layout = SetLayout(name, name, None, name, training=True)
        return Family(pictured.read_conversations, {"train": Split(layout, _RAW)})
    splits = {}
    for split in ("train", "val", "test"):
        layout = SetLayout(name, f"{name}_{split}", None, f"{name}/{split}", "caption.txt", training=split != "test")
        splits[split] = Split(layout, _NORMALIZED)
    if family == "ink":
        return Family(inks.read_crohme, splits, label)
    return Family(pictured.read_own, splits)
