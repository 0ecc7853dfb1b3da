"""An evaluation as tables for people: on a terminal, in Markdown, in LaTeX, and as the released system has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from unimumer.environment import own_version
from unimumer.metrics.analysis import RENDERED, Report
from unimumer.metrics.details import FAULTS, Breakdown
from unimumer.metrics.evaluation import TITLES
from unimumer.metrics.intervals import CONFIDENCE, Comparison, Figure
from unimumer.metrics.pairs import Pair
from unimumer.metrics.text import total

_SHOWN = 10
"""Ids, symbols and confusions that a table for people shows of a kind."""


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
    yield "", head, rows + [_row(RENDERED[name], "", figure) for name, figure in report.rendered.items()]
    if evaluation.parsed:
        rows = [_row(TITLES[name], name, figure) for name, figure in evaluation.parsed.items()]
        yield "only labels that parse", head, rows
    if report.breakdown is not None:
        yield from (table for table in _broken_down(report.breakdown, head) if table[2])
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
    yield _GRAPHS, head, _graph_rows(found.graphs)
    for name, group in found.groups.items():
        yield f"ink match by {name} of the label", head, [_row(title, "", one) for title, one in group.items()]
    yield "share read of each relation", head, [_row(name, "", one) for name, one in found.relations.items()][:_SHOWN]
    worst = sorted(found.symbols.items(), key=lambda one: one[1].n * (one[1].value - 1))[:_SHOWN]
    yield "share read of each symbol, those most often lost", head, [_row(name, "", one) for name, one in worst]
    pairs = [one for one in found.confusions if all(one)][:_SHOWN]
    rows = [[printable(wanted), printable(read), f"{count:,}"] for wanted, read, count in pairs]
    yield "confusions", ["label", "prediction", "times"], rows


def notes(report: Report) -> Iterator[str]:
    """What a reader must know beside the figures."""
    evaluation = report.evaluation
    yield from evaluation.warnings
    changed = report.against["exp_rate"] if report.against else None
    for what, ids in (
        ("no answer, counted as wrong", evaluation.missing),
        ("labels that do not parse, matched by their tokens only", evaluation.unparsed),
        ("no verdict of CDM, left out of its scores", report.undecided),
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
        lines += markdown_table(
            head, [[_span(row[0]) if row[0].startswith("\\") else row[0], *row[1:]] for row in rows]
        )
        lines.append("")
    return "\n".join([*lines, *(f"- {_span(note)}" for note in notes(report))]).rstrip() + "\n"


def _span(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{printable(text).replace('|', '&#124;')}{fence}"


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table, its first column to the left, the others to the right."""
    return [_cells(head), _cells(["---", *["---:"] * (len(head) - 1)]), *map(_cells, rows)]


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell if cell.startswith("`") else cell.replace("|", "\\|") for cell in cells) + " |"


def to_latex(reports: Sequence[Report]) -> str:
    """A `tabular` for a paper, one row a file: its n, then each score with the half width of its interval."""
    names = [name for name in TITLES if name not in ("at_most_3", "token_edits_per_label_character")]
    head = " & ".join(["predictions", "$n$", *(_escaped(TITLES[name]) for name in names)])
    lines = [f"% unimumer {own_version()}; in %, with half the width of the {CONFIDENCE:.0%} interval"]
    lines += [rf"\begin{{tabular}}{{lr{'r' * len(names)}}}", r"\hline", head + r" \\", r"\hline"]
    for report in reports:
        figures = report.evaluation.figures
        cells = [f"${100 * figures[k].value:.2f} \\pm {50 * (figures[k].high - figures[k].low):.2f}$" for k in names]
        lines.append(" & ".join([_escaped(report.evaluation.name), f"{report.evaluation.n:,}", *cells]) + r" \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}"]) + "\n"


_ESCAPES = {**{sign: f"\\{sign}" for sign in "&%$#_{}"}, "\\": r"\textbackslash{}", "~": r"\textasciitilde{}"}


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(sign, sign) for sign in printable(text)).replace("^", r"\textasciicircum{}")


def released_report(pairs: Iterable[Pair]) -> str:
    """The text of the released system's `<name>_results.txt`, byte for byte once encoded as UTF-8.

    Any number of pairs is summed up, one being held at a time. Raises MetricsError when there are none.
    Its "Character Error Rate" is `token_edits_per_label_character`: that is what the published reports hold,
    although the published script (commit 20fd8ce) divides character edits by them.
    """
    rule = "=" * 60
    n, within, figures = total(pairs)
    shares = [count / n * 100 for count in within]
    lines = [
        "",
        rule,
        " " * 20 + "EVALUATION RESULTS",
        rule,
        "",
        "Dataset Statistics:",
        f"  Total Samples: {n:,}",
        "",
        "Core Metrics:",
        f"  {'Mean Edit Score:':<22}{100 * figures['edit_score']:>9.4f}%",
        f"  {'BLEU-4 Score:':<22}{100 * figures['bleu_4']:>9.4f}%",
        f"  {'Character Error Rate:':<22}{figures['token_edits_per_label_character']:>9.4f}",
        "",
        "Error Threshold Analysis:",
        f"  {'Exact Match Rate:':<22}{shares[0]:>9.4f}% (0 errors)",
        *(f"  {f'Error ≤ {k}:':<22}{shares[k]:>9.4f}%" for k in (1, 2, 3)),
        "",
        "Detailed Error Distribution:",
        # Rounded twice, like the original: 4 digits first.
        *(f"  Errors ≤ {k}: {within[k]:>6,} samples ({round(shares[k], 4):>6.2f}%)" for k in range(4)),
        "",
        rule,
    ]
    return "\n".join(lines) + "\n"
