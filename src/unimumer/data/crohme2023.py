"""CROHME 2023 (Xie and others, 2023): ink of the sixth competition, about half of it from a digital pen on paper.

`WebData_CROHME23.zip` holds `train`, `val` and `test`, below each `INKML` with a folder a collection. The labels are
the TeX annotations with braces around every argument, as published, and else as they are: those that lost braces do
not parse and stay out of normalized sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from unimumer.data.inks import ink_samples
from unimumer.data.sample import Rejected, Sample
from unimumer.ink import Ink, InkError
from unimumer.latex import tokenize
from unimumer.latex.commands import ACCENTS, FRACTIONS, SYMBOLS

_ARGUMENTS = {"^": 1, "_": 1, "\\sqrt": 1, **dict.fromkeys(ACCENTS, 1), **dict.fromkeys(FRACTIONS, 2)}

COLLECTIONS = {"train": "CROHME2023_train", "val": "CROHME2023_val", "test": "CROHME2023_test"}
"""The folder of each split that is new in 2023; beside it the package repeats older collections. The released pictures
of the test set lie in a folder of that name; that the others follow it is assumed."""


def read(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The inks of a split; `source` is the archive, the folder unpacked from it, or the folder of the InkML."""
    return ink_samples(source, COLLECTIONS[split])


def label(ink: Ink) -> str:
    """The TeX annotation of one ink, without the dollars, braced. Raises InkError when it has none."""
    truth = ink.annotations.get("truth", "").replace("$", " ").strip()
    if not truth:
        raise InkError(f"{ink.id}: no TeX truth in the InkML")
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
