"""Endless training batches drawn from the corpus: single symbols, and whole expressions of like size together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.blemishes import blemished
from unimumer.compose.corpus import Corpus
from unimumer.compose.generator import Generator, Written
from unimumer.imaging.scale import CELL, CENTERED
from unimumer.ink.picture import paint
from unimumer.training.nano.conversation import Branch, ConversationWriter
from unimumer.training.nano.shape import MAX_COLUMNS, MAX_ROWS, SYMBOL_PIXELS

_EDGE = 4
"""White pixels around the ink, at least."""
_AS_READ = 0.5
"""Part of the expressions that are laid, but for a little chance, as `ink.picture` and `imaging.fit` lay ink: in the
middle, at one scale, in lines of one width. The others lie anywhere, at many scales, in lines of many widths."""
_READ_SYMBOL, _READ_PEN = 31.4, (1.7, 2.4)
"""Typical size of a stroke and bounds of the width of its line in such a picture, pixels."""
_SYMBOL_SIDE = 2 * CELL


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


@dataclass(frozen=True, slots=True)
class _Placed:
    """Ink in pixels, its upper left corner at the origin, not drawn yet."""

    written: Written
    points: NDArray[np.float32]
    """Of `written`, in pixels."""
    pen: float
    as_read: bool

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns it needs."""
        edge = CENTERED.margin if self.as_read else _EDGE
        width, height = np.ceil((self.points.max(axis=0) + 2 * edge + 1) / CELL).astype(int).tolist()
        return min(height, MAX_ROWS), min(width, MAX_COLUMNS)


