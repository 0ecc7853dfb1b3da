"""AsciiMath: `(-b +- sqrt(b^2 - 4 a c))/(2 a)`. What it has no name for is written as the character or as text.

Source: asciimath.org, version 2.2. It has no boxes and no lines in tables; the first become the word `boxed`, the
others are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unicodedata import normalize

from unimumer.export.groups import (
    Attached,
    Core,
    Fence,
    Item,
    Negated,
    Number,
    apart,
    bounded,
    group,
    is_applicable,
    kind,
    leading_primes,
    table,
    takes_operand_before,
)
from unimumer.export.symbols import ARROWS, BIN, CLOSE, FUNCTION, LIMIT, MARKS, OPEN, PUNCT, UNKNOWN, sign
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol

_NEGATED = {"=": "!=", "\\in": "!in"}


@bounded
def to_asciimath(row: Row) -> str:
    """The row in AsciiMath, without its backquotes; ExportError for an environment that nobody here knows."""
    return _row(row, False)


def _row(row: Row, cell: bool) -> str:
    return _items(group(row), cell)


def _items(items: list[Item], cell: bool) -> str:
    out: list[str] = []
    before: Item | None = None
    close = False
    for item in items:
        shown = _attached(item, cell) if type(item) is Attached else _CORES[type(item)](item, cell)
        what = kind(item)
        if type(item) is Fraction and _takes_bracket(before):
            shown = f"{{:{shown}:}}"  # else the function would take the numerator alone
        applied = type(item) is Fence and item.opening == "(" and is_applicable(before)
        # A sign joins letters and digits only: `+-` and `->` would be signs of their own.
        if not out or applied or (close and shown[:1].isalnum()) or (what == PUNCT and shown[-1] in ",;"):
            out.append(shown)
        else:
            out += " ", shown
        close = what == BIN and shown in "+-" and not takes_operand_before(before)
        before = item
    return "".join(out)


def _like_a_table(items: list[Item]) -> bool:
    """Whether brackets around these items would be read as a matrix, whose rows are brackets with commas in them."""
    return bool(items) and type(items[0]) is Fence and type(items[-1]) is Fence


def _takes_bracket(item: Item | None) -> bool:
    """Whether AsciiMath reads a bracket behind an item as its argument."""
    core = item.base if type(item) is Attached else item
    return kind(item) in (FUNCTION, LIMIT) or (type(core) is Symbol and core.token in ("f", "g"))


def _core(core: Core, cell: bool) -> str:
    return _CORES[type(core)](core, cell)


def _attached(item: Attached, cell: bool) -> str:
    shown = "{::}" if item.base is None else _core(item.base, cell)
    if type(item.base) in (Fraction, Environment, Stack, Arrow):
        shown = f"{{:{shown}:}}"
    if item.sub is not None:
        shown += "_" + _group(item.sub, cell)
    primes = leading_primes(item.sup)
    rest = item.sup[primes:] if item.sup else ()
    return shown + "'" * primes + (f"^{_group(rest, cell)}" if rest else "")


def _group(row: Row, cell: bool) -> str:
    """A row as one operand; AsciiMath leaves out the brackets around it."""
    items = group(row)
    text = _items(items, cell or _like_a_table(items))
    simple = len(items) == 1 and type(items[0]) in (Symbol, Number) and kind(items[0]) != UNKNOWN
    return text if simple and text[:1].isalnum() else f"({text})"


def _symbol(node: Symbol, cell: bool) -> str:
    found = sign(node.token)
    # Single brackets would end what they stand in.
    if (
        found.kind in (UNKNOWN, OPEN)
        or (found.kind == CLOSE and found.text not in "!?")
        or (cell and found.text == ",")
    ):
        return f'"{found.text}"'
    return found.asciimath or found.text


def _number(node: Number, cell: bool) -> str:
    return node.text


def _negated(node: Negated, cell: bool) -> str:
    return _NEGATED.get(node.token) or normalize("NFC", sign(node.token).text + "\u0338")


def _fence(node: Fence, cell: bool) -> str:
    opening, closing = (sign(token).asciimath or sign(token).text for token in (node.opening, node.closing))
    body = apart(_items(node.body, cell or _like_a_table(node.body)))
    return f"abs({body})" if opening == "|" else f"{opening}{body}{closing}"


def _fraction(node: Fraction, cell: bool) -> str:
    if node.command == "\\frac":
        return f"{_group(node.above, cell)}/{_group(node.below, cell)}"
    return f"(({_row(node.above, True)}),({_row(node.below, True)}))"


def _stack(node: Stack, cell: bool) -> str:
    name = "underset" if node.command == "\\underset" else "overset"
    return f"{name}({_row(node.mark, cell)})({_row(node.base, cell)})"


def _radical(node: Radical, cell: bool) -> str:
    body = f"({_row(node.radicand, cell)})"
    return f"sqrt{body}" if node.index is None else f"root({_row(node.index, cell)}){body}"


def _arrow(node: Arrow, cell: bool) -> str:
    arrow = ARROWS[node.command]
    shown = f"overset({_row(node.above, cell)})({arrow})" if node.above else arrow
    return f"underset({_row(node.below, cell)})({shown})" if node.below else shown


def _accent(node: Accent, cell: bool) -> str:
    mark, body = MARKS[node.command], f"({_row(node.body, cell)})"
    if mark.asciimath:
        return mark.asciimath + body
    if mark.place in ("box", "strike"):
        return f'"{"boxed" if mark.place == "box" else "struck"}"{body}'
    return f'{"overset" if mark.place == "over" else "underset"}("{mark.text}"){body}'


def _environment(node: Environment, cell: bool) -> str:
    shown = table(node)
    opening, closing = (
        "|" if token == "\\parallel" else sign(token).text if token else other
        for token, other in ((shown.opening, "{:"), (shown.closing, ":}"))
    )
    left, right = ("[", "]") if opening == "[" else ("(", ")")
    rows = (left + ",".join(_row(cell, True) for cell in cells) + right for cells in shown.rows)
    return opening + ",".join(rows) + closing


_CORES: dict[type, Callable[[Any, bool], str]] = {
    Symbol: _symbol,
    Number: _number,
    Negated: _negated,
    Fence: _fence,
    Fraction: _fraction,
    Stack: _stack,
    Radical: _radical,
    Arrow: _arrow,
    Accent: _accent,
    Environment: _environment,
}
