"""Whether one set of predictions is better than another on the same expressions, or only luckier."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unimumer.metrics.intervals import percentile_interval, resampled_sums


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
