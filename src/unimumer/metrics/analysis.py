"""The whole report on one file of predictions, as far as it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from unimumer.metrics.calibration import Reliability, reliability
from unimumer.metrics.details import Breakdown, Detail, break_down, detail
from unimumer.metrics.evaluation import Evaluation, Item, against
from unimumer.metrics.intervals import Figure, percentile_interval, resampled_sums, share
from unimumer.metrics.significance import Comparison


@dataclass(frozen=True, slots=True)
class Report:
    """All there is to say about one file of predictions."""

    evaluation: Evaluation
    details: tuple[Detail, ...] = ()
    """One an item, or none when they were not asked for, and so is what follows."""
    breakdown: Breakdown | None = None
    rendered: Mapping[str, Figure] | None = None
    """`match` and `score` of the renderings, see `rendered`."""
    calibration: Reliability | None = None
    against: Mapping[str, Comparison] | None = None
    """Comparisons with another file of predictions, by what counts as right."""
    other: str = ""
    """Name of that file."""


def analyze(
    evaluation: Evaluation, *, details: bool = False, rendered: bool = False, other: Evaluation | None = None
) -> Report:
    """Add to an evaluation what its confidences say and, where wanted, its errors, renderings, and another to compare.

    Raises MetricsError when the other one is not of the same expressions.
    """
    found = tuple(map(detail, evaluation.items)) if details else ()
    return Report(
        evaluation,
        found,
        break_down(evaluation.items, found) if details else None,
        _renderings(evaluation.items) if rendered else None,
        _calibration(evaluation),
        None if other is None else against(evaluation, other),
        "" if other is None else other.name,
    )


def _renderings(items: Sequence[Item]) -> dict[str, Figure]:
    """Share of the items whose renderings are the same, and the mean of their scores; what cannot be typeset has 0."""
    from unimumer.metrics.rendered import render_match  # reads a font

    scores = [
        1.0 if item.score.exact else (render_match(item.pair.label, item.pair.prediction or "") or 0.0)
        for item in items
    ]
    means = resampled_sums(np.array(scores)[:, None])[:, 0] / len(scores)
    mean = Figure(sum(scores) / len(scores), *percentile_interval(means), len(scores))
    return {"match": share([score == 1.0 for score in scores]), "score": mean}


def _calibration(evaluation: Evaluation) -> Reliability | None:
    """By ExpRate; an item without an answer is wrong with confidence 0. None when no item has a confidence."""
    given = [item for item in evaluation.items if item.pair.confidence is not None]
    if not given:
        return None
    given += [item for item in evaluation.items if item.pair.confidence is None and item.pair.prediction is None]
    return reliability([item.pair.confidence or 0.0 for item in given], [item.score.exact for item in given])
