"""One line of Unicode text, to read in a terminal or a message: `(−b ± √(b² − 4ac))/(2a)`."""

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
    bounded,
    group,
    kind,
    table,
    takes_operand_before,
)
from unimumer.export.symbols import ARROWS, BIN, FUNCTION, INT, LIMIT, MARKS, OP, PUNCT, REL, sign
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol

_UP = str.maketrans("0123456789+−=()nix′∗", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱˣ′*")
_DOWN = str.maketrans("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_ROOTS = {"3": "∛", "4": "∜"}


@bounded
def to_unicode(row: Row) -> str:
    """The row as one line of text; ExportError for an environment that nobody here knows."""
    return _row(row)


def _row(row: Row) -> str:
    return _items(group(row))


def _items(items: list[Item]) -> str:
    out: list[str] = []
    before: Item | None = None
    for place, item in enumerate(items):
        shown = _attached(item) if type(item) is Attached else _CORES[type(item)](item)
        what = kind(item)
        if what == REL or (what == BIN and shown != "∘" and takes_operand_before(before) and place + 1 < len(items)):
            shown = f" {shown} "
        elif (what in (OP, INT) and type(item) is Attached) or what == PUNCT:
            shown += " "
        elif what in (FUNCTION, LIMIT):
            after = items[place + 1] if place + 1 < len(items) else None
            shown = " " * takes_operand_before(before) + shown + " " * (after is not None and type(after) is not Fence)
        out.append(shown)
        before = item
    return "".join(out).strip().replace("  ", " ")


def _core(core: Core) -> str:
    return _CORES[type(core)](core)


def _attached(item: Attached) -> str:
    base = "" if item.base is None else _core(item.base)
    if isinstance(item.base, Fraction) or (type(item.base) is Accent and len(item.base.body) > 1):
        base = f"({base})"
    return base + _script(item.sub, "_", _DOWN) + _script(item.sup, "^", _UP)


def _script(row: Row | None, mark: str, raised: dict[int, int]) -> str:
    if row is None:
        return ""
    text = _row(row)
    close = text.replace(" ", "")
    if text == "∘" and mark == "^":
        return "°"
    if all(ord(character) in raised for character in close):
        return close.translate(raised)
    return mark + (text if len(text) == 1 else f"({text})")


def _symbol(node: Symbol) -> str:
    return sign(node.token).text


def _number(node: Number) -> str:
    return node.text


def _negated(node: Negated) -> str:
    return normalize("NFC", sign(node.token).text + "\u0338")


def _fence(node: Fence) -> str:
    return sign(node.opening).text + _items(node.body) + sign(node.closing).text


def _operand(row: Row) -> str:
    """A row as a part of a fraction or under a root: in brackets, unless it is one number or one sign."""
    text = _row(row)
    items = group(row)
    simple = len(items) == 1 and type(items[0]) in (Symbol, Number, Fence, Radical)
    return text if simple else f"({text})"


def _fraction(node: Fraction) -> str:
    if node.command == "\\frac":
        return f"{_operand(node.above)}/{_operand(node.below)}"
    return f"({_row(node.above)} choose {_row(node.below)})"


def _stack(node: Stack) -> str:
    place = "_" if node.command == "\\underset" else "^"
    return f"{_operand(node.base)}{place}({_row(node.mark)})"


def _radical(node: Radical) -> str:
    if node.index is None:
        return f"√{_operand(node.radicand)}"
    index = _row(node.index)
    return f"{_ROOTS.get(index) or _script(node.index, '', _UP) + '√'}{_operand(node.radicand)}"


def _arrow(node: Arrow) -> str:
    below = f"_({_row(node.below)})" if node.below else ""
    above = f"^({_row(node.above)})" if node.above else ""
    return f" {ARROWS[node.command]}{below}{above} "


def _accent(node: Accent) -> str:
    mark, text = MARKS[node.command], _row(node.body)
    if mark.place == "box":
        return f"[{text}]"
    if mark.combining:
        return "".join(normalize("NFC", character + mark.combining) for character in text)
    return f"{mark.text}({text})"


def _environment(node: Environment) -> str:
    shown = table(node)
    rows = [", ".join(_row(cell) for cell in cells) for cells in shown.rows]
    # A bracket is needed even where the environment draws none: the rows have to end somewhere.
    plain = not shown.opening and not shown.closing
    opening, closing = ("[", "]") if plain else (shown.opening, shown.closing)
    start, end = (sign(token).text if token else "" for token in (opening, closing))
    return start + "; ".join(rows) + end


_CORES: dict[type, Callable[[Any], str]] = {
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
