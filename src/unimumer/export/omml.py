"""Office Math (OMML), what Word keeps its equations in.

Source: ECMA-376, part 1, chapter 22. It has no lines in tables; they are left out. An empty argument would show as a
dotted box in Word, so a space of no width stands in it.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape

from unimumer.export.groups import (
    ALIGNMENTS,
    Attached,
    Fence,
    Item,
    Negated,
    Number,
    core_of,
    kind,
    over_and_under,
    table,
)
from unimumer.export.symbols import BAR, BIN, CLOSE, FUNCTION, INT, LIMIT, OP, OPEN, PUNCT, REL, sign
from unimumer.export.writer import ItemWriter, bounded, struck
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol
from unimumer.latex.unicode import ACCENTS, ARROWS

_SPACE = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_NO_OPERAND = frozenset({BIN, REL, PUNCT, OPEN, CLOSE, BAR})
_NO_SUMMAND = frozenset({BIN, REL, PUNCT})
_STRIKES = {
    "/": ("strikeBLTR",),
    "\\": ("strikeTLBR",),
    "X": ("strikeBLTR", "strikeTLBR"),
    "-": ("strikeH",),
}


def _run(text: str, upright: bool = False) -> str:
    style = '<m:rPr><m:sty m:val="p"/></m:rPr>' if upright else ""
    return f"<m:r>{style}<m:t>{escape(text, quote=False)}</m:t></m:r>"


_NOTHING = _run("\u200b")


def _value(name: str, value: str) -> str:
    return f'<m:{name} m:val="{escape(value)}"/>'


@lru_cache(4096)
def _symbol_of(token: str) -> str:
    found = sign(token)
    return _run(found.text, upright=found.kind in (FUNCTION, LIMIT))


class _Omml(ItemWriter[bool]):
    """The place is whether it is in display style."""

    def part(self, name: str, row: Row | None, display: bool = False) -> str:
        return f"<m:{name}>{self.row(row or (), display) or _NOTHING}</m:{name}>"

    def items(self, items: list[Item], display: bool) -> str:
        out: list[str] = []
        at = 0
        while at < len(items):
            written, at = self.next(items, at, display)
            out.append(written)
        return "".join(out)

    def next(self, items: list[Item], at: int, display: bool) -> tuple[str, int]:
        """The item at `at`, with the argument of a function or what a sum or integral is of; and where to go on."""
        item = items[at]
        what = kind(item)
        if what in (FUNCTION, LIMIT):
            name = self.item(item, display)
            argument, end = _NOTHING, at + 1
            if end < len(items) and kind(items[end]) not in _NO_OPERAND:
                argument, end = self.next(items, end, display)
            return f"<m:func><m:fName>{name}</m:fName><m:e>{argument}</m:e></m:func>", end
        if what in (OP, INT):
            end = at + 1
            # A sign right behind belongs to what is summed, as in the sum of -x.
            end += end < len(items) and kind(items[end]) == BIN
            while end < len(items) and kind(items[end]) not in _NO_SUMMAND:
                end += 1
            return self.nary(item, self.items(items[at + 1 : end], display) or _NOTHING, display), end
        return self.methods[type(item)](item, display), at + 1

    def nary(self, item: Item, body: str, display: bool) -> str:
        sub, sup = (item.sub, item.sup) if type(item) is Attached else (None, None)
        core = core_of(item)
        assert isinstance(core, (Symbol, Negated))
        place = "undOvr" if type(item) is Attached and over_and_under(item, display) else "subSup"
        hidden = _value("subHide", "1") * (sub is None) + _value("supHide", "1") * (sup is None)
        properties = _value("chr", sign(core.token).text) + _value("limLoc", place) + hidden
        parts = (("sub", sub), ("sup", sup))
        scripts = "".join(f"<m:{name}/>" if row is None else self.part(name, row) for name, row in parts)
        return f"<m:nary><m:naryPr>{properties}</m:naryPr>{scripts}<m:e>{body}</m:e></m:nary>"

    def number(self, node: Number, display: bool) -> str:
        return _run(node.text)

    def attached(self, item: Attached, display: bool) -> str:
        base = _NOTHING if item.base is None else self.item(item.base, display)
        if over_and_under(item, display):
            if item.sub is not None:
                base = f"<m:limLow><m:e>{base}</m:e>{self.part('lim', item.sub)}</m:limLow>"
            return base if item.sup is None else f"<m:limUpp><m:e>{base}</m:e>{self.part('lim', item.sup)}</m:limUpp>"
        if item.sup is None:
            return f"<m:sSub><m:e>{base}</m:e>{self.part('sub', item.sub)}</m:sSub>"
        if item.sub is None:
            return f"<m:sSup><m:e>{base}</m:e>{self.part('sup', item.sup)}</m:sSup>"
        return f"<m:sSubSup><m:e>{base}</m:e>{self.part('sub', item.sub)}{self.part('sup', item.sup)}</m:sSubSup>"

    def symbol(self, node: Symbol, display: bool) -> str:
        return _symbol_of(node.token)

    def negated(self, node: Negated, display: bool) -> str:
        return _run(struck(node))

    def fenced(self, opening: str, body: str, closing: str) -> str:
        start, end = (sign(token).text if token else "" for token in (opening, closing))
        if not start and not end:
            return body
        properties = _value("begChr", start) + _value("endChr", end)
        return f"<m:d><m:dPr>{properties}</m:dPr><m:e>{body or _NOTHING}</m:e></m:d>"

    def fence(self, node: Fence, display: bool) -> str:
        return self.fenced(node.opening, self.items(node.body, display), node.closing)

    def fraction(self, node: Fraction, display: bool) -> str:
        parts = self.part("num", node.above) + self.part("den", node.below)
        if node.command == "\\frac":
            return f"<m:f>{parts}</m:f>"
        return self.fenced("(", f"<m:f><m:fPr>{_value('type', 'noBar')}</m:fPr>{parts}</m:f>", ")")

    def stack(self, node: Stack, display: bool) -> str:
        tag = "limLow" if node.command == "\\underset" else "limUpp"
        return f"<m:{tag}>{self.part('e', node.base, display)}{self.part('lim', node.mark)}</m:{tag}>"

    def radical(self, node: Radical, display: bool) -> str:
        body = self.part("e", node.radicand, display)
        if node.index is None:
            return f"<m:rad><m:radPr>{_value('degHide', '1')}</m:radPr><m:deg/>{body}</m:rad>"
        return f"<m:rad>{self.part('deg', node.index)}{body}</m:rad>"

    def arrow(self, node: Arrow, display: bool) -> str:
        shown = _run(ARROWS[node.command])
        if node.below:
            shown = f"<m:limLow><m:e>{shown}</m:e>{self.part('lim', node.below)}</m:limLow>"
        return f"<m:limUpp><m:e>{shown}</m:e>{self.part('lim', node.above)}</m:limUpp>" if node.above else shown

    def accent(self, node: Accent, display: bool) -> str:
        mark, body = ACCENTS[node.command], self.part("e", node.body, display)
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

    def environment(self, node: Environment, display: bool) -> str:
        shown = table(node)
        aligned = (_value("count", "1") + _value("mcJc", ALIGNMENTS[letter]) for letter in shown.align)
        columns = "".join(f"<m:mc><m:mcPr>{column}</m:mcPr></m:mc>" for column in aligned)
        rows = "".join(
            "<m:mr>"
            + "".join(self.part("e", cell, display and shown.joined) for cell in cells)
            + self.part("e", ()) * (len(shown.align) - len(cells))
            + "</m:mr>"
            for cells in shown.rows
        )
        matrix = f"<m:m><m:mPr>{_value('plcHide', '1')}<m:mcs>{columns}</m:mcs></m:mPr>{rows}</m:m>"
        return self.fenced(shown.opening, matrix, shown.closing)


_WRITER = _Omml()


@bounded
def to_omml(row: Row) -> str:
    """An `<m:oMathPara>` element, as it stands in a paragraph of a `.docx` file.

    ExportError for an environment that nobody here knows.
    """
    return f'<m:oMathPara xmlns:m="{_SPACE}"><m:oMath>{_WRITER.row(row, True)}</m:oMath></m:oMathPara>'
