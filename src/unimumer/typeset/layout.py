"""Place an expression as TeX does: sizes, gaps and shifts from the MATH table of the font.

Sources: The TeXbook, appendix G, for the rules and the spaces between classes; OpenType, chapter MATH, for what took
the place of TeX's font parameters. Time grows with the length of the expression times its depth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import normalize

from unimumer.errors import UnimumerError
from unimumer.export.groups import Attached, Core, Fence, Item, Negated, Number, group, over_and_under, table
from unimumer.export.symbols import BIN, CLOSE, FUNCTION, INT, LIMIT, OP, OPEN, ORD, PUNCT, REL, sign
from unimumer.latex import (
    Accent,
    Arrow,
    Environment,
    Fraction,
    Radical,
    Row,
    Stack,
    Symbol,
    parse,
    to_latex,
)
from unimumer.latex.commands import WITH_COLUMNS
from unimumer.latex.unicode import ACCENTS, ARROWS
from unimumer.latex.writer import is_bare, looks_like_option
from unimumer.typeset import rules
from unimumer.typeset.font import Glyph, glyph, is_missing, stretched
from unimumer.typeset.pieces import Piece, Shape, drawn, finished, word
from unimumer.typeset.rules import Style

MAX_TOKENS = 4000
"""Tokens of an expression that is typeset: several pages full of signs."""


class TypesetError(UnimumerError):
    """An expression that is not typeset; the message says why."""


@dataclass(frozen=True, slots=True)
class Box:
    """One glyph or line where it stands; lengths in em, x to the right, y down, the baseline at 0."""

    token: int
    """Index of the token that drew it among those of `to_latex(row).split()`. Brackets of an environment come from its
    `\\begin` and `\\end`, the line of a fraction from `\\frac`, the root sign and its line from `\\sqrt`."""
    text: str
    """The character; empty for a line."""
    left: float
    top: float
    right: float
    bottom: float
    shape: Shape
    """How to draw it; `x`, `y` and `size` say where the origin of its glyph stands and how large one em of it is."""
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Layout:
    """A typeset expression; lengths in em."""

    boxes: tuple[Box, ...]
    """In the order of their tokens; none begins to the left of 0."""
    width: float
    ascent: float
    """From the baseline up to the highest ink, and down to the lowest."""
    descent: float


def typeset(expression: str | Row) -> Layout:
    """Place a LaTeX expression, or its tree, in display style.

    Raises LatexError for text that does not parse, TypesetError for more than MAX_TOKENS tokens, and ExportError for
    an environment that nobody here knows.
    """
    row = parse(expression) if isinstance(expression, str) else expression
    if to_latex(row).count(" ") >= MAX_TOKENS:
        raise TypesetError(f"expected at most {MAX_TOKENS} tokens to typeset; cut the expression into parts")
    try:
        piece = _Setter().row(row, Style(True, 0))
        boxes = sorted((_box(*place) for place in piece.placed()), key=lambda box: box.token)
    except RecursionError:
        raise TypesetError("expected fewer brackets within brackets to typeset") from None
    left = min((box.left for box in boxes), default=0)
    if left < 0:  # the foot of an f reaches to the left of where it begins
        boxes = [replace(box, left=box.left - left, right=box.right - left, x=box.x - left) for box in boxes]
    right = max((box.right for box in boxes), default=0)
    return Layout(tuple(boxes), max(piece.width, right), piece.ascent, piece.descent)


def _box(x: float, y: float, piece: Piece) -> Box:
    shape, size, token = piece.shape, piece.size, piece.token
    top, bottom = -y - piece.ascent, piece.descent - y
    if isinstance(shape, Glyph):
        return Box(token, shape.text, x + shape.left * size, top, x + shape.right * size, bottom, shape, x, -y, size)
    return Box(token, "", x, top, x + piece.width, bottom, shape or "rule", x, -y, size)


# Spaces between classes in eighteenths of an em; negative where scripts have none.
_SPACES = {
    ORD: {OP: 3, BIN: -4, REL: -5, "inner": -3},
    OP: {ORD: 3, OP: 3, REL: -5, "inner": -3},
    BIN: {ORD: -4, OP: -4, OPEN: -4, "inner": -4},
    REL: {ORD: -5, OP: -5, OPEN: -5, "inner": -5},
    OPEN: {},
    CLOSE: {OP: 3, BIN: -4, REL: -5, "inner": -3},
    PUNCT: {ORD: -3, OP: -3, REL: -3, OPEN: -3, CLOSE: -3, PUNCT: -3, "inner": -3},
    "inner": {ORD: -3, OP: 3, BIN: -4, REL: -5, OPEN: -3, PUNCT: -3, "inner": -3},
}
_NO_OPERAND_BEFORE = frozenset({"", BIN, OP, REL, OPEN, PUNCT})
_NO_OPERAND_AFTER = frozenset({"", REL, CLOSE, PUNCT})
_CLASSES = {INT: OP, FUNCTION: OP, LIMIT: OP, **dict.fromkeys((OP, BIN, REL, OPEN, CLOSE, PUNCT))}


def _ends(item: Item) -> tuple[str, str]:
    """The classes of an item towards what stands before and behind it."""
    core = item.base if type(item) is Attached else item
    if type(core) is Stack:
        core = core.base[0] if len(core.base) == 1 and type(core.base[0]) is Symbol else core
    if type(core) is Symbol or type(core) is Negated:
        kind = sign(core.token).kind
        both = (_CLASSES[kind] or kind) if kind in _CLASSES else ORD
        return both, both
    if type(core) is Fence:
        return OPEN, CLOSE
    both = {Fraction: "inner", Environment: "inner", Arrow: REL}.get(type(core), ORD)
    return both, both


def _classes(items: list[Item]) -> list[tuple[str, str]]:
    """The classes of all items; a binary operator without two operands is none."""
    ends = [_ends(item) for item in items]
    for place, (kind, _) in enumerate(ends):
        if kind == BIN:
            before = ends[place - 1][1] if place else ""
            after = ends[place + 1][0] if place + 1 < len(ends) else ""
            if before in _NO_OPERAND_BEFORE or after in _NO_OPERAND_AFTER:
                ends[place] = (ORD, ORD)
    return ends


class _Setter:
    """Walks a tree in the order of its tokens, counting them."""

    def __init__(self) -> None:
        self.at = 0

    def take(self, count: int = 1) -> int:
        """The index of the current token, stepping over `count`."""
        self.at += count
        return self.at - count

    def row(self, row: Row, style: Style) -> Piece:
        return self.items(group(row), style, True)

    def braced(self, row: Row, style: Style) -> Piece:
        self.take()
        piece = self.row(row, style)
        self.take()
        return piece

    def items(self, items: list[Item], style: Style, first: bool = False) -> Piece:
        piece = Piece()
        before = ""
        x = 0.0
        for item, (left, right) in zip(items, _classes(items)):
            space = _SPACES[before].get(left, 0) if before else 0
            if space > 0 or not style.level:
                x += abs(space) / 18 * style.size
            part = self.attached(item, style, first) if type(item) is Attached else self.core(item, style)  # type: ignore[arg-type]
            piece.put(part, x)
            x += part.width
            before, first = right, False
        piece.width = x
        return finished(piece)

    def core(self, core: Core, style: Style) -> Piece:
        """An item without scripts; `_CORES` has one method for every kind, so that none is passed over."""
        return _CORES[type(core)](self, core, style)

    def symbol(self, node: Symbol, style: Style) -> Piece:
        shown = sign(node.token)
        token = self.take()
        if shown.kind in (OP, INT):
            piece = drawn(glyph(shown.text, "big" if style.display else ""), style.size, token)
            return rules.on_axis(piece, style)
        if len(shown.text) > 1:
            return word(shown.text, style.size, token)
        found = glyph(shown.text, "it" if shown.kind == ORD else "")
        return drawn(found, style.size, token)

    def number(self, node: Number, style: Style) -> Piece:
        piece = Piece()
        for digit in node.text:
            piece.put(drawn(glyph(digit), style.size, self.take()), piece.width)
        return piece

    def negated(self, node: Negated, style: Style) -> Piece:
        token = self.take(2)
        shown = sign(node.token).text
        composed = normalize("NFC", shown + "\u0338")
        if len(composed) == 1 and not is_missing(glyph(composed)):
            return drawn(glyph(composed), style.size, token)
        piece = word(shown, style.size, token)
        stroke = drawn(glyph("/"), style.size, token)
        width = piece.width
        piece.put(stroke, (width - stroke.width) / 2)
        piece.width = width
        return piece

    def fence(self, node: Fence, style: Style) -> Piece:
        start = self.take()
        body = self.items(node.body, style)
        return rules.fenced(sign(node.opening).text, body, sign(node.closing).text, style, start, self.take())

    def attached(self, item: Attached, style: Style, first: bool) -> Piece:
        if item.base is None:
            self.take(0 if first else 2)
            base = finished(Piece())
        else:
            base = self.core(item.base, style)
        self.take(item.limits)
        small = style.script()
        parts: list[Piece | None] = []
        for script in (item.sub, item.sup):
            if script is not None:
                self.take()
            parts.append(None if script is None else self.braced(script, small))
        sub, sup = parts
        if over_and_under(item, style.display):
            return rules.limits(base, sub, sup)
        core = item.base
        single = type(core) in (Symbol, Number) and sign(getattr(core, "token", "")).kind not in (OP, INT)
        return rules.scripts(base, sub, sup, style, single)

    def fraction(self, node: Fraction, style: Style) -> Piece:
        token = self.take()
        small = style.inner()
        above = self.braced(node.above, small)
        below = self.braced(node.below, small)
        if node.command == "\\frac":
            return rules.fraction(above, below, style, token)
        return rules.fenced("(", rules.stacked(above, below, style), ")", style, token, token)

    def stack(self, node: Stack, style: Style) -> Piece:
        self.take()
        mark = self.braced(node.mark, style.script())
        base = self.braced(node.base, style)
        return rules.limits(base, mark, None) if node.command == "\\underset" else rules.limits(base, None, mark)

    def option(self, option: Row, style: Style) -> Piece:
        """What stands in brackets, and in braces too when it has a bracket itself."""
        braces = "]" in to_latex(option).split()
        self.take(1 + braces)
        piece = self.row(option, style)
        self.take(1 + braces)
        return piece

    def radical(self, node: Radical, style: Style) -> Piece:
        token = self.take()
        index = None if node.index is None else self.option(node.index, Style(False, 2))
        return rules.radical(self.braced(node.radicand, style), index, style, token)

    def arrow(self, node: Arrow, style: Style) -> Piece:
        token = self.take()
        below = None if node.below is None else self.option(node.below, style.script())
        above = self.braced(node.above, style.script())
        width = max(above.width, below.width if below else 0) + style.size
        line = drawn(stretched(ARROWS[node.command], width / style.size, vertical=False), style.size, token)
        return rules.limits(line, below, above if node.above else None)

    def accent(self, node: Accent, style: Style) -> Piece:
        token = self.take()
        body = self.row(node.body, style) if is_bare(node) else self.braced(node.body, style)
        mark = ACCENTS[node.command]
        single = len(node.body) == 1 and type(node.body[0]) is Symbol
        return rules.marked(body, mark, style, token, single)

    def environment(self, node: Environment, style: Style) -> Piece:
        shown = table(node)
        start = self.take(2)
        if node.name in WITH_COLUMNS:
            self.take(2 + len(node.columns))
        inner = style if shown.joined else Style(False, style.level)
        if node.name == "\\substack":
            inner = Style(False, max(style.level, 1))
        cells: list[list[Piece]] = []
        for number, full in enumerate(node.rows):
            self.take(number > 0)
            self.take(2 * looks_like_option(to_latex(full[0]).split(), number, node.name))
            kept = shown.rows[number] if number < len(shown.rows) else ((),)
            self.take(len(full[0]) - len(kept[0]))
            cells.append([self._cell(cell, inner, place) for place, cell in enumerate(kept)])
        del cells[len(shown.rows) :]
        end = self.take(1 if node.name == "\\substack" else 2)
        body = rules.table(cells, shown, style, start)
        opening, closing = (sign(token).text if token else "" for token in (shown.opening, shown.closing))
        return rules.fenced(opening, body, closing, style, start, end)

    def _cell(self, cell: Row, style: Style, place: int) -> Piece:
        self.take(place > 0)
        return self.row(cell, style)


_CORES: dict[type, Callable[[_Setter, Any, Style], Piece]] = {
    Symbol: _Setter.symbol,
    Number: _Setter.number,
    Negated: _Setter.negated,
    Fence: _Setter.fence,
    Fraction: _Setter.fraction,
    Stack: _Setter.stack,
    Radical: _Setter.radical,
    Arrow: _Setter.arrow,
    Accent: _Setter.accent,
    Environment: _Setter.environment,
}
