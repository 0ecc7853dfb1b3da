"""Whether confidences mean what they say: of the answers given with 80 %, are 80 % right?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unimumer.metrics.intervals import Figure, share

BINS = 10
COVERAGES = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence."""

    confidence: float
    """Their mean confidence, 0 to 1."""
    right: Figure
    """Share of them that is right."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The most confident answers, those of equal confidence at the threshold included."""

    coverage: float
    """Share of all answers that was to be kept."""
    threshold: float
    """Confidence of the last that is kept."""
    right: Figure
    """Share of them that is right; its n says how many they are."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far confidences can be trusted."""

    bins: tuple[Bin, ...]
    error: float
    """Expected calibration error of the bins."""
    kept: tuple[Kept, ...]
    """Selective prediction: what is right when only so many are answered."""


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> Reliability:
    """Of at least one answer: its confidence, 0 to 1, and whether it is right."""
    parts = _bins(confidences, right, bins)
    kept = tuple(accuracy_at_coverage(confidences, right, coverage) for coverage in COVERAGES)
    return Reliability(parts, expected_calibration_error(parts), kept)


def _bins(confidences: Sequence[float], right: Sequence[bool], bins: int) -> tuple[Bin, ...]:
    """Answers in order of confidence, cut to groups of as equal size as can be; no group is empty."""
    order = np.argsort(np.asarray(confidences), kind="stable")
    said = np.asarray(confidences, np.float64)
    groups = [group for group in np.array_split(order, bins) if len(group)]
    return tuple(Bin(float(said[group].mean()), share([right[k] for k in group])) for group in groups)


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Mean gap between confidence and share of right answers, weighted by the groups' sizes (Naeini et al., 2015).

    With groups of equal size it does not depend on where confidences crowd.
    """
    total = sum(part.right.n for part in bins)
    return sum(part.right.n * abs(part.confidence - part.right.value) for part in bins) / total


def accuracy_at_coverage(confidences: Sequence[float], right: Sequence[bool], coverage: float) -> Kept:
    """Keep the most confident `coverage` of the answers: the threshold that does it, and the share that is right."""
    said = np.asarray(confidences, np.float64)
    threshold = np.sort(said)[::-1][max(1, round(coverage * len(said))) - 1]
    return Kept(coverage, float(threshold), share([hit for hit, one in zip(right, said) if one >= threshold]))
