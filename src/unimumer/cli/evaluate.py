"""`unimumer evaluate`: score predictions, say how sure each figure is, and show what is wrong."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unimumer.cli.options import EXISTING, FILE, FOLDER, PATH, keep_apart, taken
from unimumer.errors import UnimumerError

if TYPE_CHECKING:
    from unimumer.latex import Row
    from unimumer.metrics import Evaluation
    from unimumer.metrics.analysis import Report

    Graph = tuple[str, Row, Sequence[Sequence[str]] | None]
    """Id, tree, and ids of the strokes of each symbol."""

_THUMBNAIL = (480, 160)
"""Most pixels of a picture in a page, across and down."""


@dataclass(frozen=True, slots=True)
class _Outputs:
    """The files that are written, each if it is asked for."""

    html: Path | None
    pictures: Path | None
    json_out: Path | None
    markdown: Path | None
    latex: Path | None
    released: Path | None
    label_graphs: Path | None
    ink: Path | None

    def check(self, files: list[Path], *read: Path | None) -> None:
        """Raise UsageError for options that do not go together, or would replace what is read."""
        for name, given in (("--released", self.released), ("--label-graphs", self.label_graphs)):
            if given is not None and len(files) > 1:
                raise click.UsageError(f"{name} takes one file of predictions")
        if self.ink is not None and self.label_graphs is None:
            raise click.UsageError("--ink goes with --label-graphs")
        written = {"--json": self.json_out, "--html": self.html, "--markdown": self.markdown, "--latex": self.latex}
        keep_apart([*files, *read], {**written, "--released": self.released})

    def write(self, reports: list[Report], failed: list[tuple[Path, str]]) -> None:
        """Write them; without a report only the JSON, which says what failed."""
        from unimumer.files import write_json, write_text
        from unimumer.metrics import record, released_report
        from unimumer.metrics.page import to_html
        from unimumer.metrics.report import to_latex, to_markdown

        if self.json_out is not None:
            content = {
                "command": shlex.join(["unimumer", *sys.argv[1:]]),
                "evaluations": [record(report) for report in reports],
                "failed": [{"predictions": str(name), "reason": reason} for name, reason in failed],
            }
            write_json(self.json_out, content)
        if not reports:
            return
        if self.html is not None:
            write_text(self.html, to_html(reports, _thumbnails(reports, self.pictures)))
        if self.markdown is not None:
            write_text(self.markdown, "\n".join(map(to_markdown, reports)))
        if self.latex is not None:
            write_text(self.latex, to_latex(reports))
        if self.released is not None:
            write_text(self.released, released_report(item.pair for item in reports[0].evaluation.items))
        if self.label_graphs is not None:
            _write_label_graphs(self.label_graphs, reports[0].evaluation, self.ink)


@click.command()
@click.argument("predictions", nargs=-1, required=True, type=PATH, metavar="FILE|FOLDER...")
@click.option("--labels", type=EXISTING, help="Labels, in place of those in FILE: lines of `id<TAB>LaTeX`, or a file.")
@click.option("--against", type=EXISTING, help="Compare with these predictions of the same expressions.")
@click.option("--details", is_flag=True, help="Also errors of structure and symbols, confusions, label graphs.")
@click.option("--rendered", is_flag=True, help="Also compare the renderings, glyph by glyph with their places.")
@click.option("--cdm", type=EXISTING, help="Also ask the official CDM: its folder `cdm`, or the evaluation.py in it.")
@click.option("--html", type=FILE, help="Write a report to look through: one page, for any browser, offline.")
@click.option(
    "--pictures", type=FOLDER, help="Show the pictures of wrong answers in the page: the folder their paths start from."
)
@click.option("--json", "json_out", type=FILE, help="Write everything, each item included.")
@click.option("--markdown", type=FILE, help="Write the tables as Markdown.")
@click.option("--latex", type=FILE, help="Write the scores as a table for a paper.")
@click.option("--label-graphs", type=FOLDER, help="Write CROHME's .lg files to label/ and prediction/ in this folder.")
@click.option("--ink", type=EXISTING, help="With --label-graphs: over the strokes of this InkML, a folder or archive.")
@click.option("--released", type=FILE, help="Write the released system's report; one FILE only.")
def evaluate(
    predictions: tuple[Path, ...],
    labels: Path | None,
    against: Path | None,
    details: bool,
    rendered: bool,
    cdm: Path | None,
    **given: Any,
) -> None:
    """Score predictions against labels, each figure with its 95 % interval.

    FILE is what `infer` wrote (*_pred.json or *_items.jsonl), a list or lines of JSON objects with "gt", "pred" and
    "img_id", or a .csv or .tsv table with a head line; with --labels also lines of `id<TAB>LaTeX`. Of a FOLDER, each
    *_pred.json in it. A label without a prediction counts as wrong. With a folder of .lg files as --labels, FOLDER is
    one as well, and the scores are those of CROHME's label graphs.

    \b
    Examples:
      unimumer evaluate crohme_2014_pred.json
      unimumer evaluate results --json scores.json --html report.html
      unimumer evaluate answers.tsv --labels 2014/caption.txt
      unimumer evaluate new_pred.json --against old_pred.json --details
      unimumer evaluate N3_pred.json --released N3_results.txt

    Exit code: 0 all scored, 1 some file could not be scored, 2 wrong use.
    """
    if labels is not None and labels.is_dir():
        _compare_graphs(predictions, labels)
        return
    files, outputs = list(_files(predictions)), taken(_Outputs, given)
    outputs.check(files, labels, against)
    details = details or any((outputs.html, outputs.json_out, outputs.markdown))
    reports, failed = _score(files, labels, against, details=details, rendered=rendered, cdm=cdm)
    outputs.write(reports, failed)
    if failed:
        raise SystemExit(1)


def _compare_graphs(predictions: tuple[Path, ...], labels: Path) -> None:
    from unimumer.metrics.label_graph import compare_folders
    from unimumer.metrics.report import graph_text

    for folder in predictions:
        click.echo(f"{click.format_filename(folder)}\n{graph_text(compare_folders(folder, labels))}", nl=False)


def _files(given: tuple[Path, ...]) -> Iterator[Path]:
    for path in given:
        if not path.is_dir():
            yield path
        elif found := sorted(path.glob("*_pred.json")):
            yield from found
        else:
            raise click.UsageError(f"{click.format_filename(path)}: no *_pred.json in this folder")


def _score(
    files: list[Path], labels: Path | None, other: Path | None, *, details: bool, rendered: bool, cdm: Path | None
) -> tuple[list[Report], list[tuple[Path, str]]]:
    """Score and print each file; give the reports, and the failures with their reasons."""
    from unimumer.metrics import evaluate as evaluate_file
    from unimumer.metrics.analysis import analyze
    from unimumer.metrics.report import to_text

    rival: Evaluation | None = None if other is None else evaluate_file(other, labels)
    official = None if cdm is None else _official(cdm)
    reports: list[Report] = []
    failed: list[tuple[Path, str]] = []
    for path in files:
        try:
            found = evaluate_file(path, labels)
            report = analyze(found, details=details, rendered=rendered, cdm=official, other=rival)
        except UnimumerError as error:
            failed.append((path, str(error)))
            click.echo(f"error: {error}", err=True)
        else:
            reports.append(report)
            click.echo(f"{click.format_filename(path)}\n{to_text(report)}")
    return reports, failed


def _official(checkout: Path) -> Callable[[Sequence[tuple[str, str]]], list[float | None]]:
    """The user's CDM, tried before anything else is done, with the scores that it gave before."""
    from unimumer.metrics.cdm import Evaluator, kept_scores

    evaluator = Evaluator(checkout)
    if not evaluator.confined:
        click.echo("bubblewrap (bwrap) does not work here: CDM runs with the network and all your rights", err=True)
    return partial(evaluator.scores, kept=kept_scores())


