"""Reads the presentation MathML of an InkML file, as the CROHME collections write it, into a LaTeX tree."""

from __future__ import annotations

from unimumer.ink.model import InkError, MathNode
from unimumer.latex import Fraction, Node, Radical, Row, Scripts, Symbol
from unimumer.latex.commands import SYMBOLS

_SPELLINGS = {
    "rarr": r"\rightarrow",
    "ne": r"\neq",
    "hellip": r"\ldots",
    "ctdot": r"\cdots",
    "infin": r"\infty",
    "exist": r"\exists",
    "{": r"\{",
    "}": r"\}",
    "·": r"\cdot",
    "im": r"\lim",
}
"""Leaves LaTeX names otherwise: entities of HTML and MathML without `&` and `;`, and MfrDB's `im`."""

_ROWS = frozenset({"math", "mrow", "mstyle"})
_SCRIPTED = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover"})
_ONLY_SUP = frozenset({"msup", "mover"})
_ABOVE_BELOW = frozenset({"munder", "mover", "munderover"})


def read_layout(node: MathNode) -> Row:
    """The row of nodes that a MathML tree stands for; rows inside rows leave no trace.

    Raises InkError for a fraction or a root that has not its two parts, and for a table or another element
    that is not a row.
    """
    if node.tag in _SCRIPTED and node.children:
        return _scripted(node)
    if node.tag in ("mfrac", "mroot"):
        return (_pair(node),)
    inner = tuple(item for child in node.children for item in read_layout(child))
    if node.tag == "msqrt":
        return (Radical(inner),)
    if node.children and node.tag not in _ROWS:
        raise InkError(f"<{node.tag}> is not read as part of a label")
    return _dots_joined(inner) if node.children else _leaf(node)


def _leaf(node: MathNode) -> Row:
    # MfrDB writes `.` for a multiplication dot too; the id, made of the symbol's name, tells them apart.
    text = "·" if node.id.startswith(r"\cdot_") else node.text
    name = _SPELLINGS.get(text, text)
    # Some collections leave out the backslash: `sum`, `Delta`.
    symbol = (SYMBOLS.get("\\" + name) if len(name) > 1 else None) or SYMBOLS.get(name) or Symbol(name)
    return (symbol,) if name else ()


def _pair(node: MathNode) -> Node:
    if len(node.children) != 2:
        raise InkError(f"<{node.tag}> with {len(node.children)} children; it has two")
    first, second = (read_layout(child) for child in node.children)
    return Fraction(r"\frac", first, second) if node.tag == "mfrac" else Radical(first, second or None)


def _scripted(node: MathNode) -> Row:
    base, *scripts = (read_layout(child) for child in node.children)
    sub, sup = ([(), *scripts] if node.tag in _ONLY_SUP else [*scripts, (), ()])[:2]
    if not sub and not sup:
        return base
    last = base[-1] if base else None
    # LaTeX sets those of sums and limits above and below unasked; an integral's only with \limits.
    limits = last == Symbol(r"\int") and node.tag in _ABOVE_BELOW
    return (*base[:-1], _attached(last, sub, sup, limits))


def _attached(base: Node | None, sub: Row, sup: Row, limits: bool) -> Node:
    """`base` with scripts; one of a kind that it already has goes to the last symbol of that script.

    MathBrush writes `e_{f_g}` as a second subscript of `e`, and LaTeX has no second script of a kind.
    """
    if not isinstance(base, Scripts):
        return Scripts(base, sub or None, sup or None, limits)
    return Scripts(base.base, _extended(base.sub, sub, "_"), _extended(base.sup, sup, "^"), base.limits)


def _extended(present: Row | None, script: Row, mark: str) -> Row | None:
    if not present or not script:
        return present or script or None
    sub, sup = (script, ()) if mark == "_" else ((), script)
    return (*present[:-1], _attached(present[-1], sub, sup, False))


def _dots_joined(row: Row) -> Row:
    """`row` with three dots in succession as one `\\cdots`: MathBrush groups an ellipsis dot by dot."""
    joined: list[Node] = []
    for node in row:
        joined.append(node)
        if joined[-3:] == [Symbol(".")] * 3:
            joined[-3:] = [Symbol(r"\cdots")]
    return tuple(joined)
