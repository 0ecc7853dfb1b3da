"""Structure match: whether two texts say the same marks at the same places, however the LaTeX is spelled.

It is looser than ExpRate and, unlike comparing rendered glyphs, not blind to structure: `x ^ 2` and `x _ 2` differ.
Both sides are parsed, which takes away fonts, sizes, spaces, redundant groups and synonyms; then spellings that put
the same ink at the same place become one. Signs that look different stay different.
"""

from __future__ import annotations

from collections.abc import Iterator

from unimumer.latex import (
    Accent,
    Arrow,
    Environment,
    Fraction,
    LatexError,
    Node,
    Radical,
    Row,
    Scripts,
    Stack,
    Symbol,
    parse,
)
from unimumer.metrics.distance import tokens
from unimumer.metrics.pairs import Pair


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SAME_SIGN = {
    r"\ne": r"\neq",
    r"\ast": "*",
    r"\leqslant": r"\leq",
    r"\geqslant": r"\geq",
    r"\cdotp": r"\cdot",
    r"\longrightarrow": r"\rightarrow",
    r"\longleftarrow": r"\leftarrow",
    r"\Longrightarrow": r"\Rightarrow",
    r"\implies": r"\Rightarrow",
    r"\iff": r"\Leftrightarrow",
    r"\varnothing": r"\emptyset",
    r"\parallel": "| |",
    r"\ldots": ". . .",
    r"\iint": r"\int \int",
    r"\iiint": r"\int \int \int",
}
"""Signs that are drawn alike, and those drawn as several."""
_NAMES = _words(
    r"\sin \cos \tan \cot \sec \csc \arcsin \arccos \arctan \sinh \cosh \tanh \coth \exp \log \ln \lg \lim \limsup "
    r"\liminf \max \min \sup \inf \arg \det \dim \ker \hom \deg \gcd \Pr \mod"
)
"""Written as their letters."""
_SAME_ACCENT = {
    r"\overline": r"\bar",
    r"\widehat": r"\hat",
    r"\widetilde": r"\tilde",
    r"\overrightarrow": r"\vec",
    r"\widecheck": r"\check",
    r"\fbox": r"\boxed",
}
_SAME_STACK = {r"\stackrel": r"\overset"}
_PLAIN_TABLES = _words("array matrix smallmatrix aligned align align* split gathered tabular")


def same_structure(label: str, prediction: str) -> bool:
    """Whether both say the same; texts that do not parse are compared token by token."""
    ours, theirs = tokens(label), tokens(prediction)
    if ours == theirs:
        return True
    try:
        return canonical(parse(label)) == canonical(parse(prediction))
    except LatexError:
        return False


def answers_structure(pair: Pair) -> bool:
    """Whether a pair's prediction is there and says what its label says."""
    return pair.prediction is not None and same_structure(pair.label, pair.prediction)


def canonical(row: Row) -> Row:
    """The one tree for all spellings of a row."""
    return tuple(part for node in row for part in _canonical(node))


def _optional(row: Row | None) -> Row | None:
    return None if row is None else canonical(row)


def _symbols(token: str) -> Iterator[Node]:
    if token in _NAMES:
        yield from map(Symbol, token[1:])
    else:
        yield from map(Symbol, _SAME_SIGN.get(token, token).split())


def _canonical(node: Node) -> Iterator[Node]:
    match node:
        case Symbol(token):
            yield from _symbols(token)
        case Scripts(base, sub, sup, _):
            # A sign of several letters keeps its scripts on the last, and where limits stand is up to the sign.
            bases = tuple(_canonical(base)) if base is not None else (None,)
            yield from (part for part in bases[:-1] if part is not None)
            yield Scripts(bases[-1], _optional(sub), _optional(sup))
        case Fraction(command, above, below):
            yield Fraction(command, canonical(above), canonical(below))
        case Stack(command, mark, base_row):
            yield Stack(_SAME_STACK.get(command, command), canonical(mark), canonical(base_row))
        case Radical(radicand, index):
            yield Radical(canonical(radicand), _optional(index))
        case Arrow(command, over, under):
            yield Arrow(command, canonical(over), _optional(under))
        case Accent(command, body):
            yield Accent(_SAME_ACCENT.get(command, command), canonical(body))
        case Environment(name, rows, _):
            table = "matrix" if name in _PLAIN_TABLES else name
            yield Environment(table, tuple(tuple(canonical(cell) for cell in cells) for cells in rows))
