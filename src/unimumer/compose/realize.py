"""Turns many composed pieces at once to ink: symbols with their maps, then points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.arrange import InkPiece
from unimumer.compose.library import Library, ranges
from unimumer.compose.variation import Variation, vary


@dataclass(frozen=True, slots=True)
class PlacedInk:
    """The symbols of many expressions, those of one together, each with its map from library ink to its place."""

    expression: NDArray[np.int64]
    """[symbols]"""
    symbol: NDArray[np.int64]
    """[symbols]: numbers in the library."""
    maps: NDArray[np.float64]
    """[symbols, 6]: x goes to a x + b max(x - k, 0) + c, y to d y + e; columns a, k, b, c, d, e."""
    tied: NDArray[np.bool_]
    """[symbols]: whether it alone writes one token of the label."""

    def boxes(self, library: Library) -> NDArray[np.float64]:
        """Left, top, right, bottom of each symbol in its place."""
        box = library.box[self.symbol].astype(np.float64)
        a, k, b, c, d, e = self.maps.T[:, :, None]
        x = a * box[:, ::2] + b * np.maximum(box[:, ::2] - k, 0) + c
        y = d * box[:, 1::2] + e
        return np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1)

    def frames(self, library: Library) -> NDArray[np.float64]:
        """Size and line of the row of each symbol in its place."""
        size, axis = library.frame[self.symbol].T.astype(np.float64)
        return np.stack([self.maps[:, 4] * size, self.maps[:, 4] * axis + self.maps[:, 5]], axis=1)


Columns = tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int64], NDArray[np.int16]]
"""Of one expression, a row a point: place in typical symbol sizes; whether it is the last of its stroke; number of its
symbol, counted through all expressions in the order of the labels; class of the symbol."""


def place(pieces: Sequence[InkPiece], library: Library) -> PlacedInk:
    """The symbols of the pieces."""
    parts = np.array([part for piece in pieces for part in piece.parts], np.float64)
    owner = np.repeat(np.arange(len(pieces)), [len(piece.parts) for piece in pieces])
    first = parts[:, 0].astype(np.int64)
    length = parts[:, 1].astype(np.int64) - first
    symbol = ranges(first, length)
    return PlacedInk(np.repeat(owner, length), symbol, np.repeat(parts[:, 2:], length, axis=0), library.single[symbol])


def realize(
    placement: PlacedInk,
    expressions: int,
    library: Library,
    variation: Variation,
    random: np.random.Generator,
    rescaled: bool = True,
) -> Iterator[Columns]:
    """The points of each expression, all symbols in their places, varied.

    `rescaled` brings the typical stroke of each expression to 1.
    """
    count = np.diff(library.start)[placement.symbol]
    at = ranges(library.start[placement.symbol], count)
    a, k, b, c, d, e = np.repeat(placement.maps.astype(np.float32), count, axis=0).T
    x, y = library.points[at].T
    points = np.stack([a * x + b * np.maximum(x - k, 0) + c, d * y + e], axis=1)
    symbol = np.repeat(np.arange(len(count)), count)
    points = vary(points, symbol, placement.expression, variation, random)
    of_expression = np.bincount(placement.expression, count, expressions).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(of_expression)])
    ends = library.ends[at]
    if rescaled:
        size = stroke_sizes(points, ends, start).astype(np.float32)
        points = np.asarray(points / np.repeat(size, of_expression)[:, None], np.float32)
    columns = (points, ends, symbol, library.symbol_class[placement.symbol][symbol])
    return zip(*(np.split(column, start[1:-1]) for column in columns))


def stroke_sizes(
    points: NDArray[np.floating], ends: NDArray[np.bool_], start: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Of each expression what `unimumer.ink.picture.stroke_size` is of its strokes, at least 1e-3."""
    first = np.concatenate([[0], np.flatnonzero(ends)[:-1] + 1])
    owner = np.searchsorted(start, first, side="right") - 1
    extent = np.maximum.reduceat(points, first) - np.minimum.reduceat(points, first)
    side = extent.max(axis=1)
    counts = (extent[:, 0] < 2 * extent[:, 1]) & (side > 0.4 * _medians(side, owner, len(start) - 1)[owner])
    counts |= (np.bincount(owner, counts, len(start) - 1) == 0)[owner]
    return np.maximum(_medians(side[counts], owner[counts], len(start) - 1), 1e-3)


def _medians(values: NDArray[np.floating], owner: NDArray[np.int64], owners: int) -> NDArray[np.float64]:
    """The median of the values of each owner; each has some."""
    values = values[np.lexsort((values, owner))]
    number = np.bincount(owner, minlength=owners)
    first = np.cumsum(number) - number
    return np.asarray((values[first + (number - 1) // 2] + values[first + number // 2]) / 2, np.float64)
