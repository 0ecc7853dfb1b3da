"""95 % intervals: how far a figure would move with other expressions of the same kind; and paired significance.

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
    return proportion(sum(hits), len(hits))


def proportion(count: int, n: int) -> Figure:
    """The share `count / n`, n >= 1, with a Wilson interval."""
    return Figure(count / n, *wilson(count, n), n)


def mean(values: Sequence[float]) -> Figure:
    """The mean of at least one value, with a bootstrap interval."""
    n = len(values)
    return Figure(sum(values) / n, *percentile_interval(resampled_sums(np.array(values)[:, None])[:, 0] / n), n)


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


@dataclass(frozen=True, slots=True)
class Comparison:
    """Right and wrong of two systems, item by item."""

    gained: tuple[str, ...]
    """Ids that only the first answers rightly."""
    lost: tuple[str, ...]
    """Ids that only the second answers rightly."""
    n: int
    p: float
    """Exact McNemar: how often equals would differ at least so much."""
    low: float
    """With `high` the paired bootstrap's 95 % interval of the difference in the share of right answers."""
    high: float

    @property
    def value(self) -> float:
        """Share right of the first less that of the second."""
        return (len(self.gained) - len(self.lost)) / self.n


def mcnemar(gained: int, lost: int) -> float:
    """Two-sided p of the exact McNemar test: a fair coin tossed for every item that only one side has right."""
    tosses, tail = gained + lost, min(gained, lost)
    if gained == lost:
        return 1.0
    # In logarithms: 2 ** tosses passes what a float holds from 1,024 on.
    whole = tosses * math.log(2)
    logs = [math.lgamma(tosses + 1) - math.lgamma(k + 1) - math.lgamma(tosses - k + 1) for k in range(tail + 1)]
    return min(1.0, 2 * math.fsum(math.exp(value - whole) for value in logs))


def compare(ids: Sequence[str], ours: Sequence[bool], theirs: Sequence[bool]) -> Comparison:
    """Compare what two systems have right of the same items, in the same order; at least one item."""
    gained = tuple(key for key, a, b in zip(ids, ours, theirs, strict=True) if a and not b)
    lost = tuple(key for key, a, b in zip(ids, ours, theirs, strict=True) if b and not a)
    difference = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    spread = resampled_sums(difference[:, None])[:, 0] / len(ids)
    return Comparison(gained, lost, len(ids), mcnemar(len(gained), len(lost)), *percentile_interval(spread))
