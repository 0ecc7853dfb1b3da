"""Structure match: whether two texts say the same marks at the same places, however the LaTeX is spelled.

It is looser than ExpRate and, unlike comparing rendered glyphs, not blind to structure: `x ^ 2` and `x _ 2` differ.
Both sides are parsed, which takes away fonts, sizes, spaces, redundant groups and synonyms; then spellings that put
the same ink at the same place become one. Signs that look different stay different.
"""

from __future__ import annotations

from dataclasses import replace

from unimumer.latex import Accent, Environment, LatexError, Node, Row, Scripts, Stack, Symbol, map_rows, parse
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
    r"\notin": r"\not \in",
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
    parts: list[Node] = []
    for node in row:
        if isinstance(node, Symbol):
            signs = node.token[1:] if node.token in _NAMES else _SAME_SIGN.get(node.token, node.token).split()
            parts += map(Symbol, signs)
        else:
            parts += map_rows(node, canonical)  # a sign of several letters keeps its scripts on the last
            parts[-1] = _renamed(parts[-1])
    return tuple(parts)


def _renamed(node: Node) -> Node:
    match node:
        case Scripts():  # where limits stand is up to the sign
            return replace(node, limits=False)
        case Stack(command):
            return replace(node, command=_SAME_STACK.get(command, command))
        case Accent(command):
            return replace(node, command=_SAME_ACCENT.get(command, command))
        case Environment(name):
            return Environment("matrix" if name in _PLAIN_TABLES else name, node.rows)
        case _:
            return node
