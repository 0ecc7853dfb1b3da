"""Whose ink a laid-out formula is filled with: one hand's symbols where it has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.arrange import Part
from unimumer.compose.library import Library
from unimumer.compose.measures import between
from unimumer.compose.tree import Box, InkItem, InkRow

OTHER_HAND = 0.15
"""How often a token comes from another hand than the formula's, though that has it."""
_TRIES = 4
"""Hands to choose from by how many of a formula's tokens they have written."""
_USUAL = (0.02, 0.98)
"""What is written larger, smaller, higher or lower than these quantiles of its token is no model."""
_DOTS = frozenset((".", r"\cdot", ","))
"""What has no size by which a lone one could be brought to that of a row; taken only where there are no others."""
BAR, ROOT = "bar", "root"
"""Keys of the bars of fractions and of the signs of roots, whose tokens are not what is asked for."""


class NoInk(Exception):
    """Nobody wrote a sign of the formula."""


class Block:
    """Placed ink: parts in the order of the label, and the box around them."""

    __slots__ = ("bottom", "left", "parts", "right", "top")

    def __init__(self, parts: list[Part], left: float, top: float, right: float, bottom: float) -> None:
        """Take over `parts`."""
        self.parts = parts
        self.left, self.top, self.right, self.bottom = left, top, right, bottom

    def move(self, x: float, y: float) -> Block:
        """Shift all of it."""
        self.parts = [(f, la, a, k, b, c + x, d, e + y) for f, la, a, k, b, c, d, e in self.parts]
        self.left, self.right = self.left + x, self.right + x
        self.top, self.bottom = self.top + y, self.bottom + y
        return self

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left


def together(blocks: Sequence[Block]) -> Block:
    """Blocks as one, in this order."""
    parts = [part for block in blocks for part in block.parts]
    left, top = min(block.left for block in blocks), min(block.top for block in blocks)
    return Block(parts, left, top, max(block.right for block in blocks), max(block.bottom for block in blocks))


class Hands:
    """Symbols of a library by token and by the writer's number."""

    def __init__(self, library: Library, writer: NDArray[np.int32]) -> None:
        """`writer` [expressions of the library]."""
        size, axis = library.frame.T.astype(np.float64)
        left, top, right, bottom = library.box.T.astype(np.float64)
        self.box: list[Box] = list(map(tuple, library.box.astype(np.float64).tolist()))
        self.frame: list[tuple[float, float]] = list(zip(size.tolist(), axis.tolist()))
        self.hook: dict[int, float] = {}
        """Of the sign of a root where its radicand begins, in the sign's own ink."""
        shape = [(right - left) / size, (bottom - top) / size, ((top + bottom) / 2 - axis) / size]
        self._shape = np.stack(shape, axis=1)
        found = self._symbols(library)
        self.all = {token: self._usual(np.array(symbols)) for token, symbols in found.items()}
        of_writer: defaultdict[int, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        who = writer[library.expression].tolist()
        for token, symbols in self.all.items():
            for symbol in symbols:
                of_writer[who[symbol]][token].append(symbol)
        self.who = who
        self.by_writer = {number: dict(tokens) for number, tokens in of_writer.items()}
        self.writers = [number for number, tokens in self.by_writer.items() if len(tokens) > 9] or list(self.by_writer)

    def _symbols(self, library: Library) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for row in library.rows:
            for item in row.items:
                self._note(item.base or item, row, found)
        sized = _DOTS & found.keys()
        in_tree = {symbol for symbols in found.values() for symbol in symbols}
        alone = np.flatnonzero((library.frame == (1.0, 0.0)).all(axis=1) & (library.room == 1.0).all(axis=1))
        for symbol in alone.tolist():
            token = library.classes[library.symbol_class[symbol]]
            if symbol not in in_tree and library.symbol_class[symbol] >= 0 and token not in sized:
                found[token].append(symbol)
        return found

    def _note(self, item: InkItem, row: InkRow, found: defaultdict[str, list[int]]) -> None:
        if item.kind == "frac":
            found[BAR].append(item.first)
        elif item.kind == "root" and "idx" not in item.slots:
            hook = item.slots["rad"].box[0]
            if item.mark[0] < hook < item.mark[2] and item.mark[3] - item.mark[1] > 0.3 * row.size:
                found[ROOT].append(item.first)
                self.hook[item.first] = hook
        elif item.last == item.first + 1:
            found[item.token].append(item.first)

    def _usual(self, symbols: NDArray[np.int64]) -> list[int]:
        if len(symbols) < 20:
            return list(symbols.tolist())
        return list(symbols[between(self._shape[symbols], _USUAL)].tolist())

    def hand(self, tokens: set[str], random: Random) -> Hand:
        """The one of some hands that has most of the tokens."""
        some = [self.by_writer[random.choice(self.writers)] for _ in range(_TRIES)]
        return Hand(self, max(some, key=lambda written: len(tokens & written.keys())), random)


class Hand:
    """What one formula is written with: the same few symbols of a token again and again."""

    def __init__(self, hands: Hands, own: dict[str, list[int]], random: Random) -> None:
        """`own` are the symbols of the writer by token."""
        self._hands, self._own, self._random = hands, own, random
        self._chosen: dict[str, list[int]] = {}

    def symbol(self, *tokens: str) -> int:
        """A symbol of the library for the first of these tokens that anybody wrote. Raises NoInk."""
        for token in tokens:
            chosen = self._chosen.get(token)
            if chosen is None:
                chosen = self._chosen[token] = self._some(token)
            if chosen:
                return self._random.choice(chosen)
        raise NoInk

    def box(self, symbol: int) -> Box:
        """Its box in its own ink."""
        return self._hands.box[symbol]

    def hook(self, symbol: int) -> float:
        """Of the sign of a root where its radicand begins, in its own ink."""
        return self._hands.hook[symbol]

    def scale(self, symbol: int, size: float) -> float:
        """By how much a symbol grows to stand in a row of this size as it did in its own."""
        return size / self._hands.frame[symbol][0]

    def put(self, symbol: int, size: float) -> Block:
        """A symbol as its writer wrote it in a row of this size, from 0 on, on the line at 0."""
        left, top, right, bottom = self._hands.box[symbol]
        own, axis = self._hands.frame[symbol]
        scale = size / own
        shift = -scale * axis
        part: Part = (symbol, symbol + 1, scale, 0.0, 0.0, -scale * left, scale, shift)
        return Block([part], 0.0, scale * top + shift, scale * (right - left), scale * bottom + shift)

    def fit(self, symbol: int, width: float, top: float, bottom: float) -> Block:
        """A symbol as wide and between these heights, from 0 on."""
        x0, y0, x1, y1 = self._hands.box[symbol]
        a, d = width / max(x1 - x0, 1e-3), (bottom - top) / max(y1 - y0, 1e-3)
        return Block([(symbol, symbol + 1, a, 0.0, 0.0, -a * x0, d, top - d * y0)], 0.0, top, width, bottom)

    def _some(self, token: str) -> list[int]:
        """Up to six symbols of one hand, the writer's if possible."""
        mine = self._own.get(token)
        if not mine or self._random.random() < OTHER_HAND:
            everybody = self._hands.all.get(token)
            if not everybody:
                return []
            one = self._random.choice(everybody)
            mine = self._hands.by_writer[self._hands.who[one]][token]
        return mine if len(mine) <= 6 else self._random.sample(mine, 6)
