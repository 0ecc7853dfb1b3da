"""95 % intervals: how far a figure would move with other expressions of the same kind.

They speak for the choice of expressions only, not for the spread between runs of a model that samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
SEED = 0
"""Of every bootstrap: the same input gives the same interval."""
RESAMPLES = 1000
_Z = 1.959963984540054
"""The standard normal quantile at 0.975."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its 95 % interval and the number of expressions it rests on; a share is 0 to 1."""

    value: float
    low: float
    high: float
    n: int


def share(hits: Sequence[bool]) -> Figure:
    """How many of some expressions hit, at least one being there, with a Wilson interval."""
    return Figure(sum(hits) / len(hits), *wilson(sum(hits), len(hits)), len(hits))


def wilson(successes: int, n: int) -> tuple[float, float]:
    """95 % score interval of the proportion `successes / n`, n >= 1 (Wilson 1927)."""
    share, spread = successes / n, _Z * _Z / n
    center = share + spread / 2
    reach = math.sqrt(spread * (share * (1 - share) + spread / 4))
    return max(0.0, (center - reach) / (1 + spread)), min(1.0, (center + reach) / (1 + spread))


def resampled_sums(rows: NDArray[np.float64], seed: int = SEED, resamples: int = RESAMPLES) -> NDArray[np.float64]:
    """Column sums [resamples, m] of `resamples` draws, with replacement, of n out of the n `rows` [n, m]."""
    generator = np.random.default_rng(seed)
    n = len(rows)
    sums = np.empty((resamples, rows.shape[1]))
    for draw in sums:  # one draw at a time: memory stays at O(n)
        draw[:] = np.bincount(generator.integers(n, size=n), minlength=n).astype(np.float64) @ rows
    return sums


def percentile_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The middle 95 % of bootstrap values [resamples] (Efron 1979).

    It has no width when all pairs are alike, for one pair or only perfect answers: that is no certainty.
    """
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
