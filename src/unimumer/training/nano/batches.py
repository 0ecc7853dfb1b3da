"""Endless training batches drawn from the corpus: single symbols, and whole expressions of like size together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unimumer.imaging.scale import CELL
from unimumer.ink.augment import Variation, vary
from unimumer.ink.raster import paint
from unimumer.training.nano.conversation import Branch, Conversation
from unimumer.training.nano.corpus import Corpus
from unimumer.training.nano.exchange import Written, exchange

SYMBOL_PIXELS = 24.0
"""Typical symbol size in a model's picture; the shipped processor scales to the same."""
MAX_ROWS, MAX_COLUMNS = 6, 28
"""Largest picture, in cells; larger ink is shrunk to fit."""
_EDGE = 4
"""White pixels around the ink, at least."""
_SYMBOL_SIDE = 2 * CELL
EXCHANGED = 0.85
"""Share of training expressions some of whose symbols are exchanged for kindred ones."""


@dataclass(frozen=True, slots=True)
class SymbolBatch:
    """Single symbols."""

    pictures: NDArray[np.uint8]
    """[batch, 56, 56], 0 ink, 255 paper."""
    classes: NDArray[np.int64]
    """[batch]: indices into `Corpus.classes`."""


@dataclass(frozen=True, slots=True)
class ExpressionBatch:
    """Expressions of like size."""

    pictures: NDArray[np.uint8]
    """[batch, height, width], 0 ink, 255 paper, sides multiples of a cell."""
    before: NDArray[np.int64]
    """[tokens]: the conversation up to the picture."""
    branches: tuple[Branch, ...]
    """What follows the picture, a branch a kind of conversation, recognition first."""
    cells: NDArray[np.bool_]
    """[batch, cells, classes]: which symbols have ink in each cell."""
    members: NDArray[np.int64]
    """[batch]: indices into the corpus."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """Ink in pixels, its upper left corner at the origin, not drawn yet."""

    member: int
    written: Written
    points: NDArray[np.float32]
    """Of `written`, in pixels."""
    pen: float

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns it needs."""
        width, height = np.ceil((self.points.max(axis=0) + 2 * _EDGE + 1) / CELL).astype(int).tolist()
        return height, width


