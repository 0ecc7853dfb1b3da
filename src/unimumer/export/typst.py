"""Typst: what stands between the dollar signs. Whatever the label holds comes out as signs or as text, never as code.

Source: the reference of Typst 0.15, chapter Math. Inside the arguments of a function `,`, `;`, `:` and single brackets
mean something, so they are escaped there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
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
from unimumer.export.symbols import ARROWS, BIN, LIMIT, MARKS, OP, PUNCT, UNKNOWN, sign
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol

_SPECIAL = frozenset(",;:")
_BRACKETS = frozenset("()[]{}⟮⟯⌜⌝⌞⌟")
_PAIRS = {("(", ")"), ("[", "]"), ("\\{", "\\}")}
_FUNCTIONS = {"|": "abs", "\\lfloor": "floor", "\\lceil": "ceil"}


class _Where(NamedTuple):
    inside: bool
    """Among the arguments of a function."""
    display: bool


@bounded
def to_typst(row: Row) -> str:
    """The content of a Typst equation for the row, without its dollar signs; put spaces between for display style.

    ExportError for an environment that nobody here knows.
    """
    only = row[0] if len(row) == 1 else None
    if type(only) is Environment and table(only).joined:
        rows = table(only).rows
        return " \\ ".join(" & ".join(_row(cell, _Where(False, True)) for cell in cells) for cells in rows)
    return _row(row, _Where(False, True))


def _row(row: Row, where: _Where) -> str:
    return _items(group(row), where)


def _items(items: list[Item], where: _Where) -> str:
    out: list[str] = []
    before: Item | None = None
    close = False
    for item in items:
        shown = _attached(item, where) if type(item) is Attached else _CORES[type(item)](item, where)
        what = kind(item)
        applied = shown[:1] == "(" and type(item) is Fence and is_applicable(before)
        # A sign joins letters and digits only: `+-` and `->` would be signs of their own.
        if not out or applied or (close and shown[:1].isalnum()) or (what == PUNCT and shown[-1] in ",;"):
            out.append(shown)
        else:
            out += " ", shown
        close = what == BIN and shown in "+-" and not takes_operand_before(before)
        before = item
    return "".join(out)


def _argument(row: Row, where: _Where, display: bool = False) -> str:
    return _row(row, _Where(True, display and where.display)) or '""'


def _core(core: Core, where: _Where) -> str:
    return _CORES[type(core)](core, where)


def _attached(item: Attached, where: _Where) -> str:
    base, sub, sup = item.base, item.sub, item.sup
    shown = '""' if base is None else _core(base, where)
    if type(base) is Accent and MARKS[base.command].typst in ("overbrace", "underbrace", "overbracket", "underbracket"):
        note, other = (sup, sub) if MARKS[base.command].place == "over" else (sub, sup)
        if note is not None and other is None:
            return f"{shown[:-1]}, {_argument(note, where)})"
        shown = f"limits({shown})"
    elif item.limits and not (where.display and kind(item) in (OP, LIMIT)):
        shown = f"limits({_core(base, _Where(True, where.display)) if base else shown})"
    primes = leading_primes(sup)
    rest = sup[primes:] if sup else ()
    shown += "'" * primes
    if sub is not None:
        shown += "_" + _script(sub, where)
    return shown + ("^" + _script(rest, where) if rest else "")


def _script(row: Row, where: _Where) -> str:
    items = group(row)
    text = _items(items, _Where(where.inside, False))
    plain = len(items) == 1 and type(items[0]) in (Symbol, Number) and text[0].isalnum()
    return text if plain else f"({text})"


def _symbol(node: Symbol, where: _Where) -> str:
    found = sign(node.token)
    if found.kind == UNKNOWN:
        return _text(found.text)
    if found.text in _BRACKETS or (where.inside and found.text in _SPECIAL):
        return "\\" + found.text
    return found.typst or found.text


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _number(node: Number, where: _Where) -> str:
    return node.text


def _negated(node: Negated, where: _Where) -> str:
    composed = normalize("NFC", sign(node.token).text + "\u0338")
    return composed if len(composed) == 1 else f"cancel({_symbol(Symbol(node.token), _Where(True, False))})"


def _fence(node: Fence, where: _Where) -> str:
    if node.opening in _FUNCTIONS:
        return f"{_FUNCTIONS[node.opening]}({_items(node.body, where._replace(inside=True)) or chr(34) * 2})"
    if (node.opening, node.closing) in _PAIRS:
        return sign(node.opening).text + apart(_items(node.body, where)) + sign(node.closing).text
    inner = where._replace(inside=True)
    opening, closing = (_symbol(Symbol(token), inner) for token in (node.opening, node.closing))
    return f"lr({opening} {_items(node.body, inner)} {closing})"


def _fraction(node: Fraction, where: _Where) -> str:
    name = "frac" if node.command == "\\frac" else "binom"
    return f"{name}({_argument(node.above, where)}, {_argument(node.below, where)})"


def _stack(node: Stack, where: _Where) -> str:
    mark = "_" if node.command == "\\underset" else "^"
    return f"limits({_argument(node.base, where, True)}){mark}{_script(node.mark, where)}"


def _radical(node: Radical, where: _Where) -> str:
    body = _argument(node.radicand, where, True)
    return f"sqrt({body})" if node.index is None else f"root({_argument(node.index, where)}, {body})"


def _arrow(node: Arrow, where: _Where) -> str:
    below = f"_{_script(node.below, where)}" if node.below else ""
    above = f"^{_script(node.above, where)}" if node.above else ""
    return f"stretch({ARROWS[node.command]}, size: #150%){below}{above}"


def _accent(node: Accent, where: _Where) -> str:
    mark = MARKS[node.command]
    if mark.place == "box":
        body = _row(node.body, _Where(False, where.display))
        shape = "circle" if node.command == "\\textcircled" else "box"
        return f'class("normal", #{shape}(stroke: 0.5pt, inset: 3pt, $ {body} $))'
    body = _argument(node.body, where, True)
    if mark.typst.endswith(")"):
        return f"{mark.typst[:-1]}, {body})"
    return f"{mark.typst}({body})" if mark.typst else f"limits({body})_{'tilde.op' if mark.text == '~' else mark.text}"


def _environment(node: Environment, where: _Where) -> str:
    shown = table(node)
    inner = _Where(True, shown.joined and where.display)
    if node.name.endswith("cases"):
        # Typst aligns to the right and to the left in turn: the doubled sign leaves out a column to the right.
        written = [[_row(cell, inner) for cell in cells] for cells in shown.rows]
        rows = ", ".join("& " + " quad && ".join(cells) for cells in written)
        return f"cases({'' if shown.opening else 'reverse: #true, '}{rows})"
    delimiter = {"": "#none", "\\parallel": '"||"'}.get(shown.opening, f'"{sign(shown.opening).text}"')
    options = [f"delim: {delimiter}"]
    if set(shown.align) != {"c"}:
        options.append(f"align: #{'left' if shown.align[:1] == 'l' else 'right'}")
    lines = {
        "hline": [at for at in shown.lines if 0 < at < len(shown.rows)],
        "vline": [at for at in shown.bars if 0 < at < len(shown.align)],
    }
    if any(lines.values()):
        augmented = ", ".join(f"{name}: ({', '.join(map(str, at))},)" for name, at in lines.items() if at)
        options.append(f"augment: #({augmented})")
    rows = "; ".join(", ".join(_row(cell, inner) or '""' for cell in cells) for cells in shown.rows)
    return f"mat({', '.join(options)}, {rows})"


_CORES: dict[type, Callable[[Any, _Where], str]] = {
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
