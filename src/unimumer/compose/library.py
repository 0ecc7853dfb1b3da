"""Symbols of many expressions as arrays, in the order of the labels, with the trees: what compositions draw on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.alphabet import KIN
from unimumer.compose.corpus import Corpus
from unimumer.compose.frames import class_frames, fit_frames
from unimumer.compose.tree import Box, InkRow, NoTree, read_tree
from unimumer.latex import LatexError

TOLERANCE = 0.012
"""How far lines may move when points are left out, in typical symbol sizes: a third of a pixel."""
_LONGEST = 0.5
"""Longest line between points that is made by leaving some out, in typical symbol sizes."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression; untied ones have no tree."""

    member: int
    tokens: list[str]
    first: int
    last: int
    tree: InkRow | None


class Library:
    """Symbols by number: `box`, `symbol_class`, … are arrays over them. Units: typical sizes of their expression."""

    def __init__(self, corpus: Corpus, members: NDArray[np.int64]) -> None:
        """Take in the expressions `members` of the corpus, lines moved by at most `TOLERANCE`."""
        self.classes = corpus.classes
        order, expression, size = _in_label_order(corpus, members)
        points = (corpus.points[order] / size[:, None]).astype(np.float32)
        new_symbol = _changes(expression, corpus.token[order], corpus.symbol[order])
        new_stroke = new_symbol | _changes(corpus.stroke[order])
        kept = simplify(points, new_stroke, TOLERANCE)
        self.points, order, expression = points[kept], order[kept], expression[kept]
        self.ends = np.append(new_stroke[kept][1:], True)
        """[points]: the last of its stroke."""
        begins = np.flatnonzero(new_symbol[kept])
        self.start = np.append(begins, len(kept))
        """[symbols + 1]: where the points of each symbol begin."""
        self.box = np.concatenate(
            [np.minimum.reduceat(self.points, begins), np.maximum.reduceat(self.points, begins)], axis=1
        )
        self.symbol_class = corpus.symbol_class[order][begins]
        self.expression, self.token = expression[begins], corpus.token[order][begins].astype(np.int64)
        together = np.unique(self.expression * 2**16 + self.token, return_inverse=True)[1]
        self.single = (self.token >= 0) & (np.bincount(together)[together] == 1)
        """[symbols]: whether it alone writes its token."""
        self.room = rooms(self.box, self.expression)
        self.expressions, self.rows = self._trees(corpus, members)
        self.frame = fit_frames(self.rows, self.box, self.symbol_class, len(corpus.classes))
        """[symbols, 2]: size and line of the row that each stands in."""
        self._scale_lone(corpus.lone[members][self.expression])

    def _scale_lone(self, lone: NDArray[np.bool_]) -> None:
        """Give symbols [symbols] that were written by themselves the size and height that their class has in a row.

        A class that no expression has takes after its kin. The row is of size 1, its line at 0.
        """
        if not lone.any():
            return
        classes, written = len(self.classes), ~lone
        large, high, count = class_frames(self.frame[written], self.box[written], self.symbol_class[written], classes)
        number = {token: i for i, token in enumerate(self.classes)}
        kin = np.array([i if count[i] else number.get(KIN.get(t, t), i) for i, t in enumerate(self.classes)])
        place = np.flatnonzero(lone)
        box, of_class = self.box[place].astype(np.float64), kin[self.symbol_class[place]]
        scale = large[of_class] / np.maximum((box[:, 2:] - box[:, :2]).max(axis=1), 1e-3)
        middle = (box[:, :2] + box[:, 2:]) / 2
        to = np.stack([np.zeros(len(place)), high[of_class]], axis=1)
        for i, factor, old, new in zip(place.tolist(), scale.tolist(), middle, to):
            of_symbol = slice(self.start[i], self.start[i + 1])
            self.points[of_symbol] = (self.points[of_symbol] - old) * factor + new
        shift = (box.reshape(-1, 2, 2) - middle[:, None]) * scale[:, None, None] + to[:, None]
        self.box[place] = shift.reshape(-1, 4)
        self.frame[place] = (1.0, 0.0)
        self.room[place] = 1.0

    def _trees(self, corpus: Corpus, members: NDArray[np.int64]) -> tuple[list[Expression], list[InkRow]]:
        """Expressions, and all their rows, outer ones first."""
        bounds = np.searchsorted(self.expression, np.arange(len(members) + 1)).tolist()
        boxes: list[Box] = [tuple(box) for box in self.box.tolist()]
        found: list[Expression] = []
        rows: list[InkRow] = []
        for member, first, last in zip(members.tolist(), bounds, bounds[1:]):
            if corpus.lone[member]:
                continue
            tokens, tied = corpus.labels[member].split(), self.token[first] >= 0
            before = (first + np.searchsorted(self.token[first:last], np.arange(len(tokens) + 1))).tolist()
            try:
                tree = read_tree(corpus.labels[member], before.__getitem__, boxes[first:last], first) if tied else None
            except (NoTree, LatexError):
                tree = None
            found.append(Expression(member, tokens, first, last, tree))
            rows += _all_rows(tree) if tree else ()
        for number, row in enumerate(rows):
            row.number = number
        return found, rows


