"""An evaluation for people and programs: a table, Markdown, LaTeX, and JSON by a versioned schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from unimumer.environment import own_version
from unimumer.metrics.calibration import Reliability
from unimumer.metrics.details import FAULTS, Breakdown, Detail
from unimumer.metrics.edits import Edit
from unimumer.metrics.evaluation import TITLES, Evaluation, Item
from unimumer.metrics.intervals import CONFIDENCE, RESAMPLES, SEED, Figure
from unimumer.metrics.significance import Comparison
from unimumer.metrics.structure import VERSION

SCHEMA = "unimumer.evaluation/2"
"""Name and version of the JSON form, which docs/evaluation.md describes; a field that goes or changes raises it."""
_SHOWN = 10
"""Ids, symbols and confusions that a table for people shows of a kind."""


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


def printable(text: str) -> str:
    """Text from a file as a terminal may have it: no control characters or lone surrogates."""
    return text if text.isprintable() else ascii(text)


def written(name: str, figure: Figure) -> tuple[str, str]:
    """A figure and its interval as text: in %, but for tokens per character, a ratio of unlike things."""
    scale, digits, unit = (1, 4, "") if name == "token_edits_per_label_character" else (100, 2, " %")
    value, low, high = (f"{scale * number:.{digits}f}" for number in (figure.value, figure.low, figure.high))
    return value + unit, f"{low} to {high}{unit}"


def to_text(report: Report) -> str:
    """Tables for people, as a terminal shows them."""
    lines = [f"{printable(report.evaluation.label_set)}: {report.evaluation.n:,} expressions"]
    for title, head, rows in tables(report):
        if title:
            lines += ["", f"  {title}"]
        lines += _columns([head, *rows])
    return "\n".join([*lines, *(f"  {note}" for note in notes(report))]) + "\n"


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows with their first column to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    for first, *rest in rows:
        cells = [first.ljust(max(34, widths[0])), *(cell.rjust(width) for cell, width in zip(rest, widths[1:]))]
        yield "  " + "  ".join(cells).rstrip()


def tables(report: Report) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Title, head and rows of each table; the first, of the scores, has no title."""
    evaluation = report.evaluation
    head = ["figure", "value", f"{CONFIDENCE:.0%} interval", "n"]
    rows = [_row(TITLES[name], name, figure) for name, figure in evaluation.figures.items()]
    yield "", head, rows + [_row(f"rendered {name}", "", figure) for name, figure in (report.rendered or {}).items()]
    if evaluation.parsed:
        rows = [_row(TITLES[name], name, figure) for name, figure in evaluation.parsed.items()]
        yield "only labels that parse", head, rows
    if report.breakdown is not None:
        yield from _broken_down(report.breakdown, head)
    if report.calibration is not None:
        rows = [
            _row(f"most confident {one.coverage:.0%}, from {one.threshold:.3f}", "", one.right)
            for one in report.calibration.kept
        ]
        title = f"share right by confidence; expected calibration error {report.calibration.error:.4f}"
        yield title, ["answers kept", *head[1:]], rows
    if report.against is not None:
        rows = [_compared(TITLES[name], one) for name, one in report.against.items()]
        head = ["less that of the other", "difference", f"{CONFIDENCE:.0%} interval", "only here", "only there", "p"]
        yield f"against {printable(report.other)}", head, rows


def _row(title: str, name: str, figure: Figure) -> list[str]:
    return [printable(title), *written(name, figure), f"{figure.n:,}"]


def _compared(title: str, one: Comparison) -> list[str]:
    value, interval = written("", Figure(one.value, one.low, one.high, one.n))
    return [title, value, interval, f"{len(one.gained):,}", f"{len(one.lost):,}", f"{one.p:.2g}"]


def _broken_down(found: Breakdown, head: list[str]) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    yield "kinds of error", head, [_row(FAULTS[name], "", figure) for name, figure in found.faults.items()]
    if found.graphs:
        yield _GRAPHS, head, _graph_rows(found.graphs)
    for name, group in found.groups.items():
        yield f"ink match by {name} of the label", head, [_row(title, "", one) for title, one in group.items()]
    yield "share read of each relation", head, [_row(name, "", one) for name, one in found.relations.items()][:_SHOWN]
    worst = sorted(found.symbols.items(), key=lambda one: one[1].n * (one[1].value - 1))[:_SHOWN]
    yield "share read of each symbol, those most often lost", head, [_row(name, "", one) for name, one in worst]
    pairs = [
        [printable(wanted), printable(read), f"{count:,}"]
        for wanted, read, count in found.confusions
        if wanted and read
    ]
    if pairs:
        yield "confusions", ["label", "prediction", "times"], pairs[:_SHOWN]


