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
    """Of at least one answer: its confidence, 0 to 1, and whether it is right.

    The groups are of as equal size as can be, so that the error, the mean gap between confidence and share of right
    answers weighted by the groups' sizes (Naeini et al., 2015), does not depend on where confidences crowd.
    """
    said = np.asarray(confidences, np.float64)
    groups = [group for group in np.array_split(np.argsort(said, kind="stable"), bins) if len(group)]
    parts = tuple(Bin(float(said[group].mean()), share([right[k] for k in group])) for group in groups)
    error = sum(part.right.n * abs(part.confidence - part.right.value) for part in parts) / len(said)
    kept = []
    for coverage in COVERAGES:
        threshold = np.sort(said)[::-1][max(1, round(coverage * len(said))) - 1]
        hits = share([hit for hit, one in zip(right, said) if one >= threshold])
        kept.append(Kept(coverage, float(threshold), hits))
    return Reliability(parts, error, tuple(kept))
