"""Where the released system keeps its sets below its data folder, and how large they were published."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layout:
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
    "train": Layout("CROHME", "crohme_train", 8836, "CROHME/train", "caption.txt", training=True),
    "2014": Layout("CROHME", "crohme_2014", 986, "CROHME/2014", "caption.txt"),
    "2016": Layout("CROHME", "crohme_2016", 1147, "CROHME/2016", "caption.txt"),
    "2019": Layout("CROHME", "crohme_2019", 1199, "CROHME/2019", "caption.txt"),
}
"""Splits of CROHME; `train` is not part of the released data folder."""
LAYOUTS = (
    *CROHME.values(),
    Layout("CROHME2023", "crohme2023_test", 2300),
    Layout("CROHME2023", "crohme2023_test_normalized", 1652),
    Layout("CROHME2023", "crohme2023_val", 555),
    Layout("CROHME2023", "crohme2023_val_normalized", None),
    Layout("HME100K", "hme100k_test", 24_607, "HME100K/test", "test_caption.txt"),
    Layout("HME100K", "hme100k_test_normalized", 24_016),
    Layout("Im2LaTeXv2", "im2latexv2_test", 10_117, "Im2LaTeXv2/test", "test.json"),
    Layout("Im2LaTeXv2", "im2latexv2_test_normalized", None),
    Layout("MathWriting", "mathwriting_test", 7644, "MathWriting/test", "test_items.json"),
    Layout("MathWriting", "mathwriting_test_normalized", 7319),
    Layout("MNE", "N1", 1875, "MNE/N1", "caption.txt"),
    Layout("MNE", "N2", 304, "MNE/N2", "caption.txt"),
    Layout("MNE", "N3", 1464, "MNE/N3", "caption.txt"),
)
"""Every set, family by family. Source: the released README and scripts, and the paper (arXiv 2505.23566)."""
