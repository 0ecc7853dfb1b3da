"""Office Math (OMML), what Word keeps its equations in.

Source: ECMA-376, part 1, chapter 22. It has no lines in tables; they are left out. An empty argument would show as a
dotted box in Word, so a space of no width stands in it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from html import escape
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
    over_and_under,
    table,
)
from unimumer.export.symbols import ARROWS, BAR, BIN, CLOSE, FUNCTION, INT, LIMIT, MARKS, OP, OPEN, PUNCT, REL, sign
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol

_SPACE = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_NO_OPERAND = frozenset({BIN, REL, PUNCT, OPEN, CLOSE, BAR})
_NO_SUMMAND = frozenset({BIN, REL, PUNCT})
_STRIKES = {
    "/": ("strikeBLTR",),
    "\\": ("strikeTLBR",),
    "X": ("strikeBLTR", "strikeTLBR"),
    "-": ("strikeH",),
}


@bounded
def to_omml(row: Row) -> str:
    """An `<m:oMathPara>` element, as it stands in a paragraph of a `.docx` file.

    ExportError for an environment that nobody here knows.
    """
    return f'<m:oMathPara xmlns:m="{_SPACE}"><m:oMath>{_row(row, True)}</m:oMath></m:oMathPara>'


def _run(text: str, upright: bool = False) -> str:
    style = '<m:rPr><m:sty m:val="p"/></m:rPr>' if upright else ""
    return f"<m:r>{style}<m:t>{escape(text, quote=False)}</m:t></m:r>"


_NOTHING = _run("\u200b")


def _value(name: str, value: str) -> str:
    return f'<m:{name} m:val="{escape(value)}"/>'


def _row(row: Row, display: bool) -> str:
    return _items(group(row), display)


def _part(name: str, row: Row | None, display: bool = False) -> str:
    return f"<m:{name}>{_row(row or (), display) or _NOTHING}</m:{name}>"


def _items(items: list[Item], display: bool) -> str:
    out: list[str] = []
    at = 0
    while at < len(items):
        written, at = _next(items, at, display)
        out.append(written)
    return "".join(out)


def _next(items: list[Item], at: int, display: bool) -> tuple[str, int]:
    """The item at `at`, with the argument of a function or what a sum or integral is of; and where to go on."""
    item = items[at]
    what = kind(item)
    if what in (FUNCTION, LIMIT):
        name = _attached(item, display) if type(item) is Attached else _CORES[type(item)](item, display)
        argument, end = _NOTHING, at + 1
        if end < len(items) and kind(items[end]) not in _NO_OPERAND:
            argument, end = _next(items, end, display)
        return f"<m:func><m:fName>{name}</m:fName><m:e>{argument}</m:e></m:func>", end
    if what in (OP, INT):
        end = at + 1
        # A sign right behind belongs to what is summed, as in the sum of -x.
        while end < len(items) and (kind(items[end]) not in _NO_SUMMAND or (end == at + 1 and kind(items[end]) == BIN)):
            end += 1
        return _nary(item, _items(items[at + 1 : end], display) or _NOTHING, display), end
    written = _attached(item, display) if type(item) is Attached else _CORES[type(item)](item, display)
    return written, at + 1


def _nary(item: Item, body: str, display: bool) -> str:
    sub, sup = (item.sub, item.sup) if type(item) is Attached else (None, None)
    core = item.base if type(item) is Attached else item
    assert isinstance(core, (Symbol, Negated))
    place = "undOvr" if type(item) is Attached and over_and_under(item, display) else "subSup"
    hidden = _value("subHide", "1") * (sub is None) + _value("supHide", "1") * (sup is None)
    properties = _value("chr", sign(core.token).text) + _value("limLoc", place) + hidden
    scripts = ("<m:sub/>" if sub is None else _part("sub", sub)) + ("<m:sup/>" if sup is None else _part("sup", sup))
    return f"<m:nary><m:naryPr>{properties}</m:naryPr>{scripts}<m:e>{body}</m:e></m:nary>"


def _core(core: Core, display: bool) -> str:
    return _CORES[type(core)](core, display)


def _attached(item: Attached, display: bool) -> str:
    base = _NOTHING if item.base is None else _core(item.base, display)
    if over_and_under(item, display):
        if item.sub is not None:
            base = f"<m:limLow><m:e>{base}</m:e>{_part('lim', item.sub)}</m:limLow>"
        return base if item.sup is None else f"<m:limUpp><m:e>{base}</m:e>{_part('lim', item.sup)}</m:limUpp>"
    if item.sup is None:
        return f"<m:sSub><m:e>{base}</m:e>{_part('sub', item.sub)}</m:sSub>"
    if item.sub is None:
        return f"<m:sSup><m:e>{base}</m:e>{_part('sup', item.sup)}</m:sSup>"
    return f"<m:sSubSup><m:e>{base}</m:e>{_part('sub', item.sub)}{_part('sup', item.sup)}</m:sSubSup>"


@lru_cache(4096)
def _symbol_of(token: str) -> str:
    found = sign(token)
    return _run(found.text, upright=found.kind in (FUNCTION, LIMIT))


def _symbol(node: Symbol, display: bool) -> str:
    return _symbol_of(node.token)


def _number(node: Number, display: bool) -> str:
    return _run(node.text)


def _negated(node: Negated, display: bool) -> str:
    return _run(normalize("NFC", sign(node.token).text + "\u0338"))


def _fenced(opening: str, body: str, closing: str) -> str:
    start, end = (sign(token).text if token else "" for token in (opening, closing))
    if not start and not end:
        return body
    properties = _value("begChr", start) + _value("endChr", end)
    return f"<m:d><m:dPr>{properties}</m:dPr><m:e>{body or _NOTHING}</m:e></m:d>"


def _fence(node: Fence, display: bool) -> str:
    return _fenced(node.opening, _items(node.body, display), node.closing)


def _fraction(node: Fraction, display: bool) -> str:
    parts = _part("num", node.above) + _part("den", node.below)
    if node.command == "\\frac":
        return f"<m:f>{parts}</m:f>"
    return _fenced("(", f"<m:f><m:fPr>{_value('type', 'noBar')}</m:fPr>{parts}</m:f>", ")")


def _stack(node: Stack, display: bool) -> str:
    tag = "limLow" if node.command == "\\underset" else "limUpp"
    return f"<m:{tag}>{_part('e', node.base, display)}{_part('lim', node.mark)}</m:{tag}>"


def _radical(node: Radical, display: bool) -> str:
    body = _part("e", node.radicand, display)
    if node.index is None:
        return f"<m:rad><m:radPr>{_value('degHide', '1')}</m:radPr><m:deg/>{body}</m:rad>"
    return f"<m:rad>{_part('deg', node.index)}{body}</m:rad>"


def _arrow(node: Arrow, display: bool) -> str:
    shown = _run(ARROWS[node.command])
    if node.below:
        shown = f"<m:limLow><m:e>{shown}</m:e>{_part('lim', node.below)}</m:limLow>"
    return f"<m:limUpp><m:e>{shown}</m:e>{_part('lim', node.above)}</m:limUpp>" if node.above else shown


def _accent(node: Accent, display: bool) -> str:
    mark, body = MARKS[node.command], _part("e", node.body, display)
    over = mark.place == "over"
    if mark.place == "box":
        return f"<m:borderBox>{body}</m:borderBox>"
    if mark.place == "strike":
        hidden = "".join(_value(f"hide{side}", "1") for side in ("Top", "Bot", "Left", "Right"))
        lines = "".join(_value(line, "1") for line in _STRIKES[mark.text])
        return f"<m:borderBox><m:borderBoxPr>{hidden}{lines}</m:borderBoxPr>{body}</m:borderBox>"
    if mark.text in "‾_":
        return f"<m:bar><m:barPr>{_value('pos', 'top' if over else 'bot')}</m:barPr>{body}</m:bar>"
    if over and mark.combining:
        return f"<m:acc><m:accPr>{_value('chr', mark.combining)}</m:accPr>{body}</m:acc>"
    place = _value("pos", "top" if over else "bot") + _value("vertJc", "bot" if over else "top")
    return f"<m:groupChr><m:groupChrPr>{_value('chr', mark.text)}{place}</m:groupChrPr>{body}</m:groupChr>"


def _environment(node: Environment, display: bool) -> str:
    shown = table(node)
    names = {"l": "left", "c": "center", "r": "right"}
    columns = "".join(
        f"<m:mc><m:mcPr>{_value('count', '1')}{_value('mcJc', names[letter])}</m:mcPr></m:mc>" for letter in shown.align
    )
    rows = "".join(
        "<m:mr>"
        + "".join(_part("e", cell, display and shown.joined) for cell in cells)
        + _part("e", ()) * (len(shown.align) - len(cells))
        + "</m:mr>"
        for cells in shown.rows
    )
    matrix = f"<m:m><m:mPr>{_value('plcHide', '1')}<m:mcs>{columns}</m:mcs></m:mPr>{rows}</m:m>"
    return _fenced(shown.opening, matrix, shown.closing)


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