class BatchSource:
    """Draws from the training part of a corpus."""

    def __init__(self, corpus: Corpus, conversation: ConversationWriter, seed: Sequence[int]) -> None:
        """`seed` makes the stream of batches."""
        self.corpus, self.conversation = corpus, conversation
        self.random = np.random.default_rng(list(seed))
        self.generator = Generator(corpus, np.flatnonzero(~corpus.validation), self.random)

    def symbols(self, batch: int) -> Iterator[SymbolBatch]:
        """Single symbols for ever, rare classes more often than they are written (square root of their count)."""
        while True:
            written = self.generator.symbols(batch)
            pictures = np.stack([self._symbol(one) for one in written])
            yield SymbolBatch(pictures, np.array([one.symbol_class[0] for one in written], np.int64))

    def expressions(self, cells: int, longest: int | None = None, pool: int | None = None) -> Iterator[ExpressionBatch]:
        """Expressions for ever, at most `cells` visual tokens a batch, labels of at most `longest` tokens.

        `pool` expressions at a time, by default enough for many batches, are sorted by size and by length, so that
        pictures and texts of a batch differ little: 48 padded cells a picture of 47, 24 padded tokens a label of 14.
        """
        pool = pool or max(8192, cells // 4)
        while True:
            placed = [self._place(written) for written in self.generator.expressions(pool, longest)]
            groups = list(_groups(placed, cells))
            for i in self.random.permutation(len(groups)):
                yield self._expression_batch(groups[i])

    def _symbol(self, written: Written) -> NDArray[np.uint8]:
        points, pen = self._scale(written.points, _SYMBOL_SIDE - 8, _SYMBOL_SIDE - 8)
        room = np.maximum(_SYMBOL_SIDE - 8 - np.ptp(points, axis=0), 0)
        return _paint(points + 4 + room * self.random.random(2), written.ends, _SYMBOL_SIDE, _SYMBOL_SIDE, pen)

    def _place(self, written: Written) -> _Placed:
        edge = 2 * _EDGE + 1
        room = MAX_COLUMNS * CELL - edge, MAX_ROWS * CELL - edge
        if self.random.random() < _AS_READ:
            pen, size = self.random.uniform(*_READ_PEN), _READ_SYMBOL * float(np.exp(self.random.normal(0, 0.05)))
            return _Placed(written, _scaled(written.points, size, *room), pen, as_read=True)
        points, pen = self._scale(written.points, *room)
        return _Placed(written, points, pen, as_read=False)

    def _scale(self, points: NDArray[np.float32], width: float, height: float) -> tuple[NDArray[np.float32], float]:
        """Bring ink to model scale, not larger than `width` x `height` pixels, corner at the origin; choose a pen."""
        pen = self.random.uniform(1.5, 3.7)
        scale = SYMBOL_PIXELS * float(np.exp(np.clip(self.random.normal(0, 0.15), -0.35, 0.35)))
        return _scaled(points, scale, width, height), pen

    def _expression_batch(self, group: list[_Placed]) -> ExpressionBatch:
        rows, columns = (max(side) for side in zip(*(placed.cells for placed in group)))
        pictures, cells = [], []
        for placed in group:
            picture, cell = self._draw(placed, rows, columns)
            pictures.append(picture)
            cells.append(cell)
        branches = self.conversation.branches([placed.written.label for placed in group], self.random)
        return ExpressionBatch(np.stack(pictures), self.conversation.before, branches, np.stack(cells))

    def _draw(self, placed: _Placed, rows: int, columns: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Paint on a sheet of `rows` x `columns` cells, and say which symbols each cell holds."""
        sheet = np.array([columns, rows]) * CELL
        room = np.maximum(sheet - 2 * _EDGE - 1 - placed.points.max(axis=0), 0)
        where = self.random.uniform(0.4, 0.6, 2) if placed.as_read else self.random.random(2)
        points = placed.points + _EDGE + room * where
        ends, symbol_class = placed.written.ends, placed.written.symbol_class
        picture = blemished(_paint(points, ends, rows * CELL, columns * CELL, placed.pen), self.random)
        return picture, _cells(points, ends, symbol_class, rows, columns, len(self.corpus.classes))


def _scaled(points: NDArray[np.float32], scale: float, width: float, height: float) -> NDArray[np.float32]:
    """Bring ink to pixels, the corner at the origin, not larger than `width` x `height`."""
    extent = np.ptp(points, axis=0).clip(1e-6)
    scale = min(scale, width / float(extent[0]), height / float(extent[1]))
    return np.asarray((points - points.min(axis=0)) * scale, np.float32)


def _paint(
    points: NDArray[np.floating], ends: NDArray[np.bool_], height: int, width: int, pen: float
) -> NDArray[np.uint8]:
    bounds = [0, *(np.flatnonzero(ends) + 1).tolist()]
    return paint([points[a:b] for a, b in pairwise(bounds)], height, width, pen, quick=True)


def _groups(placed: list[_Placed], cells: int) -> Iterator[list[_Placed]]:
    """Cut a pool, sorted by size, to groups whose common sheet times their number stays within `cells`."""
    group: list[_Placed] = []
    rows = columns = 0
    for item in sorted(placed, key=lambda item: (item.cells, len(item.written.label))):
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
    ends: NDArray[np.bool_],
    symbol_class: NDArray[np.int16],
    rows: int,
    columns: int,
    classes: int,
) -> NDArray[np.bool_]:
    """Multi-hot [rows * columns, classes]; lines between points are followed in quarter steps, enough for cell size."""
    step = np.arange(0, 1, 0.25)[:, None, None]
    joined = ~ends[:-1, None]
    ahead = np.where(joined, np.diff(points, axis=0), 0)
    dense = np.concatenate([(points[:-1] + step * ahead).reshape(-1, 2), points])
    owner = np.concatenate([np.tile(symbol_class[:-1], len(step)), symbol_class])
    column, row = (dense[owner >= 0] // CELL).astype(int).T
    out = np.zeros((rows * columns, classes), np.bool_)
    out[row.clip(0, rows - 1) * columns + column.clip(0, columns - 1), owner[owner >= 0]] = True
    return out
