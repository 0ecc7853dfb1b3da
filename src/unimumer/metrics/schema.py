"""The JSON form of an evaluation, by a versioned schema that docs/evaluation.md describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from unimumer.environment import own_version
from unimumer.metrics.analysis import Report
from unimumer.metrics.details import Breakdown, Detail
from unimumer.metrics.edits import TreeEdit
from unimumer.metrics.evaluation import ScoredPair
from unimumer.metrics.intervals import CONFIDENCE, RESAMPLES, SEED, Figure
from unimumer.metrics.structure import VERSION

SCHEMA = "unimumer.evaluation/2"
"""Name and version; a field that goes or changes its meaning raises it."""


def record(report: Report, items: bool = True) -> dict[str, Any]:
    """Everything as JSON-ready values, with the items or without."""
    evaluation, found = report.evaluation, report.breakdown
    content = {
        "schema": SCHEMA,
        "unimumer": own_version(),
        "spellings": VERSION,
        "predictions": evaluation.name,
        "label_set": evaluation.label_set,
        "labels_sha256": evaluation.digest,
        "n": evaluation.n,
        "confidence": CONFIDENCE,
        "seed": SEED,
        "resamples": RESAMPLES,
        "figures": _figures(evaluation.figures),
        "figures_of_labels_that_parse": _figures(evaluation.parsed),
        "rendered": _figures(report.rendered) or None,
        "cdm_has_no_verdict": list(report.undecided),
        "missing": list(evaluation.missing),
        "labels_that_do_not_parse": list(evaluation.unparsed),
        "warnings": list(evaluation.warnings),
        "breakdown": None if found is None else _breakdown(found),
        "calibration": None if report.calibration is None else asdict(report.calibration),
        "against": None
        if report.against is None
        else {
            "predictions": report.other,
            **{name: {**asdict(one), "value": one.value} for name, one in report.against.items()},
        },
    }
    if items:
        content["items"] = items_record(report)
    return content


def _figures(figures: Mapping[str, Figure]) -> dict[str, dict[str, float]]:
    return {name: asdict(figure) for name, figure in figures.items()}


def _breakdown(found: Breakdown) -> dict[str, Any]:
    return {
        **{name: _figures(getattr(found, name)) for name in ("faults", "graphs", "symbols", "relations")},
        "confusions": [{"label": a, "prediction": b, "count": count} for a, b, count in found.confusions],
        "groups": {name: _figures(group) for name, group in found.groups.items()},
    }


def items_record(report: Report) -> list[dict[str, Any]]:
    """The items as JSON-ready values."""
    items, nothing = report.evaluation.items, [None] * report.evaluation.n
    scores = [report.renderings.get(name) or nothing for name in ("rendered", "cdm")]
    return [_item(*parts) for parts in zip(items, report.details or nothing, *scores, strict=True)]


def _item(item: ScoredPair, detail: Detail | None, rendered: float | None, cdm: float | None) -> dict[str, Any]:
    pair, graph = item.pair, detail and detail.graph
    return {
        **asdict(pair),
        "exact": item.score.exact,
        "notation_match": item.match.notation,
        "ink_match": item.match.ink,
        "token_errors": item.score.token_errors,
        "rendered_score": rendered,
        "cdm_score": cdm,
        "label_parses": item.match.label_parses,
        "prediction_parses": item.match.prediction_parses,
        "fault": detail and detail.fault,
        "edits": None if detail is None or detail.edits is None else [_edit(edit) for edit in detail.edits],
        "graph": graph and {"nodes": graph.nodes, "edges": graph.edges, "structure": graph.structure},
    }


def _edit(edit: TreeEdit) -> dict[str, Any]:
    return {
        "label": edit.wanted.name if edit.wanted else None,
        "prediction": edit.found.name if edit.found else None,
        "structural": edit.structural,
        "moved": edit.moved,
    }