def _thumbnails(reports: list[Report], folder: Path | None) -> dict[str, str]:
    """Small pictures of the wrong answers by their paths below a folder; none without a folder."""
    if folder is None:
        return {}
    items = (item for report in reports for item in report.evaluation.items if not item.match.ink)
    found = {name: _thumbnail(folder / name) for name in {item.pair.image for item in items} if name}
    if lacking := [name for name, picture in found.items() if not picture]:
        click.echo(f"{len(lacking):,} pictures cannot be read, such as {lacking[0]!r}", err=True)
    return found


def _thumbnail(path: Path) -> str:
    """A small picture as a `data:` URI; empty when it cannot be read."""
    from base64 import b64encode
    from io import BytesIO

    from PIL import Image

    from unimumer.imaging import load

    try:
        small = Image.fromarray(load(path)).convert("L")
    except UnimumerError:
        return ""
    small.thumbnail(_THUMBNAIL)
    buffer = BytesIO()
    small.quantize(16).save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"


def _write_label_graphs(folder: Path, evaluation: Evaluation, source: Path | None) -> None:
    from unimumer.metrics.label_graph import write_label_graphs

    graphs = list(_symbolic(evaluation) if source is None else _by_strokes(evaluation, source))
    for side, name in enumerate(("label", "prediction")):
        write_label_graphs(folder / name, (graph for found in graphs if (graph := found[side]) is not None))


def _symbolic(evaluation: Evaluation) -> Iterator[tuple[Graph | None, Graph | None]]:
    from unimumer.metrics.structure import read

    for item in evaluation.items:
        rows = (None if text is None else read(text) for text in (item.pair.label, item.pair.prediction))
        label, prediction = (None if row is None else (item.pair.id, row, None) for row in rows)
        yield label, prediction


def _by_strokes(evaluation: Evaluation, source: Path) -> Iterator[tuple[Graph, Graph | None]]:
    """Label and prediction of each item over the strokes of its ink; those that cannot have it are named."""
    from unimumer.ink import Ink, read_inks
    from unimumer.ink.tie import written_strokes
    from unimumer.latex import parse
    from unimumer.metrics.structure import read, same
    from unimumer.recognizer.symbols import strokes_of_symbols

    inks = dict(read_inks(source))
    without: list[str] = []
    for item in evaluation.items:
        ink = inks.get(item.pair.id)
        truth = written_strokes(ink) if isinstance(ink, Ink) else None
        if truth is None or not isinstance(ink, Ink) or not same(truth[0], item.pair.label):
            without.append(item.pair.id)
            continue
        row = None if item.pair.prediction is None else read(item.pair.prediction)
        found = None if row is None else strokes_of_symbols(row, ink)
        label = item.pair.id, parse(truth[0]), truth[1]
        yield label, None if row is None or found is None else (item.pair.id, row, found)
    if without:
        click.echo(
            f"{len(without):,} of {evaluation.n:,} expressions have no label graph: no ink of that id, or its symbols "
            f"do not give the label, such as {without[0]!r}",
            err=True,
        )
