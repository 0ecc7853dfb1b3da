"""Changes ink the way another hand, pen or moment would: slant, rotation, proportions, small moves of each symbol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
"""Points of many strokes, [n, 2] as (x, y)."""


@dataclass(frozen=True, slots=True)
class Variation:
    """How far ink may be changed; every figure is a standard deviation of a normal draw, cut at two of them."""

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


def vary(points: Points, symbol: NDArray[np.int64], size: float, how: Variation, random: np.random.Generator) -> Points:
    """Return changed points [n, 2] around their middle, of the same typical symbol size.

    `symbol` [n] numbers the symbol of each point, counting from 0, and `size` is the typical symbol size in the
    units of `points`.
    """
    count = int(symbol.max()) + 1
    moved = _vary_symbols(points - points.mean(axis=0), symbol, count, size, how, random)
    aspect = _draw(random, how.aspect)
    angle, shear = _draw(random, how.rotation), _draw(random, how.slant)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1.0, -shear], [0.0, 1.0]]) @ np.diag([np.exp(aspect / 2), np.exp(-aspect / 2)])
    return np.asarray(moved @ matrix.T, np.float32)


def _vary_symbols(
    points: Points,
    symbol: NDArray[np.int64],
    count: int,
    size: float,
    how: Variation,
    random: np.random.Generator,
) -> Points:
    members = np.bincount(symbol, minlength=count).clip(1)
    middle = np.stack([np.bincount(symbol, points[:, axis], count) / members for axis in (0, 1)], axis=1)
    offset = points - middle[symbol]
    scale = np.exp(_draws(random, how.symbol_size, (count, 1)))
    shear = _draws(random, how.symbol_slant, (count,))
    shift = _draws(random, how.symbol_move * size, (count, 2))
    offset[:, 0] -= shear[symbol] * offset[:, 1]
    return np.asarray(offset * scale[symbol] + (middle + shift)[symbol], np.float32)


def _draws(random: np.random.Generator, deviation: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return np.clip(random.normal(0.0, 1.0, shape), -2.0, 2.0) * deviation


def _draw(random: np.random.Generator, deviation: float) -> float:
    return float(_draws(random, deviation, (1,))[0])
