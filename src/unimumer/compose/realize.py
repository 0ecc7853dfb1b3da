"""Turns many composed pieces at once to ink: symbols with their maps, then points, varied as by another hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.arrange import InkPiece
from unimumer.compose.library import Library, ranges
from unimumer.ink.picture import stroke_sizes

# How far ink is changed: standard deviations of normal draws, cut at two.
SLANT = 0.12
"""Horizontal shear, in x per y."""
ROTATION = 0.03
"""Radians."""
ASPECT = 0.10
"""Natural log of width over height."""
SYMBOL_SIZE = 0.05
"""Natural log of one symbol's scale. Small on purpose: relative size is all that tells `x` from `X`."""
SYMBOL_MOVE = 0.03
"""Shift of one symbol, in typical symbol sizes."""
SYMBOL_SLANT = 0.06
"""Shear of one symbol on its own."""
WAVE = 0.05
"""Height of the wave that a line of writing makes, in typical symbol sizes; it is 6 to 20 of them long."""
TREMOR = 0.008
"""Shift of one point, in typical symbol sizes."""
TURNED, TURN = 0.08, 0.11
"""Share of expressions that are turned besides, as a sheet before a camera is, and by how many radians at most."""


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
    points = vary(points, symbol, placement.expression, random)
    of_expression = np.bincount(placement.expression, count, expressions).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(of_expression)])
    ends = library.ends[at]
    if rescaled:
        size = np.maximum(stroke_sizes(points, ends, start), 1e-3).astype(np.float32)
        points = np.asarray(points / np.repeat(size, of_expression)[:, None], np.float32)
    columns = (points, ends, symbol, library.symbol_class[placement.symbol][symbol])
    return zip(*(np.split(column, start[1:-1]) for column in columns))


def vary(
    points: NDArray[np.float32], symbol: NDArray[np.int64], expression: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.float32]:
    """Return changed points [n, 2], in typical symbol sizes, around the middle of their expression.

    `symbol` [n] numbers the symbol of each point, and `expression` [symbols] the expression of each symbol, both
    counting from 0: each is changed in its own way.
    """
    count, of_point = int(expression.max()) + 1, expression[symbol]
    moved = _vary_symbols(points - _means(points, of_point, count)[of_point], symbol, len(expression), random)
    rise, turns = _draws(random, WAVE, count), 2 * np.pi / random.uniform(6, 20, count)
    phase = random.uniform(0, 2 * np.pi, count)
    moved[:, 1] += rise[of_point] * np.sin(turns[of_point] * moved[:, 0] + phase[of_point])
    moved += _draws(random, TREMOR, len(points), 2)
    return np.asarray(np.einsum("nij,nj->ni", _matrices(count, random)[of_point], moved), np.float32)


def _matrices(count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """[count, 2, 2]: turn, slant and proportions of each expression."""
    aspect, angle, shear = (_draws(random, deviation, count) for deviation in (ASPECT, ROTATION, SLANT))
    angle += np.where(random.random(count) < TURNED, random.uniform(-TURN, TURN, count), 0.0)
    cosine, sine, wide = np.cos(angle), np.sin(angle), np.exp(aspect / 2)
    rows = [[cosine * wide, (-shear * cosine - sine) / wide], [sine * wide, (cosine - shear * sine) / wide]]
    return np.moveaxis(np.array(rows), 2, 0)


def _vary_symbols(
    points: NDArray[np.float64], symbol: NDArray[np.int64], count: int, random: np.random.Generator
) -> NDArray[np.float64]:
    middle = _means(points, symbol, count)
    offset = points - middle[symbol]
    scale = np.exp(_draws(random, SYMBOL_SIZE, count, 1))
    shear, shift = _draws(random, SYMBOL_SLANT, count), _draws(random, SYMBOL_MOVE, count, 2)
    offset[:, 0] -= shear[symbol] * offset[:, 1]
    return np.asarray(offset * scale[symbol] + (middle + shift)[symbol])


def _means(points: NDArray[np.floating], group: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    members = np.bincount(group, minlength=count).clip(1)
    return np.stack([np.bincount(group, points[:, axis], count) / members for axis in (0, 1)], axis=1)


def _draws(random: np.random.Generator, deviation: float, *shape: int) -> NDArray[np.float64]:
    return np.clip(random.normal(0.0, 1.0, shape), -2.0, 2.0) * deviation
