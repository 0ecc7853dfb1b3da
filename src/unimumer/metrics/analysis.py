"""The whole report on one file of predictions, as far as it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from unimumer.metrics.calibration import Reliability, reliability
from unimumer.metrics.details import Breakdown, Detail, break_down, detail
from unimumer.metrics.evaluation import Evaluation, ScoredPair, against
from unimumer.metrics.intervals import Comparison, Figure, mean, share


@dataclass(frozen=True, slots=True)
class Report:
    """All there is to say about one file of predictions."""

    evaluation: Evaluation
    details: tuple[Detail, ...] = ()
    """One an item, or none when they were not asked for, and so is what follows."""
    breakdown: Breakdown | None = None
    renderings: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    """F1 of each item's glyphs by `rendered`, and by `cdm`, the official evaluator; None where that has no verdict."""
    calibration: Reliability | None = None
    against: Mapping[str, Comparison] | None = None
    """Comparisons with another file of predictions, by what counts as right."""
    other: str = ""
    """Name of that file."""

    @property
    def rendered(self) -> dict[str, Figure]:
        """Of each of the `renderings` the share of items whose glyphs all match, and their mean F1; see `RENDERED`.

        Items without a verdict are left out, as the official evaluator leaves them out. Where both are there, also
        the share of verdicts on differing pairs that agree.
        """
        found: dict[str, Figure] = {}
        for name, scores in self.renderings.items():
            before = "cdm_" if name == "cdm" else ""
            if known := [score for score in scores if score is not None]:
                found[f"{before}match"] = share([score == 1.0 for score in known])
                found[f"{before}score"] = mean(known)
        both = zip(self.evaluation.items, *self.renderings.values()) if len(self.renderings) == 2 else ()
        judged = ((a == 1.0, b == 1.0) for item, a, b in both if not _settled(item) and None not in (a, b))
        if agree := [a == b for a, b in judged]:
            found["agreement"] = share(agree)
        return found

    @property
    def undecided(self) -> tuple[str, ...]:
        """Ids on which the official evaluator has no verdict."""
        scores = self.renderings.get("cdm", ())
        return tuple(item.pair.id for item, score in zip(self.evaluation.items, scores) if score is None)


RENDERED = {
    "match": "rendered match",
    "score": "rendered score",
    "cdm_match": "CDM match (official)",
    "cdm_score": "CDM score (official)",
    "agreement": "both agree, of differing pairs",
}
"""The figures of renderings, as people read them."""


def analyze(
    evaluation: Evaluation,
    *,
    details: bool = False,
    rendered: bool = False,
    cdm: Callable[[Sequence[tuple[str, str]]], Sequence[float | None]] | None = None,
    other: Evaluation | None = None,
) -> Report:
    """Add to an evaluation what its confidences say and, where wanted, its errors, renderings, and another to compare.

    `cdm` scores pairs that differ, see `cdm.Evaluator`. Raises MetricsError when the other evaluation is not of the
    same expressions.
    """
    found = tuple(map(detail, evaluation.items)) if details else ()
    renderings = {}
    if rendered:
        renderings["rendered"] = _scores(evaluation.items, _rendered)
    if cdm is not None:
        renderings["cdm"] = _scores(evaluation.items, cdm)
    return Report(
        evaluation,
        found,
        break_down(evaluation.items, found) if details else None,
        renderings,
        _calibration(evaluation),
        None if other is None else against(evaluation, other),
        "" if other is None else other.name,
    )


def _settled(item: ScoredPair) -> bool:
    """Whether nothing need be drawn: the tokens are equal, or there is no answer or an empty one."""
    return item.score.exact or not (item.pair.prediction or "").strip()


def _scores(
    items: Sequence[ScoredPair], scored: Callable[[Sequence[tuple[str, str]]], Sequence[float | None]]
) -> tuple[float | None, ...]:
    """Scores of all items; nobody is asked about those that are settled."""
    known: dict[int, float | None] = {}
    for at, item in enumerate(items):
        if _settled(item):
            known[at] = float(item.score.exact)
    asked = [(at, item.pair) for at, item in enumerate(items) if at not in known]
    known |= zip((at for at, _ in asked), scored([(pair.label, pair.prediction or "") for _, pair in asked]))
    return tuple(known[at] for at in range(len(items)))


def _rendered(texts: Sequence[tuple[str, str]]) -> list[float | None]:
    """What cannot be typeset has 0."""
    from unimumer.metrics.rendered import render_match  # reads a font

    return [render_match(*both) or 0.0 for both in texts]


def _calibration(evaluation: Evaluation) -> Reliability | None:
    """By ExpRate; an item without an answer is wrong with confidence 0. None when no item has a confidence."""
    given = [item for item in evaluation.items if item.pair.confidence is not None]
    if not given:
        return None
    given += [item for item in evaluation.items if item.pair.confidence is None and item.pair.prediction is None]
    return reliability([item.pair.confidence or 0.0 for item in given], [item.score.exact for item in given])