def _all_rows(row: InkRow) -> list[InkRow]:
    return [row, *(inner for child in row.children for inner in _all_rows(child))]


def _in_label_order(
    corpus: Corpus, members: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Points of the members by token, symbol and stroke; for each its place among the members, and its unit."""
    lengths = np.diff(corpus.starts)[members]
    expression = np.repeat(np.arange(len(members)), lengths)
    points = ranges(corpus.starts[members], lengths)
    order = np.lexsort((corpus.stroke[points], corpus.symbol[points], corpus.token[points], expression))
    return points[order], expression[order], np.repeat(corpus.size[members], lengths)[order]


def ranges(first: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.int64]:
    """`first[0]`, `first[0] + 1`, … for `length[0]` numbers, then the same for the next, as one array."""
    ends = np.cumsum(length)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(first - ends + length, length)


def rooms(box: NDArray[np.float32], expression: NDArray[np.integer]) -> NDArray[np.float32]:
    """[symbols, 4]: how far it is to the next ink to the left, above, right and below, at most 1."""
    length = np.bincount(expression)
    first = np.cumsum(length) - length
    one = np.repeat(np.arange(len(box)), length[expression])
    other = ranges(first[expression], length[expression])
    room = np.ones((len(box), 4), np.float32)
    for axis in (0, 1):
        low, high, side = box[:, axis], box[:, 2 + axis], 1 - axis
        beside = (box[one, side] < box[other, 2 + side]) & (box[other, side] < box[one, 2 + side]) & (one != other)
        middle = low + high
        after = beside & (middle[other] > middle[one])
        np.minimum.at(room[:, 2 + axis], one[after], (low[other] - high[one])[after])
        before = beside & (middle[other] <= middle[one])
        np.minimum.at(room[:, axis], one[before], (low[one] - high[other])[before])
    return np.maximum(room, 0)


def _changes(*columns: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Where a value differs from the one before, the first included."""
    differs = np.zeros(len(columns[0]), np.bool_)
    differs[:1] = True
    for column in columns:
        differs[1:] |= column[1:] != column[:-1]
    return differs


def simplify(points: NDArray[np.float32], begins: NDArray[np.bool_], tolerance: float) -> NDArray[np.int64]:
    """Indices of the points that are enough to draw by; `begins` marks the first of each stroke, which stays.

    Every second one goes where the line hardly changes, again and again.
    """
    kept = np.arange(len(points))
    for _ in range(8):
        x, y = points[kept].T
        first = begins[kept]
        number = np.arange(len(kept))
        place = number - np.maximum.accumulate(np.where(first, number, 0))
        inner = np.flatnonzero((place[:-1] % 2 == 1) & ~first[1:])
        before, after = inner - 1, inner + 1
        chord_x, chord_y = x[after] - x[before], y[after] - y[before]
        off_x, off_y = x[inner] - x[before], y[inner] - y[before]
        square = chord_x**2 + chord_y**2
        along = ((off_x * chord_x + off_y * chord_y) / np.maximum(square, 1e-12)).clip(0, 1)
        off = (off_x - along * chord_x) ** 2 + (off_y - along * chord_y) ** 2
        gone = inner[(off < tolerance**2) & (square < _LONGEST**2)]
        if not len(gone):
            break
        kept = np.delete(kept, gone)
    return kept
