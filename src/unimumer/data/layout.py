"""Where the released system keeps its sets below its data folder, and how large they were published."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetLayout:
    """The files of one set. Paths are relative to the data folder."""

    family: str
    name: str
    """Of the file of prompts, which predictions and results are named after."""
    size: int | None
    """Expressions as published; None where nothing is."""
    folder: str = ""
    """Holds `images` and `labels`; empty for a set that shares the pictures of another."""
    labels: str = ""
    """File in `folder`: captions if .txt, else JSON."""
    training: bool = False
    """Not for evaluation, which takes all of the family's `prompts`: its own are kept in `folder`."""

    @property
    def prompts(self) -> str:
        """The file of prompts."""
        return f"{self.folder if self.training else f'{self.family}/prompts'}/{self.name}.json"


CROHME = {
    "train": SetLayout("CROHME", "crohme_train", 8836, "CROHME/train", "caption.txt", training=True),
    "2014": SetLayout("CROHME", "crohme_2014", 986, "CROHME/2014", "caption.txt"),
    "2016": SetLayout("CROHME", "crohme_2016", 1147, "CROHME/2016", "caption.txt"),
    "2019": SetLayout("CROHME", "crohme_2019", 1199, "CROHME/2019", "caption.txt"),
}
"""Splits of CROHME; `train` is not part of the released data folder."""
LAYOUTS = (
    *CROHME.values(),
    SetLayout("CROHME2023", "crohme2023_test", 2300),
    SetLayout("CROHME2023", "crohme2023_test_normalized", 1652),
    SetLayout("CROHME2023", "crohme2023_val", 555),
    SetLayout("CROHME2023", "crohme2023_val_normalized", None),
    SetLayout("HME100K", "hme100k_test", 24_607, "HME100K/test", "test_caption.txt"),
    SetLayout("HME100K", "hme100k_test_normalized", 24_016),
    SetLayout("Im2LaTeXv2", "im2latexv2_test", 10_117, "Im2LaTeXv2/test", "test.json"),
    SetLayout("Im2LaTeXv2", "im2latexv2_test_normalized", None),
    SetLayout("MathWriting", "mathwriting_test", 7644, "MathWriting/test", "test_items.json"),
    SetLayout("MathWriting", "mathwriting_test_normalized", 7319),
    SetLayout("MNE", "N1", 1875, "MNE/N1", "caption.txt"),
    SetLayout("MNE", "N2", 304, "MNE/N2", "caption.txt"),
    SetLayout("MNE", "N3", 1464, "MNE/N3", "caption.txt"),
)
"""Every set, family by family. Source: the released README and scripts, and the paper (arXiv 2505.23566)."""
