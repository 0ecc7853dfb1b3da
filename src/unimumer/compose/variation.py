"""Changes ink the way another hand, pen or moment would: slant, rotation, proportions, small moves of each symbol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
"""Points of many strokes, [n, 2] as (x, y)."""


TURN = 0.11
"""Radians."""


@dataclass(frozen=True, slots=True)
class Variation:
    """How far ink may be changed; every figure but the last is a standard deviation of a normal draw, cut at two."""

    slant: float = 0.12
    """Horizontal shear, in x per y."""
    rotation: float = 0.03
    """Radians."""
    aspect: float = 0.10
    """Natural log of width over height."""
    symbol_size: float = 0.05
    """Natural log of one symbol's scale. Small on purpose: relative size is all that tells `x` from `X`."""
    symbol_move: float = 0.03
    """Shift of one symbol, in typical symbol sizes."""
    symbol_slant: float = 0.06
    """Shear of one symbol on its own."""
    wave: float = 0.05
    """Height of the wave that a line of writing makes, in typical symbol sizes; it is 6 to 20 of them long."""
    tremor: float = 0.008
    """Shift of one point, in typical symbol sizes."""
    turned: float = 0.08
    """Share of expressions that are turned by up to `TURN` besides, as a sheet before a camera is."""


def vary(
    points: Points,
    symbol: NDArray[np.int64],
    expression: NDArray[np.int64],
    how: Variation,
    random: np.random.Generator,
) -> Points:
    """Return changed points [n, 2], in typical symbol sizes, around the middle of their expression.

    `symbol` [n] numbers the symbol of each point, and `expression` [symbols] the expression of each symbol, both
    counting from 0: each is changed in its own way.
    """
    count, of_point = int(expression.max()) + 1, expression[symbol]
    offset = points - _means(points, of_point, count)[of_point]
    moved = _vary_symbols(offset, symbol, len(expression), how, random)
    moved[:, 1] += _wave(moved[:, 0], of_point, count, how.wave, random)
    moved += _draws(random, how.tremor, (len(points), 2))
    return np.asarray(np.einsum("nij,nj->ni", _matrices(count, how, random)[of_point], moved), np.float32)


def _matrices(count: int, how: Variation, random: np.random.Generator) -> NDArray[np.float64]:
    """[count, 2, 2]: turn, slant and proportions of each expression."""
    aspect, angle, shear = (_draws(random, d, (count,)) for d in (how.aspect, how.rotation, how.slant))
    angle += np.where(random.random(count) < how.turned, random.uniform(-TURN, TURN, count), 0.0)
    cosine, sine, wide = np.cos(angle), np.sin(angle), np.exp(aspect / 2)
    rows = [[cosine * wide, (-shear * cosine - sine) / wide], [sine * wide, (cosine - shear * sine) / wide]]
    return np.moveaxis(np.array(rows), 2, 0)


def _wave(
    x: NDArray[np.float64],
    owner: NDArray[np.int64],
    count: int,
    height: float,
    random: np.random.Generator,
) -> NDArray[np.float64]:
    rise = _draws(random, height, (count,))
    turns = 2 * np.pi / random.uniform(6, 20, count)
    phase = random.uniform(0, 2 * np.pi, count)
    return np.asarray(rise[owner] * np.sin(turns[owner] * x + phase[owner]))


def _vary_symbols(
    points: NDArray[np.float64],
    symbol: NDArray[np.int64],
    count: int,
    how: Variation,
    random: np.random.Generator,
) -> NDArray[np.float64]:
    middle = _means(points, symbol, count)
    offset = points - middle[symbol]
    scale = np.exp(_draws(random, how.symbol_size, (count, 1)))
    shear = _draws(random, how.symbol_slant, (count,))
    shift = _draws(random, how.symbol_move, (count, 2))
    offset[:, 0] -= shear[symbol] * offset[:, 1]
    return np.asarray(offset * scale[symbol] + (middle + shift)[symbol])


def _means(points: NDArray[np.floating], group: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    members = np.bincount(group, minlength=count).clip(1)
    return np.stack([np.bincount(group, points[:, axis], count) / members for axis in (0, 1)], axis=1)


def _draws(random: np.random.Generator, deviation: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return np.clip(random.normal(0.0, 1.0, shape), -2.0, 2.0) * deviation
