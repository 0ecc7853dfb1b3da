"""Bring LaTeX to the one form that the published labels are written in."""

from __future__ import annotations

from unimumer.latex.parser import parse
from unimumer.latex.writer import to_latex


def normalize(text: str) -> str:
    """The label form of a LaTeX math expression; normalizing twice changes nothing more.

    One space between tokens; synonyms replaced; `$`, delimiter sizes, styles, spaces and fonts dropped;
    braces around every script and argument and nowhere else, scripts of a group going to its last symbol;
    `_` before `^`; `'` written as `\\prime` in the superscript; infix fractions made `\\frac` and `\\binom`;
    `\\pmod` spelled out; a `matrix` in brackets made `pmatrix`, `bmatrix` or `Bmatrix`, with no last `\\\\`.
    `\\limits` stays where it is written. The word lists are in `commands`. Source: the label normalization of
    Uni-MuMER.

    Raises LatexError for text that `parse` refuses.
    """
    return to_latex(parse(text))
