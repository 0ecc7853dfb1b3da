"""How large somebody wrote, told from the strokes alone, which is all that a canvas sends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unimumer.ink.model import Ink, Stroke


def typical_size(ink: Ink) -> float:
    """Typical larger side of a stroke, in units of ink; 0.0 for ink of no extent.

    Symbol groups and names are never looked at: drawn by them, ink would be scaled by its own truth.
    """
    return stroke_size(ink.strokes)


def stroke_size(strokes: Sequence[Stroke]) -> float:
    """Median of the larger sides of the strokes [n, 2] that are neither flat nor small; of all, where no others are.

    Flat are those at least twice as wide as high (bars, roofs), small those of at most 0.4 of the median (dots,
    primes): the rule of `imaging.symbol_size`, with strokes for components. Against it this measure varies by 13 % on
    the 651 inks of CROHME 2013; a measure of marked symbols varied by 22 %.
    """
    if not strokes:
        return 0.0
    extent = np.array([np.ptp(stroke, axis=0) for stroke in strokes], np.float64)
    side = extent.max(axis=1)
    counts = (extent[:, 0] < 2 * extent[:, 1]) & (side > 0.4 * np.median(side))
    return float(np.median(side[counts] if counts.any() else side))
