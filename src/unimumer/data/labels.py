"""From the label an owner published to the two label sets there are: as it is, and normalized."""

from __future__ import annotations

import re

from unimumer.data.sample import DataError
from unimumer.latex import normalize
from unimumer.tasks.answers import spaced

_RARE = re.compile(r"\\(varphi|varepsilon|vartheta|bigcup|bigcap|bigoplus|bigwedge|bigcirc|ni|top|text|mathfrak)")
"""Commands whose expressions the released sets leave out. The first ten are measured: of the 7,644 MathWriting test
labels, those with one of them are not among the 7,319 normalized ones. The last two are the paper's authors' list,
which is longer than what could be seen of it."""

RELEASED_WHOLE = frozenset({"im2latexv2"})
"""Families of which the released normalized sets leave none of these out: Im2LaTeXv2 has all its 10,117."""

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_LETTER = re.compile(r"[A-Za-z0-9{]|\\[A-Za-z]+")
"""What the argument of a fraction begins with in a label that the released tools keep."""


def as_published(label: str) -> str:
    """A published label, one space between its tokens. Raises DataError for an empty one."""
    text = spaced(label)
    if not text:
        raise DataError("the label is empty")
    return text


def normalized(label: str, *, released: bool = False) -> str:
    """The normal form of a published label.

    With `released` what the released sets leave out is refused too: rare commands, brackets that do not match
    (`[0, 1)`), fractions without arguments. Raises DataError, or LatexError for a label that does not parse.
    """
    text = as_published(label)
    if found := _CJK.search(text):
        raise DataError(f"the label has a Chinese, Japanese or Korean character: {found.group()}")
    if released:
        _check_released(text.split())
    result = normalize(text)
    if not result:
        raise DataError("the label is empty once normalized")
    if normalize(result) != result:
        raise DataError("the label does not read back to itself once normalized; this is a fault of the normalizer")
    return result


def _check_released(tokens: list[str]) -> None:
    if rare := next(filter(_RARE.fullmatch, tokens), ""):
        raise DataError(f"the label has a command that the released sets leave out: {rare}")
    if not _balanced(tokens):
        raise DataError("the label has brackets that do not match, which the released sets leave out")
    after = [*tokens[1:], ""]
    if any(token == r"\frac" and not _LETTER.match(next_) for token, next_ in zip(tokens, after)):
        raise DataError("the label has a fraction without arguments, which the released sets leave out")


def _balanced(tokens: list[str]) -> bool:
    """Whether each bracket is closed by its own kind; escaped ones do not count. Source: the released script."""
    open_ones: list[str] = []
    for token in tokens:
        if token in _PAIRS.values():
            open_ones.append(token)
        elif token in _PAIRS and (not open_ones or open_ones.pop() != _PAIRS[token]):
            return False
    return not open_ones
