"""Tells taps far away from the writing, as a palm leaves them, from dots that belong to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from unimumer.ink.model import Ink, InkError

FAR = 3.5
"""Gap between a stray tap and the nearest writing, in median sides of the strokes that have one.

Of the 4,729 taps in CROHME's training ink and tests up to 2014 eight are farther, and none of these is part of a
symbol; the farthest that is one stands 2.84 away.
"""
TAP = 0.15
"""Longest side of a tap, in the same unit."""


def without_strays(ink: Ink) -> tuple[Ink, int]:
    """`ink` as it is to be recognized, without stray taps, and how many strokes were left out.

    One tap far from the writing would have the whole drawing shrunk. Taps near the writing, or near another one
    that is, are dots and stay. Raises InkError where there are no strokes, or all are one point: a single
    dot is no expression.
    """
    if not ink.strokes:
        raise InkError(f"{ink.id}: no strokes")
    low = np.array([stroke.min(axis=0) for stroke in ink.strokes])
    high = np.array([stroke.max(axis=0) for stroke in ink.strokes])
    if not np.ptp(np.concatenate([low, high]), axis=0).any():
        raise InkError(f"{ink.id}: a single point is no expression")
    sides = (high - low).max(axis=1)
    written = sides > 0
    if not written.any():
        return ink, 0
    size = float(np.median(sides[written]))
    near = _connected(sides > TAP * size, _gaps(low, high) <= FAR * size)
    if near.all():
        return ink, 0
    kept = np.cumsum(near) - 1
    symbols = ((symbol, [int(kept[i]) for i in symbol.strokes if near[i]]) for symbol in ink.symbols)
    return replace(
        ink,
        strokes=tuple(stroke for stroke, stays in zip(ink.strokes, near) if stays),
        symbols=tuple(replace(symbol, strokes=tuple(strokes)) for symbol, strokes in symbols if strokes),
    ), int((~near).sum())


def _gaps(low: NDArray[np.float32], high: NDArray[np.float32]) -> NDArray[np.float32]:
    """[n, n] larger of the horizontal and the vertical gap between the boxes of strokes; 0 where they overlap."""
    apart = np.maximum(low[:, None] - high[None], low[None] - high[:, None])
    return np.asarray(apart.max(axis=2).clip(0), np.float32)


def _connected(start: NDArray[np.bool_], linked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What can be reached from `start` by links."""
    found = start
    while True:
        more = found | linked[found].any(axis=0)
        if (more == found).all():
            return found
        found = more