def notes(report: Report) -> Iterator[str]:
    """What a reader must know beside the figures."""
    evaluation = report.evaluation
    yield from evaluation.warnings
    changed = report.against["exp_rate"] if report.against else None
    for what, ids in (
        ("no answer, counted as wrong", evaluation.missing),
        ("labels that do not parse, matched by their tokens only", evaluation.unparsed),
        ("right only here, by ExpRate", changed.gained if changed else ()),
        ("right only there", changed.lost if changed else ()),
    ):
        if ids:
            more = ", ..." if len(ids) > _SHOWN else ""
            yield f"{what}: {len(ids):,} ({', '.join(map(printable, ids[:_SHOWN]))}{more})"


_GRAPHS = "label graphs as CROHME counts them; errors are not token errors"


def _graph_rows(figures: Mapping[str, Figure]) -> list[list[str]]:
    titles = {"expression": "right", "structure": "right but for the symbols"}
    return [_row(titles.get(name, name.replace("_", " ")), "", figure) for name, figure in figures.items()]


def graph_text(figures: Mapping[str, Figure]) -> str:
    """The scores of label graphs as a terminal shows them."""
    head = [_GRAPHS, "value", f"{CONFIDENCE:.0%} interval", "n"]
    return "\n".join(_columns([head, *_graph_rows(figures)])) + "\n"


def to_markdown(report: Report) -> str:
    """The tables as Markdown; what is from a file stands in code spans."""
    lines = [f"## {_span(report.evaluation.name)}", "", f"Labels: {_span(report.evaluation.label_set)}.", ""]
    for title, head, rows in tables(report):
        if title:
            lines += [f"**{title[0].upper() + title[1:]}**", ""]
        lines += [_cells(head), _cells(["---", *["---:"] * (len(head) - 1)])]
        lines += [_cells([_span(row[0]) if row[0].startswith("\\") else row[0], *row[1:]]) for row in rows]
        lines.append("")
    return "\n".join([*lines, *(f"- {_span(note)}" for note in notes(report))]).rstrip() + "\n"


def _span(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{printable(text).replace('|', '&#124;')}{fence}"


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell if cell.startswith("`") else cell.replace("|", "\\|") for cell in cells) + " |"


def to_latex(reports: Sequence[Report]) -> str:
    """A `tabular` for a paper, one row a file: its n, then each score with the half width of its interval."""
    names = [name for name in TITLES if name not in ("at_most_3", "token_edits_per_label_character")]
    head = " & ".join(["predictions", "$n$", *(_escaped(TITLES[name]) for name in names)])
    lines = [f"% {SCHEMA}, unimumer {own_version()}; in %, with half the width of the {CONFIDENCE:.0%} interval"]
    lines += [rf"\begin{{tabular}}{{lr{'r' * len(names)}}}", r"\hline", head + r" \\", r"\hline"]
    for report in reports:
        figures = report.evaluation.figures
        cells = [f"${100 * figures[k].value:.2f} \\pm {50 * (figures[k].high - figures[k].low):.2f}$" for k in names]
        lines.append(" & ".join([_escaped(report.evaluation.name), f"{report.evaluation.n:,}", *cells]) + r" \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}"]) + "\n"


_ESCAPES = {**{sign: f"\\{sign}" for sign in "&%$#_{}"}, "\\": r"\textbackslash{}", "~": r"\textasciitilde{}"}


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(sign, sign) for sign in printable(text)).replace("^", r"\textasciicircum{}")


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
        "rendered": None if report.rendered is None else _figures(report.rendered),
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
        details = report.details or [None] * evaluation.n
        content["items"] = [item_record(*both) for both in zip(evaluation.items, details, strict=True)]
    return content


def _figures(figures: Mapping[str, Figure]) -> dict[str, dict[str, float]]:
    return {name: asdict(figure) for name, figure in figures.items()}


def _breakdown(found: Breakdown) -> dict[str, Any]:
    return {
        **{name: _figures(getattr(found, name)) for name in ("faults", "graphs", "symbols", "relations")},
        "confusions": [{"label": a, "prediction": b, "count": count} for a, b, count in found.confusions],
        "groups": {name: _figures(group) for name, group in found.groups.items()},
    }


def item_record(item: Item, detail: Detail | None) -> dict[str, Any]:
    """One item as JSON-ready values."""
    pair, graph = item.pair, detail and detail.graph
    return {
        **asdict(pair),
        "exact": item.score.exact,
        "notation_match": item.match.notation,
        "ink_match": item.match.ink,
        "token_errors": item.score.token_errors,
        "label_parses": item.match.label_parses,
        "prediction_parses": item.match.prediction_parses,
        "fault": detail and detail.fault,
        "edits": None if detail is None or detail.edits is None else [_edit(edit) for edit in detail.edits],
        "graph": graph and {"nodes": graph.nodes, "edges": graph.edges, "structure": graph.structure},
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "label": edit.wanted.name if edit.wanted else None,
        "prediction": edit.found.name if edit.found else None,
        "structural": edit.structural,
        "moved": edit.moved,
    }
