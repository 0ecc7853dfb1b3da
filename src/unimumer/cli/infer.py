"""`unimumer infer`: read every picture named in a folder of prompts files, and score the answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unimumer.errors import UnimumerError

if TYPE_CHECKING:
    from unimumer.batch import Plan, PromptsFile, Summary
    from unimumer.engines.base import Engine
    from unimumer.metrics import Pair

_FOLDER = click.Path(file_okay=False, path_type=Path)
_EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
_MAX_BATCH = 256
"""All of a batch are in memory at once; the released commands ask for 32,768."""


@click.command()
@click.option("--input-dir", type=_EXISTING, required=True, help="Folder with the prompts files, *.json.")
@click.option("--output-dir", type=_FOLDER, required=True, help="Folder for the results; made if missing.")
@click.option("--model", default="nano", show_default=True, help="nano, a folder with a model, or fake.")
@click.option(
    "--batch-size",
    type=click.IntRange(1, _MAX_BATCH, clamp=True),
    default=16,
    show_default=True,
    help=f"Pictures in one call of the model; more than {_MAX_BATCH} count as {_MAX_BATCH}.",
)
@click.option(
    "--max-tokens",
    type=click.IntRange(min=1),
    default=256,
    show_default=True,
    help="Tokens after which an answer is cut off.",
)
@click.option(
    "--beams",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Width of beam search; 1: greedy.",
)
@click.option("--threads", type=click.IntRange(min=1), help="Processor threads of the model.")
@click.option(
    "--image-root",
    type=_EXISTING,
    default=".",
    help="Folder that the paths of pictures start from.  [default: the current one]",
)
@click.option("--force", is_flag=True, help="Begin afresh instead of going on with an earlier run.")
def infer(
    input_dir: Path,
    output_dir: Path,
    model: str,
    batch_size: int,
    max_tokens: int,
    beams: int,
    threads: int | None,
    image_root: Path,
    force: bool,
) -> None:
    """Read the pictures of every prompts file in a folder.

    NAME.json is a list of {"images": [path], "messages": [{"from": "human", "value": "<image>" + question},
    {"from": "gpt", "value": label}]}. Its paths may lead anywhere: run only prompts files you trust.

    Written are NAME_pred.json, a list of objects with "gt", "pred", "image_path" and "img_id";
    NAME_results.txt, the scores; and NAME_items.jsonl, the journal. A run that was killed goes on from the
    journal when the same command is given again, and ends with the same files. A picture that cannot be read
    gets the answer "" and is named with its reason; the next run tries it again.

    \b
    Examples:
      unimumer infer --input-dir data/CROHME/prompts --output-dir results
      unimumer infer --input-dir prompts --output-dir out --image-root /data/scans --beams 4

    Exit code: 0 all done, 1 some pictures or files failed, 2 wrong use.
    """
    from unimumer.batch import Plan
    from unimumer.engines.base import Decoding

    paths = _prompts_paths(input_dir, output_dir)
    failed = _Failures()
    sound = list(_checked(paths, failed))
    if sound:
        _make(output_dir)
        decoding = Decoding(max_tokens, beams)
        plan = Plan(_engine(model, threads), output_dir, image_root, decoding, batch_size, force)
        for prompts in sound:
            _run(prompts, plan, failed)
    failed.show()
    if failed.count:
        raise SystemExit(1)


class _Failures:
    """What failed, for the end of the run: the first few in words, all of them in number."""

    def __init__(self) -> None:
        self.count = 0
        self._lines: list[str] = []

    def add_file(self, error: UnimumerError) -> None:
        self.count += 1
        self._lines.append(str(error))

    def add_pictures(self, prompts: PromptsFile, summary: Summary) -> None:
        self.count += summary.failed
        for outcome in summary.failures:
            # An id is a stranger's text: repr() keeps control characters off the terminal.
            name = click.format_filename(prompts.path.name)
            self._lines.append(f"{name}: item {outcome.index} ({outcome.img_id!r}): {outcome.reason}")

    def show(self) -> None:
        from unimumer.batch import SHOWN_FAILURES

        for line in self._lines[:SHOWN_FAILURES]:
            click.echo(f"failed: {line}", err=True)
        if self.count > SHOWN_FAILURES:
            click.echo(f"... and {self.count - SHOWN_FAILURES:,} more failures, in the *_items.jsonl", err=True)


def _prompts_paths(input_dir: Path, output_dir: Path) -> list[Path]:
    if output_dir.exists() and output_dir.samefile(input_dir):
        raise click.UsageError("--output-dir is --input-dir: results would be taken for prompts")
    # Names with a leading dot are the litter of archives and editors.
    paths = sorted(path for path in input_dir.glob("*.json") if not path.name.startswith("."))
    if not paths:
        raise click.UsageError(f"no prompts files (*.json) in {click.format_filename(input_dir)}")
    return paths


def _make(output_dir: Path) -> None:
    try:
        output_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"--output-dir cannot be made: {error.strerror}") from error


def _checked(paths: list[Path], failed: _Failures) -> Iterator[PromptsFile]:
    """The sound ones, all checked before the first is run: a night's work must not end at a typing error."""
    from unimumer.batch import check_prompts
    from unimumer.data import DataError

    for path in paths:
        try:
            yield check_prompts(path)
        except DataError as error:
            failed.add_file(error)


def _engine(model: str, threads: int | None) -> Engine:
    from unimumer.engines.base import EngineError
    from unimumer.engines.load import load_engine

    try:
        return load_engine(model, threads)
    except EngineError as error:
        raise click.UsageError(str(error)) from error


def _run(prompts: PromptsFile, plan: Plan, failed: _Failures) -> None:
    from tqdm import tqdm

    from unimumer.batch import BatchError, run
    from unimumer.data import DataError
    from unimumer.metrics import MetricsError

    quiet = not sys.stderr.isatty()
    try:
        with tqdm(total=prompts.count, desc=prompts.path.stem, unit="picture", disable=quiet) as bar:
            summary = run(prompts, plan, bar.update)
        failed.add_pictures(prompts, summary)
        _report(summary)
    except (BatchError, DataError, MetricsError) as error:
        failed.add_file(error)
    else:
        click.echo(_line(prompts, summary))


def _line(prompts: PromptsFile, summary: Summary) -> str:
    tried = summary.done + summary.failed
    speed = f"{tried / summary.seconds:.1f} pictures/s" if tried and summary.seconds else "nothing left to do"
    return (
        f"{click.format_filename(prompts.path.name)}: {summary.done:,} done, {summary.failed:,} failed, "
        f"{summary.before:,} done before, {summary.cut:,} cut off, {speed}\n"
        f"  {click.format_filename(summary.predictions)}"
    )


def _report(summary: Summary) -> None:
    """Write the released system's report; there is none on no pictures."""
    from unimumer.batch import replacing
    from unimumer.metrics import evaluate, released_report

    if summary.count:
        text = released_report(evaluate(list(_pairs(summary.predictions))))
        with replacing(summary.report) as out:
            out.write(text)


def _pairs(predictions: Path) -> Iterator[Pair]:
    """Label and answer of every item, under its number: different pictures may have the same file name."""
    from unimumer.data import read_objects
    from unimumer.metrics import Pair

    for index, item in enumerate(read_objects(predictions)):
        yield Pair(str(index), str(item["gt"]), str(item["pred"]))
