"""MathML Core, and HTML with it.

Source: MathML Core and the operator dictionary in it; `menclose`, which Core left out, also says by CSS what it draws.
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
    Table,
    group,
    is_tall,
    kind,
    over_and_under,
    table,
    takes_operand_before,
)
from unimumer.export.readable import to_readable
from unimumer.export.symbols import (
    BAR,
    BIN,
    CLOSE,
    FUNCTION,
    LIMIT,
    NUMBER,
    OPEN,
    ORD,
    UNKNOWN,
    sign,
)
from unimumer.export.writer import ItemWriter, bounded, struck
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol
from unimumer.latex.unicode import ACCENTS, ARROWS

_START = '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"'
_EMPTY = "<mrow></mrow>"
_HALF = '<mspace width="0.5em"></mspace>'
_THIN = '<mspace width="0.1667em"></mspace>'
# Signs of class `ord` that MathML counts among the operators.
_OPERATORS = frozenset({"/", ".", "′", "‵", "…", "⋯", "⋮", "⋱", "¬", "∀", "∃", "∄", "\\"})
_STRIKES = {
    "/": ("updiagonalstrike", "to top left"),
    "\\": ("downdiagonalstrike", "to top right"),
    "X": ("updiagonalstrike downdiagonalstrike", "to top left"),
    "-": ("horizontalstrike", "to top"),
}
_STROKE = (
    "transparent calc(50% - 0.6px), currentcolor calc(50% - 0.6px), "
    "currentcolor calc(50% + 0.6px), transparent calc(50% + 0.6px)"
)


@lru_cache(4096)
def _symbol_of(token: str) -> str:
    text, kind_of, *_ = sign(token)
    shown = escape(text, quote=False)
    if kind_of == UNKNOWN:
        return f"<mtext>{shown}</mtext>"
    if kind_of == NUMBER:
        return f"<mn>{shown}</mn>"
    if kind_of in (FUNCTION, LIMIT):
        return f"<mi>{shown}</mi>"
    if kind_of == ORD and text not in _OPERATORS:
        upright = ' mathvariant="normal"' if "Α" <= text <= "Ω" or text == "∇" else ""
        return f"<mi{upright}>{shown}</mi>"
    if kind_of in (OPEN, BAR) or (kind_of == CLOSE and text not in "!?"):
        return f'<mo stretchy="false">{shown}</mo>'
    return f'<mo lspace="0" rspace="0">{shown}</mo>' if text == "." else f"<mo>{shown}</mo>"


def _cell_style(shown: Table, r: int, c: int) -> str:
    """MathML Core leaves alignment and lines of a table to CSS."""
    align, bars, lines, rows = shown.align, shown.bars, shown.lines, len(shown.rows)
    side = ALIGNMENTS[align[c]] if align[c] != "c" else ""
    # Chromium aligns formulas in a cell by its own values only.
    style = f"text-align: {side}; text-align: -webkit-{side}" if side else ""
    sides = [("left", c in bars), ("right", c + 1 == len(align) and c + 1 in bars)]
    sides += [("top", r in lines), ("bottom", r + 1 == rows and rows in lines)]
    parts = ([style] if style else []) + (["padding: 0.3ex 0"] if shown.joined else [])
    parts += [f"border-{side}: 1px solid" for side, drawn in sides if drawn]
    return f' style="{"; ".join(parts)}"' if parts else ""


class _Mathml(ItemWriter[bool]):
    """The place is whether it is in display style."""

    def one(self, row: Row, display: bool) -> str:
        """A row as one element."""
        items = group(row)
        written = self.items(items, display)
        return written if len(items) == 1 else f"<mrow>{written}</mrow>"

    def items(self, items: list[Item], display: bool) -> str:
        out: list[str] = []
        before: Item | None = None
        for place, item in enumerate(items):
            shown = _symbol_of(item.token) if type(item) is Symbol else self.item(item, display)
            group_kind = kind(item)
            if group_kind == BIN and len(items) > 1 and type(item) is Symbol and not takes_operand_before(before):
                shown = shown.replace("<mo", '<mo form="prefix"', 1)
            elif group_kind in (FUNCTION, LIMIT):
                if takes_operand_before(before):
                    out.append(_THIN)
                if place + 1 < len(items):
                    shown += "<mo>\u2061</mo>" + ("" if type(items[place + 1]) is Fence else _THIN)
            out.append(shown)
            before = item
        return "".join(out)

    def number(self, node: Number, display: bool) -> str:
        return f"<mn>{node.text}</mn>"

    def attached(self, item: Attached, display: bool) -> str:
        base = _EMPTY if item.base is None else self.item(item.base, display)
        if item.limits:
            base = base.replace("<mo>", '<mo movablelimits="false">', 1)
        low, high = ("under", "over") if over_and_under(item, display) else ("sub", "sup")
        if item.sup is None:
            return f"<m{low}>{base}{self.one(item.sub or (), False)}</m{low}>"
        if item.sub is None:
            return f"<m{high}>{base}{self.one(item.sup, False)}</m{high}>"
        return f"<m{low}{high}>{base}{self.one(item.sub, False)}{self.one(item.sup, False)}</m{low}{high}>"

    def symbol(self, node: Symbol, display: bool) -> str:
        return _symbol_of(node.token)

    def negated(self, node: Negated, display: bool) -> str:
        return f"<mo>{escape(struck(node), quote=False)}</mo>"

    def fenced(self, opening: str, body: str, closing: str, tall: bool = True) -> str:
        start, end = (sign(token).text if token else "" for token in (opening, closing))
        # Browsers keep room for the largest form of a bracket that may grow.
        grows = "true" if tall else "false"
        left = f'<mo form="prefix" fence="true" stretchy="{grows}">{start}</mo>' if start else ""
        right = f'<mo form="postfix" fence="true" stretchy="{grows}">{end}</mo>' if end else ""
        return f"<mrow>{left}{body}{right}</mrow>" if left or right else body

    def fence(self, node: Fence, display: bool) -> str:
        return self.fenced(node.opening, self.items(node.body, display), node.closing, is_tall(node.body))

    def fraction(self, node: Fraction, display: bool) -> str:
        thickness = "" if node.command == "\\frac" else ' linethickness="0"'
        shown = f"<mfrac{thickness}>{self.one(node.above, False)}{self.one(node.below, False)}</mfrac>"
        return self.fenced("(", shown, ")") if thickness else shown

    def stack(self, node: Stack, display: bool) -> str:
        tag = "munder" if node.command == "\\underset" else "mover"
        return f"<{tag}>{self.one(node.base, display)}{self.one(node.mark, False)}</{tag}>"

    def radical(self, node: Radical, display: bool) -> str:
        if node.index is None:
            return f"<msqrt>{self.row(node.radicand, display)}</msqrt>"
        return f"<mroot>{self.one(node.radicand, display)}{self.one(node.index, False)}</mroot>"

    def arrow(self, node: Arrow, display: bool) -> str:
        line = f'<mo stretchy="true">{ARROWS[node.command]}</mo>'
        above, below = (f"<mrow>{_HALF}{self.row(row or (), False)}{_HALF}</mrow>" for row in (node.above, node.below))
        if node.below is None:
            return f"<mover>{line}{above}</mover>"
        return f"<munderover>{line}{below}{above}</munderover>"

    def accent(self, node: Accent, display: bool) -> str:
        mark = ACCENTS[node.command]
        if mark.place == "box":
            style = "border: 1px solid; padding: 0.25em"
            notation = "circle" if node.command == "\\textcircled" else "box"
            style += "; border-radius: 50%" if notation == "circle" else ""
            return f'<menclose notation="{notation}" style="{style}">{self.row(node.body, display)}</menclose>'
        if mark.place == "strike":
            notation, towards = _STRIKES[mark.text]
            style = f"background: linear-gradient({towards}, {_STROKE})"
            return f'<menclose notation="{notation}" style="{style}">{self.row(node.body, display)}</menclose>'
        tag, accent = ("mover", "accent") if mark.place == "over" else ("munder", "accentunder")
        small = node.command in ("\\hat", "\\tilde", "\\check", "\\vec", "\\bar")
        stretchy = "false" if small else "true"
        # Of a hat only the combining character has longer forms in fonts.
        text = mark.combining if node.command == "\\widehat" else escape(mark.text)
        sign_of = f'<mo stretchy="{stretchy}">{text}</mo>'
        return f'<{tag} {accent}="true">{self.one(node.body, display)}{sign_of}</{tag}>'

    def environment(self, node: Environment, display: bool) -> str:
        shown = table(node)
        attributes = f' columnalign="{" ".join(ALIGNMENTS[letter] for letter in shown.align)}"'
        if shown.joined:
            attributes += ' displaystyle="true" columnspacing="0.28em"'
        if shown.bars:
            inner = " ".join("solid" if at in shown.bars else "none" for at in range(1, len(shown.align)))
            attributes += f' columnlines="{inner}"' if inner else ""
        if shown.lines:
            inner = " ".join("solid" if at in shown.lines else "none" for at in range(1, len(shown.rows)))
            attributes += f' rowlines="{inner}"' if inner else ""
        rows = []
        for r, cells in enumerate(shown.rows):
            styled = (_cell_style(shown, r, c) for c in range(len(cells)))
            written = (f"<mtd{style}>{self.row(cell, shown.joined)}</mtd>" for style, cell in zip(styled, cells))
            rows.append(f"<mtr>{''.join(written)}</mtr>")
        return self.fenced(shown.opening, f"<mtable{attributes}>{''.join(rows)}</mtable>", shown.closing)


_WRITER = _Mathml()


@bounded
def to_mathml(row: Row) -> str:
    """A `<math>` element in display style; ExportError for an environment that nobody here knows."""
    return f"{_START}>{_WRITER.row(row, True)}</math>"


@bounded
def to_html(row: Row) -> str:
    """The `<math>` element with the LaTeX beside it: as `alttext` where MathML is not shown, and to copy from."""
    latex = escape(to_readable(row))
    annotation = f'<annotation encoding="application/x-tex">{latex}</annotation>'
    return f'{_START} alttext="{latex}"><semantics><mrow>{_WRITER.row(row, True)}</mrow>{annotation}</semantics></math>'
