"""Whether confidences mean what they say: of the answers given with 80 %, are 80 % right?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unimumer.metrics.intervals import wilson
from unimumer.metrics.report import Figure

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence."""

    confidence: float
    """Their mean confidence, 0 to 1."""
    right: Figure
    """Share of them that is right."""


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> tuple[Bin, ...]:
    """Answers in order of confidence, cut to `bins` groups of as equal size as can be; no group is empty."""
    order = np.argsort(np.asarray(confidences), kind="stable")
    groups = [group for group in np.array_split(order, bins) if len(group)]
    hits, said = np.asarray(right, np.bool_), np.asarray(confidences, np.float64)
    return tuple(Bin(float(said[group].mean()), _share(hits[group])) for group in groups)


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Mean gap between confidence and share of right answers, weighted by the groups' sizes (Naeini et al., 2015).

    With groups of equal size, as `reliability` makes them, it does not depend on where confidences crowd.
    """
    total = sum(part.right.n for part in bins)
    return sum(part.right.n * abs(part.confidence - part.right.value) for part in bins) / max(1, total)


def accuracy_at_coverage(confidences: Sequence[float], right: Sequence[bool], coverage: float) -> tuple[float, Figure]:
    """Keep the most confident `coverage` of the answers: the threshold that does it, and the share that is right."""
    order = np.argsort(-np.asarray(confidences, np.float64), kind="stable")
    kept = order[: max(1, round(coverage * len(order)))]
    return float(confidences[int(kept[-1])]), _share(np.asarray(right, np.bool_)[kept])


def _share(hits: np.ndarray) -> Figure:
    count, n = int(hits.sum()), len(hits)
    return Figure(count / n, *wilson(count, n), n)
