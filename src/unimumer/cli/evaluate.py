"""`unimumer evaluate`: score files of predictions and say how sure each figure is."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unimumer.errors import UnimumerError

if TYPE_CHECKING:
    from unimumer.metrics import Evaluation

_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("predictions", nargs=-1, required=True, type=_FILE, metavar="PRED.json...")
@click.option("--labels", type=_EXISTING, help="Labels as lines of `id<TAB>LaTeX`, in place of those in PRED.json.")
@click.option("--json", "json_out", type=_FILE, help="Write all results to this file.")
@click.option("--released", type=_FILE, help="Write the released system's report; one PRED.json only.")
def evaluate(predictions: tuple[Path, ...], labels: Path | None, json_out: Path | None, released: Path | None) -> None:
    """Score predictions against labels, each figure with its 95 % interval.

    PRED.json is a list of objects with "gt", "pred" and "img_id". With --labels it may also be a .tsv or .txt
    file with lines of `id<TAB>LaTeX`. A label without a prediction counts as wrong.

    \b
    Examples:
      unimumer evaluate crohme_2014_pred.json
      unimumer evaluate N1_pred.json N2_pred.json N3_pred.json --json mne.json
      unimumer evaluate answers.tsv --labels 2014/caption.txt
      unimumer evaluate N3_pred.json --released N3_results.txt

    Exit code: 0 all scored, 1 some file could not be scored, 2 wrong use.
    """
    if released is not None and len(predictions) > 1:
        raise click.UsageError("--released takes one file of predictions")
    done, failed = _score(predictions, labels)
    if json_out is not None:
        _write(json_out, _document(done, failed, _command(predictions, labels, json_out, released)))
    if released is not None and done:
        from unimumer.metrics import released_report

        _write(released, released_report(done[0][1]))
    if failed:
        raise SystemExit(1)


def _score(
    predictions: tuple[Path, ...], labels: Path | None
) -> tuple[list[tuple[Path, Evaluation]], list[tuple[Path, str]]]:
    """Score and print each file; give the results, and the failures with their reasons."""
    from unimumer.metrics import evaluate as evaluate_file

    done: list[tuple[Path, Evaluation]] = []
    failed: list[tuple[Path, str]] = []
    for path in predictions:
        try:
            result = evaluate_file(path, labels)
        except UnimumerError as error:
            failed.append((path, str(error)))
            click.echo(f"error: {error}", err=True)
        else:
            done.append((path, result))
            click.echo(f"{click.format_filename(path)}\n{result.to_text()}")
    return done, failed


def _command(predictions: tuple[Path, ...], labels: Path | None, json_out: Path | None, released: Path | None) -> str:
    options = {"--labels": labels, "--json": json_out, "--released": released}
    given = [part for name, value in options.items() if value is not None for part in (name, str(value))]
    return shlex.join(["unimumer", "evaluate", *map(str, predictions), *given])


def _document(done: list[tuple[Path, Evaluation]], failed: list[tuple[Path, str]], command: str) -> str:
    content = {
        "command": command,
        "evaluations": [{"predictions": str(path), **result.record()} for path, result in done],
        "failed": [{"predictions": str(path), "reason": reason} for path, reason in failed],
    }
    return json.dumps(content, indent=2) + "\n"


def _write(path: Path, text: str) -> None:
    from unimumer.files import write_text

    write_text(path, text)
