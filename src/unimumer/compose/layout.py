"""Lays out a formula from its tree in real ink, spaced as people space their writing.

Sizes, offsets and gaps are drawn from those measured in real ink; symbols stand as large and as high in their row as
their writer wrote them. Coordinates: the line of the formula is at 0, its size is 1, y grows downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from random import Random

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.alphabet import KIN, WORDS
from unimumer.compose.arrange import InkPiece, Part
from unimumer.compose.formulas import LIMITS
from unimumer.compose.hands import BAR, ROOT, Block, Hand, Hands, NoInk, together
from unimumer.compose.library import Library
from unimumer.compose.measures import OTHER, Measures, group_of
from unimumer.latex import Accent, Environment, Fraction, Node, Radical, Row, Scripts, Symbol

_OPENING = frozenset(("(", "[", r"\{", r"\langle", r"\lfloor", r"\lceil"))
_CLOSING = frozenset((")", "]", r"\}", r"\rangle", r"\rfloor", r"\rceil"))
_BARS = frozenset(("|", r"\parallel"))
_AROUND = {
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "vmatrix": ("|", "|"),
    "Bmatrix": (r"\{", r"\}"),
}
_ACCENTS = {
    **dict.fromkeys((r"\bar", r"\overline", r"\underline"), (BAR, "-")),
    **dict.fromkeys((r"\vec", r"\overrightarrow"), (r"\rightarrow",)),
    **dict.fromkeys((r"\hat", r"\widehat"), (r"\wedge", r"\Lambda")),
    **dict.fromkeys((r"\tilde", r"\widetilde"), (r"\sim",)),
    **dict.fromkeys((r"\dot", r"\ddot"), (".",)),
}
"""The ink that a mark is drawn with: what it looks like."""
_WIDE = frozenset((r"\overline", r"\underline", r"\overrightarrow", r"\widehat", r"\widetilde"))
_SMALLEST = 0.36
"""Size of the smallest row, as deep as it may be."""
_TOUCH = 0.05
"""Least gap between two neighbors."""


class Layouts:
    """Lays out formulas in the ink of a library."""

    def __init__(self, library: Library, writer: NDArray[np.int32], random: Random) -> None:
        """`writer` [expressions of the library]."""
        self.measures, self.hands, self.random = Measures(library.rows), Hands(library, writer), random

    def lay_out(self, label: str, row: Row) -> InkPiece | None:
        """A formula in the ink of one hand, as far as that goes; None when nobody wrote one of its signs."""
        tokens = label.split()
        hand = self.hands.hand(set(tokens), self.random)
        try:
            block = _Scribe(self.measures, hand, self.random).row(row, 1.0)
        except NoInk:
            return None
        return InkPiece(tokens, block.parts, (block.left, block.top, block.right, block.bottom), 1.0, 0.0)


class _Scribe:
    """Writes one formula; how widely it spaces is the same throughout, more or less."""

    def __init__(self, measures: Measures, hand: Hand, random: Random) -> None:
        self.measures, self.hand, self.random = measures, hand, random
        self.habit: dict[str, float] = {}
        self.limits_beside = random.random() < 0.55

    def _at(self, what: str) -> float:
        """The quantile at which a measure is drawn: a habit of this hand, not quite kept to."""
        habit = self.habit.get(what)
        if habit is None:
            habit = self.habit[what] = self.random.random()
        return min(max(0.7 * habit + 0.3 * self.random.random(), 0.02), 0.98)

    # Rows

    def row(self, nodes: Row, size: float) -> Block:
        """Nodes from left to right, from 0 on, on the line at 0."""
        size = max(size, _SMALLEST)
        blocks = self._blocks(nodes, size)
        drift = 0.0
        placed: list[Block] = []
        for i, block in enumerate(blocks):
            drift = 0.85 * drift + self.random.gauss(0.0, 0.035) * size
            x = 0.0
            if i:
                gap = self.measures.gap(_group(nodes[i - 1], False), _group(nodes[i], True), self._at("gap"))
                x = placed[-1].right + max(gap, _TOUCH) * size
            placed.append(block.move(x - block.left, drift))
        return together(placed)

    def _blocks(self, nodes: Row, size: float) -> list[Block]:
        """Each node by itself on the line at 0; brackets as tall as what is between them."""
        matched = _matched(nodes)
        blocks: dict[int, Block] = {}
        for i, node in enumerate(nodes):
            if i not in matched:
                blocks[i] = self._node(node, size)
        for start, stop in sorted({(min(i, j), max(i, j)) for i, j in matched.items()}, key=lambda s: s[1] - s[0]):
            inner = [blocks[i] for i in range(start + 1, stop)]
            reach = self._reach(inner, size)
            for i in (start, stop):
                blocks[i] = self._node(nodes[i], size, reach)
        return [blocks[i] for i in range(len(nodes))]

    def _reach(self, inner: Sequence[Block], size: float) -> tuple[float, float] | None:
        """Top and bottom of brackets around something; None to leave them as written."""
        if not inner:
            return None
        top, bottom = min(block.top for block in inner), max(block.bottom for block in inner)
        if bottom - top < 1.25 * size and self.random.random() < 0.5:
            return None
        above, below = self.measures.draw(("bracket",), self._at("bracket"), (0.2, 0.2))
        top, bottom = top - max(above, -0.05) * size, bottom + max(below, -0.05) * size
        return min(top, -0.4 * size), max(bottom, 0.4 * size)

    # What stands in a row

    def _node(self, node: Node, size: float, reach: tuple[float, float] | None = None) -> Block:
        match node:
            case Symbol(token):
                return self._leaf(token, size, reach)
            case Scripts():
                return self._scripts(node, size, reach)
            case Fraction(command, above, below):
                return self._fraction(above, below, size) if command == r"\frac" else self._binomial(above, below, size)
            case Radical(radicand, index):
                return self._root(radicand, index, size)
            case Accent(command, body):
                return self._accent(command, body, size)
            case Environment(name, rows):
                return self._environment(name, rows, size)
        raise NoInk

    def _leaf(self, token: str, size: float, reach: tuple[float, float] | None = None) -> Block:
        if token in WORDS:
            return self._word(token[1:], size)
        symbol = self.hand.symbol(token)
        if reach is None:
            return self.hand.put(symbol, size)
        left, top, right, bottom = self.hand.box(symbol)
        tall, wide = (reach[1] - reach[0]) / max(bottom - top, 1e-3), self.hand.scale(symbol, size)
        return self.hand.fit(symbol, wide * min(max((tall / wide) ** 0.5, 0.7), 1.7) * (right - left), *reach)

    def _word(self, letters: str, size: float) -> Block:
        blocks: list[Block] = []
        for letter in letters:
            block = self.hand.put(self.hand.symbol(letter), size)
            gap = max(self.measures.gap("digit", "digit", self._at("word")) * 0.6, _TOUCH)
            blocks.append(block.move(blocks[-1].right + gap * size if blocks else 0.0, 0.0))
        return together(blocks)

    # Scripts and limits

    def _scripts(self, node: Scripts, size: float, reach: tuple[float, float] | None) -> Block:
        assert node.base is not None
        base = self._node(node.base, size, reach)
        token = node.base.token if isinstance(node.base, Symbol) else ""
        tall = not isinstance(node.base, Symbol) or token in _CLOSING or token in _BARS
        scripts: list[Block] = []
        for low, row in ((True, node.sub), (False, node.sup)):
            if row is not None and node.limits:
                scripts.append(self._limit(token, base, row, low, size))
            elif row is not None:
                scripts.append(self._script(base, row, low, tall, size))
        if len(scripts) > 1:  # a tall exponent may not reach down into the index
            scripts[1].move(0.0, -max(scripts[1].bottom + _TOUCH * size - scripts[0].top, 0.0))
        return together([base, *scripts])

    def _script(self, base: Block, row: Row, low: bool, tall: bool, size: float) -> Block:
        name = "sub" if low else "sup"
        usual = (0.6, 0.25, -0.1 if low else 0.0) if tall else (0.6, 0.2, 0.6 if low else -0.75)
        ratio, x, y = self.measures.draw((name, "tall" if tall else "plain"), self._at(name), usual)
        block = self.row(row, size * min(max(ratio, 0.42), 0.85))
        line = y * size + ((base.bottom if low else base.top) if tall else 0.0)
        block.move(base.right + max(x, -0.1) * size - block.left, line)
        middle = (base.top + base.bottom) / 2
        if low:  # neither up into the line, nor all beside the base
            line = max(0.02 * size if not tall else middle + 0.1 * size, base.bottom - 0.5 * size) - block.top
            block.move(0.0, max(line, 0.0))
        else:
            line = block.bottom - min(-0.02 * size if not tall else middle - 0.1 * size, base.top + 0.5 * size)
            block.move(0.0, -max(line, 0.0))
        beside = block.top < base.bottom and base.top < block.bottom
        return block.move(max(base.right + 2 * _TOUCH * size - block.left, 0.0), 0.0) if beside else block

    def _limit(self, token: str, base: Block, row: Row, low: bool, size: float) -> Block:
        name = "under" if low else "over"
        like = KIN.get(token, token) if token in LIMITS else r"\sum"
        beside = like == r"\int" and self.limits_beside
        key = (name, like if like in (r"\sum", r"\int", r"\lim") else r"\lim", "side" if beside else "straight")
        usual = (0.65, 0.3, -0.1 if low else 0.1) if beside else (0.65, 0.25, 0.0)
        ratio, one, other = self.measures.draw(key, self._at(name), usual)
        block = self.row(row, size * min(max(ratio, 0.45), 0.8))
        if beside:
            block.move(base.right + one * size, (base.bottom if low else base.top) + other * size)
            if block.top < base.bottom and base.top < block.bottom and not low:
                block.move(max(base.right + _TOUCH * size - block.left, 0.0), 0.0)
            return block
        off = min(max(other, -0.5), 0.5) * size if like != r"\int" else other * size
        gap = max(one, 0.08) * size
        y = base.bottom + gap - block.top if low else base.top - gap - block.bottom
        return block.move((base.left + base.right) / 2 + off - (block.left + block.right) / 2, y)

    # Fractions, binomials and roots

    def _fraction(self, above: Row, below: Row, size: float) -> Block:
        """The bar near the line, longer than what is longest above or below."""
        draw, at = self.measures.draw, self._at("frac")
        over, height = draw(("bar",), self._at("bar"), (0.5, 0.05))
        placed: list[tuple[Block, float, float]] = []
        for name, row in (("num", above), ("den", below)):
            ratio, gap, off = draw((name,), at, (0.8, 0.4, 0.0))
            placed.append((self.row(row, size * min(max(ratio, 0.55), 1.0)), max(gap, 0.14) * size, off * size))
        length = max(block.width for block, _, _ in placed) + min(max(over, 0.08), 1.4) * size
        bar = self._bar(length, size).move(0.0, height * size)
        y = (bar.top + bar.bottom) / 2
        for block, gap, off in placed:
            spare = (length - block.width) / 2
            x = length / 2 + min(max(off, -spare), spare) - (block.left + block.right) / 2
            block.move(x, y - gap - block.bottom if block is placed[0][0] else y + gap - block.top)
        return together([bar, *(block for block, _, _ in placed)])

    def _bar(self, length: float, size: float) -> Block:
        """A bar of that length from 0 on, its middle at 0, no more aslant than it was."""
        symbol = self.hand.symbol(BAR, "-")
        left, top, right, bottom = self.hand.box(symbol)
        stretch = length / max(right - left, 1e-3)
        half = (bottom - top) / 2 * min(stretch, self.hand.scale(symbol, size))
        return self.hand.fit(symbol, length, -half, half)

    def _binomial(self, above: Row, below: Row, size: float) -> Block:
        upper, lower = self.row(above, 0.8 * size), self.row(below, 0.8 * size)
        gap, width = self.random.uniform(0.2, 0.4) * size, max(upper.width, lower.width)
        for block, y in ((upper, -gap / 2 - upper.bottom), (lower, gap / 2 - lower.top)):
            block.move(width / 2 - (block.left + block.right) / 2, y)
        return self._enclosed(together([upper, lower]), "(", ")", size)

    def _enclosed(self, inner: Block, opening: str, closing: str, size: float) -> Block:
        """Brackets around something."""
        reach = self._reach([inner], size) or (inner.top, inner.bottom)
        left, right = (self._leaf(bracket, size, reach) for bracket in (opening, closing))
        inner.move(left.right + self.random.uniform(0.1, 0.35) * size - inner.left, 0.0)
        right.move(inner.right + self.random.uniform(0.1, 0.35) * size - right.left, 0.0)
        return together([left, inner, right])

    def _root(self, radicand: Row, index: Row | None, size: float) -> Block:
        """The roof above all of the radicand, the hook as wide as it was."""
        ratio, above, below, beyond = self.measures.draw(("rad",), self._at("rad"), (0.9, 0.3, 0.1, 0.3))
        inner = self.row(radicand, size * min(max(ratio, 0.75), 1.0))
        top, bottom = inner.top - max(above, 0.15) * size, inner.bottom + min(max(below, -0.2), 0.3) * size
        symbol = self.hand.symbol(ROOT)
        x0, y0, x1, y1 = self.hand.box(symbol)
        scale, hook = self.hand.scale(symbol, size), self.hand.hook(symbol)
        start = min(max(scale * (hook - x0), 0.4 * size), 1.3 * size)  # of the radicand
        scale = start / max(hook - x0, 1e-3)
        roof = inner.width + min(max(beyond, 0.0), 0.7) * size
        stretch = roof / max(x1 - hook, 1e-3) - scale
        d = (bottom - top) / max(y1 - y0, 1e-3)
        part: Part = (symbol, symbol + 1, scale, hook, stretch, -scale * x0, d, top - d * y0)
        sign = Block([part], 0.0, top, start + roof, bottom)
        inner.move(start - inner.left, 0.0)
        if index is None:
            return together([sign, inner])
        small = self.row(index, 0.55 * size)
        small.move(0.55 * start - small.right, (top + bottom) / 2 - 0.12 * size - small.bottom)
        return together([sign, small, inner])

    # Marks and tables

    def _accent(self, command: str, body: Row, size: float) -> Block:
        inner = self.row(body, size)
        symbol = self.hand.symbol(*_ACCENTS[command])
        x0, y0, x1, y1 = self.hand.box(symbol)
        gap = self.random.uniform(0.08, 0.25) * size
        if command in (r"\dot", r"\ddot"):
            return self._dotted(inner, symbol, 1 + (command == r"\ddot"), gap, size)
        share = self.random.uniform(0.95, 1.15) if command in _WIDE else self.random.uniform(0.6, 1.0)
        width = max(share * inner.width, 0.35 * size)
        height = (y1 - y0) * min(width / max(x1 - x0, 1e-3), 0.45 * size / max(y1 - y0, 1e-3))
        mark = self.hand.fit(symbol, width, -height, 0.0)
        x = (inner.left + inner.right) / 2 - width / 2 + self.random.gauss(0.0, 0.05) * size
        mark.move(x, inner.bottom + gap + height if command == r"\underline" else inner.top - gap)
        return together([mark, inner])

    def _dotted(self, inner: Block, symbol: int, number: int, gap: float, size: float) -> Block:
        dots = []
        for i in range(number):
            dot = self.hand.put(symbol, size)
            x = (inner.left + inner.right) / 2 + (i - (number - 1) / 2) * 0.3 * size
            dots.append(dot.move(x - dot.width / 2, inner.top - gap - dot.bottom))
        return together([*dots, inner])

    def _environment(self, name: str, rows: Sequence[Sequence[Row]], size: float) -> Block:
        """A table, its middle on the line."""
        cells = [[self.row(cell, size) if cell else None for cell in row] for row in rows]
        table = together(self._table(name, cells, size))
        table.move(0.0, -(table.top + table.bottom) / 2)
        if name == "cases":
            return self._behind_brace(table, size)
        return self._enclosed(table, *_AROUND[name], size) if name in _AROUND else table

    def _behind_brace(self, table: Block, size: float) -> Block:
        """Lines with a brace before them, which ends above or below them and is more or less curved."""
        over, under = (self.random.uniform(-0.35, 0.35) * size for _ in range(2))
        top, bottom = min(table.top - over, -0.5 * size), max(table.bottom + under, 0.5 * size)
        brace = self.hand.fit(self.hand.symbol(r"\{"), self.random.uniform(0.35, 0.9) * size, top, bottom)
        table.move(brace.right + self.random.uniform(0.1, 0.9) * size - table.left, 0.0)
        return together([brace, table])

    def _table(self, name: str, cells: list[list[Block | None]], size: float) -> list[Block]:
        """The cells in their places, those of a row on one line."""
        widths = [max((block.width for block in column if block), default=0.0) for column in zip_longest(*cells)]
        usual = self.random.uniform(0.7, 1.5)
        wide = self.measures.gap(OTHER, "relation", self._at("gap")) if name == "aligned" else usual
        lines = name == "cases"
        between, y = self.random.uniform(*((0.1, 1.1) if lines else (0.25, 0.6))) * size, 0.0
        placed: list[Block] = []
        for row in cells:
            some = [block for block in row if block]
            line = y - min([-0.5 * size, *(block.top for block in some)])
            x = self.random.uniform(0.0, 0.4) * size if lines else 0.0
            for column, block in enumerate(row):
                if block:
                    spare = (widths[column] - block.width) * _aligned(name, column)
                    placed.append(block.move(x + spare - block.left, line + self.random.gauss(0.0, 0.04) * size))
                x += widths[column] + max(wide, 0.15) * size * self.random.uniform(0.85, 1.15)
            y = max([line + 0.5 * size, *(block.bottom for block in some)]) + between
        if not placed:
            raise NoInk
        return placed


def _aligned(name: str, column: int) -> float:
    """Where the spare width of a column goes: 0 to the right of a cell, 1 to its left."""
    if name == "cases":
        return 0.0
    return 1.0 - column % 2 if name == "aligned" else 0.5


def _group(node: Node, of_base: bool) -> str:
    """How a node is spaced to its neighbor on the left, by its base, or to that on its right."""
    if isinstance(node, Scripts):
        return _group(node.base, of_base) if of_base and node.base is not None else "scripts"
    if isinstance(node, Symbol):
        if node.token in WORDS:
            return "function"
        if node.token in _OPENING or node.token in _CLOSING:
            return "open" if node.token in _OPENING else "close"
        return group_of(KIN.get(node.token, node.token))
    return "frac" if isinstance(node, Fraction) else "root" if isinstance(node, Radical) else OTHER


def _matched(nodes: Row) -> dict[int, int]:
    """Of every bracket that has a partner its place; pairs do not cross. Bars pair with something between."""
    found: dict[int, int] = {}
    open_: list[tuple[int, str]] = []
    for i, node in enumerate(nodes):
        base = node.base if isinstance(node, Scripts) else node
        token = base.token if isinstance(base, Symbol) else ""
        if token in _BARS and open_ and open_[-1][1] == token and i > open_[-1][0] + 1:
            start, _ = open_.pop()
            found |= {start: i, i: start}
        elif token in _OPENING or token in _BARS:
            if base is node:
                open_.append((i, token))
        elif token in _CLOSING:
            while open_ and open_[-1][1] in _BARS:
                open_.pop()
            if open_:
                start, _ = open_.pop()
                found |= {start: i, i: start}
    return found
