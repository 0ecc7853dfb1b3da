"""Rebuilds the published label of an ink from the truth that its InkML file carries: TeX, or presentation MathML."""

from __future__ import annotations

import re
from dataclasses import replace

from unimumer.ink.model import Ink, InkError, MathNode
from unimumer.latex import Fraction, LatexError, Node, Radical, Row, Scripts, Symbol, map_rows, parse, to_latex
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


def layout_label(layout: MathNode) -> str:
    """The label, form with limits, that a MathML tree alone gives. Raises InkError where `read_layout` does."""
    return to_latex(_with_limits(read_layout(layout)))


def _truth(ink: Ink) -> Row:
    reasons = []
    for read in (_annotated, lambda ink: read_layout(ink.layout) if ink.layout else ()):
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
    return tuple(
        replace(node, limits=True) if isinstance(node, Scripts) and node.base in _LIMIT_OPERATORS else node
        for node in changed
    )