class Source:
    """Draws from the training or the validation part of a corpus."""

    def __init__(
        self, corpus: Corpus, conversation: Conversation, seed: Sequence[int], validation: bool = False
    ) -> None:
        """`seed` makes the stream of batches; the validation part is drawn without variation."""
        self.corpus, self.conversation = corpus, conversation
        self.random = np.random.default_rng(list(seed))
        self.variation = None if validation else Variation()
        self.members = np.flatnonzero(corpus.validation == validation)
        self.lengths = np.array([len(label.split()) for label in corpus.labels])
        self._symbols = _symbol_index(corpus, self.members)
        self._by_class: dict[int, list[int]] = {}
        for i, (_, _, symbol_class) in enumerate(self._symbols):
            self._by_class.setdefault(symbol_class, []).append(i)

    def symbols(self, batch: int) -> Iterator[SymbolBatch]:
        """Single symbols for ever, rare classes more often than they are written (square root of their count)."""
        classes = np.array([symbol_class for _, _, symbol_class in self._symbols])
        count = np.bincount(classes, minlength=len(self.corpus.classes))
        weight = 1.0 / np.sqrt(count[classes])
        cumulative = np.cumsum(weight / weight.sum())
        while True:
            chosen = np.searchsorted(cumulative, self.random.random(batch)).clip(max=len(classes) - 1)
            yield SymbolBatch(np.stack([self._symbol(int(i)) for i in chosen]), classes[chosen])

    def expressions(self, cells: int, longest: int | None = None, pool: int = 1024) -> Iterator[ExpressionBatch]:
        """Expressions for ever, at most `cells` visual tokens a batch, labels of at most `longest` tokens.

        `pool` expressions at a time are sorted by size, so that pictures of a batch differ little.
        """
        members = self.members if longest is None else self.members[self.lengths[self.members] <= longest]
        while True:
            placed = [self._place(int(i)) for i in self.random.choice(members, pool)]
            groups = list(_groups(placed, cells))
            for i in self.random.permutation(len(groups)):
                yield self._expression_batch(groups[i])

    def once(self, cells: int) -> Iterator[ExpressionBatch]:
        """Every expression once."""
        for group in _groups([self._place(int(i)) for i in self.members], cells):
            yield self._expression_batch(group)

    def _symbol(self, index: int) -> NDArray[np.uint8]:
        member, chosen, _ = self._symbols[index]
        points = self.corpus.points[chosen]
        size = float(self.corpus.size[member])
        if self.variation:
            points = vary(points, np.zeros(len(points), np.int64), size, self.variation, self.random)
        points, pen = self._scale(points, size, _SYMBOL_SIDE - 8, _SYMBOL_SIDE - 8)
        room = np.maximum(_SYMBOL_SIDE - 8 - np.ptp(points, axis=0), 0)
        points = points + 4 + room * self.random.random(2)
        return paint(_strokes(points, self.corpus.stroke[chosen]), _SYMBOL_SIDE, _SYMBOL_SIDE, pen)

    def _place(self, member: int) -> _Placed:
        written, size = self._written(member), float(self.corpus.size[member])
        points = written.points
        if self.variation:
            points = vary(points, written.symbol.astype(np.int64), size, self.variation, self.random)
        edge = 2 * _EDGE + 1
        return _Placed(member, written, *self._scale(points, size, MAX_COLUMNS * CELL - edge, MAX_ROWS * CELL - edge))

    def _written(self, member: int) -> Written:
        """An expression of the corpus, in training mostly with some of its symbols exchanged."""
        span = slice(*self.corpus.starts[member : member + 2])
        corpus = self.corpus
        written = Written(
            corpus.labels[member],
            corpus.points[span],
            corpus.stroke[span],
            corpus.symbol[span],
            corpus.symbol_class[span],
        )
        if self.variation is None or self.random.random() > EXCHANGED:
            return written
        return exchange(written, self.corpus.classes, self._pick, self.corpus.points, self.corpus.stroke, self.random)

    def _pick(self, symbol_class: int) -> NDArray[np.int64] | None:
        """Points of some symbol of a class, by any writer of this part of the corpus."""
        known = self._by_class.get(symbol_class)
        return self._symbols[known[self.random.integers(len(known))]][1] if known else None

    def _scale(
        self, points: NDArray[np.float32], size: float, width: float, height: float
    ) -> tuple[NDArray[np.float32], float]:
        """Bring ink to model scale, not larger than `width` x `height` pixels, corner at the origin; choose a pen."""
        jitter, pen = (self.random.normal(0, 0.15), self.random.uniform(1.3, 3.2)) if self.variation else (0.0, 2.0)
        scale = SYMBOL_PIXELS / size * float(np.exp(np.clip(jitter, -0.35, 0.35)))
        extent = np.ptp(points, axis=0).clip(1e-6)
        scale = min(scale, width / float(extent[0]), height / float(extent[1]))
        return np.asarray((points - points.min(axis=0)) * scale, np.float32), float(pen)

    def _expression_batch(self, group: list[_Placed]) -> ExpressionBatch:
        rows, columns = (max(side) for side in zip(*(placed.cells for placed in group)))
        pictures, cells = [], []
        for placed in group:
            picture, cell = self._draw(placed, rows, columns)
            pictures.append(picture)
            cells.append(cell)
        members = np.array([placed.member for placed in group])
        branches = self.conversation.branches([placed.written.label for placed in group], self.random)
        return ExpressionBatch(np.stack(pictures), self.conversation.before, branches, np.stack(cells), members)

    def _draw(self, placed: _Placed, rows: int, columns: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Paint on a sheet of `rows` x `columns` cells, anywhere on it, and say which symbols each cell holds."""
        sheet = np.array([columns, rows]) * CELL
        room = np.maximum(sheet - 2 * _EDGE - 1 - placed.points.max(axis=0), 0)
        points = placed.points + _EDGE + room * self.random.random(2)
        stroke, symbol_class = placed.written.stroke, placed.written.symbol_class
        picture = paint(_strokes(points, stroke), rows * CELL, columns * CELL, placed.pen)
        return picture, _cells(points, stroke, symbol_class, rows, columns, len(self.corpus.classes))


def _symbol_index(corpus: Corpus, members: NDArray[np.int64]) -> list[tuple[int, NDArray[np.int64], int]]:
    """Every symbol as (expression, indices of its points, class)."""
    index = []
    for member in members.tolist():
        start, end = corpus.starts[member : member + 2].tolist()
        for symbol in range(int(corpus.symbol[start:end].max()) + 1):
            points = start + np.flatnonzero(corpus.symbol[start:end] == symbol)
            if len(points) and corpus.symbol_class[points[0]] >= 0:
                index.append((member, points, int(corpus.symbol_class[points[0]])))
    return index


def _strokes(points: NDArray[np.floating], stroke: NDArray[np.int32]) -> list[NDArray[np.floating]]:
    return np.split(points, np.flatnonzero(np.diff(stroke)) + 1)


def _groups(placed: list[_Placed], cells: int) -> Iterator[list[_Placed]]:
    """Cut a pool, sorted by size, to groups whose common sheet times their number stays within `cells`."""
    group: list[_Placed] = []
    rows = columns = 0
    for item in sorted(placed, key=lambda item: item.cells):
        wider, taller = max(columns, item.cells[1]), max(rows, item.cells[0])
        if group and taller * wider * (len(group) + 1) > cells:
            yield group
            group, taller, wider = [], item.cells[0], item.cells[1]
        group.append(item)
        rows, columns = taller, wider
    if group:
        yield group


def _cells(
    points: NDArray[np.floating],
    stroke: NDArray[np.int32],
    symbol_class: NDArray[np.int16],
    rows: int,
    columns: int,
    classes: int,
) -> NDArray[np.bool_]:
    """Multi-hot [rows * columns, classes]; lines between points are followed in quarter steps, enough for cell size."""
    step = np.arange(0, 1, 0.25)[:, None, None]
    joined = (np.diff(stroke) == 0)[:, None]
    ahead = np.where(joined, np.diff(points, axis=0), 0)
    dense = np.concatenate([(points[:-1] + step * ahead).reshape(-1, 2), points])
    owner = np.concatenate([np.tile(symbol_class[:-1], len(step)), symbol_class])
    column, row = (dense[owner >= 0] // CELL).astype(int).T
    out = np.zeros((rows * columns, classes), np.bool_)
    out[row.clip(0, rows - 1) * columns + column.clip(0, columns - 1), owner[owner >= 0]] = True
    return out
