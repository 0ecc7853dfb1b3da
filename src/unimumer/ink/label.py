"""Rebuilds the published label of an ink from the truth its InkML file carries."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeGuard

from unimumer.ink.layout import read_layout
from unimumer.ink.model import Ink, InkError, MathNode
from unimumer.latex import LatexError, Node, Row, Scripts, Symbol, map_rows, parse, to_latex

_NOT_LATEX = re.compile(r"\b(ABOVE|BELOW)\b")
"""RIT's files of CROHME 2014 have these words where a converter knew no LaTeX, as for the index of a root."""

_FUNCTIONS = (r"\lim", r"\log", r"\sin", r"\cos", r"\tan")
_LIMIT_OPERATORS = (Symbol(r"\sum"), Symbol(r"\int"), Symbol(r"\lim"))


def label(ink: Ink, *, limits: bool = False) -> str:
    """The normalized LaTeX label of `ink`, tokens separated by spaces.

    The TeX annotation is trusted first: the published labels were made from it, and nearly always follow it
    where the MathML differs. The MathML serves where the annotation is missing or is not LaTeX.
    `limits=False` gives the form of the training labels, with `\\limits` where the truth asks for it;
    `limits=True` the form Uni-MuMER scores CROHME against, where every sum, integral and limit with a script
    has it. Raises InkError when neither source can be read.
    """
    row = _as_written(_truth(ink), ink)
    return to_latex(_with_limits(row) if limits else row)


def layout_label(layout: MathNode, *, limits: bool = False) -> str:
    """The label a MathML tree alone gives, for a tree whose symbols were exchanged.

    Raises InkError for a tree that `read_layout` refuses.
    """
    row = read_layout(layout)
    return to_latex(_with_limits(row) if limits else row)


def _truth(ink: Ink) -> Row:
    reasons = []
    for read in (_annotated, _laid_out):
        try:
            if row := read(ink):
                return row
        except (InkError, LatexError) as error:
            reasons.append(str(error))
    why = "; ".join(reasons) or "the ink carries neither a TeX truth nor a MathML layout"
    raise InkError(f"{ink.id}: no label: {why}")


def _annotated(ink: Ink) -> Row:
    truth = ink.annotations.get("truth", "")
    if _NOT_LATEX.search(truth):
        raise InkError("the TeX truth holds words that are not LaTeX")
    return parse(truth)


def _laid_out(ink: Ink) -> Row:
    return read_layout(ink.layout) if ink.layout else ()


def _as_written(row: Row, ink: Ink) -> Row:
    """`row` with the symbols that the ink has, where the truth spells them otherwise.

    Some TeX writes `l o g`; a symbol group named `\\log` tells that one function was written. A double bar is
    two symbols `|` to the writer, whatever the truth calls it.
    """
    names = {symbol.name for symbol in ink.symbols}
    functions = [tuple(Symbol(letter) for letter in name[1:]) for name in _FUNCTIONS if name in names]

    def rewrite(row: Row) -> Row:
        written: list[Node] = []
        for node in row:
            written += (Symbol("|"),) * 2 if node == Symbol(r"\parallel") else map_rows(node, rewrite)
            for letters in functions:
                _join(written, letters)
        return tuple(written)

    return rewrite(row)


def _join(nodes: list[Node], letters: tuple[Symbol, ...]) -> None:
    """Make `letters` at the end of `nodes` one function; the last letter may carry its scripts."""
    tail = nodes[-len(letters) :]
    last = tail[-1]
    base = last.base if isinstance(last, Scripts) else last
    if (*tail[:-1], base) == letters:
        name = Symbol("\\" + "".join(letter.token for letter in letters))
        nodes[-len(letters) :] = [replace(last, base=name) if isinstance(last, Scripts) else name]


def _with_limits(row: Row) -> Row:
    changed: list[Node] = []
    for node in row:
        changed += map_rows(node, _with_limits)
    return tuple(replace(node, limits=True) if _on_operator(node) else node for node in changed)


def _on_operator(node: Node) -> TypeGuard[Scripts]:
    return isinstance(node, Scripts) and node.base in _LIMIT_OPERATORS
