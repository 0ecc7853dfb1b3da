"""`unimumer errors`: build the corpus of error-driven learning from a labelled set."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from unimumer.cli import options
from unimumer.cli.options import AT_LEAST_0, AT_LEAST_1, EXISTING, EXISTING_FILE, EXISTING_FOLDER, FOLDER

if TYPE_CHECKING:
    from unimumer.training.errors.build import Built, Plan


def _errors(name: str, field: str, default: str, help: str) -> Callable[[options.F], options.F]:
    """An option that takes one error a record, or all; its value is whether one."""
    kinds = click.Choice(["one", "all"])
    return click.option(name, field, type=kinds, default=default, callback=lambda *given: given[2] == "one", help=help)


@click.group()
def errors() -> None:
    """Build the corpus that teaches a model to find and to fix errors.

    \b
    Example:
      unimumer errors build --prompts data/CROHME/train/crohme_train.json --out runs/errors \\
        --ink crohme-train.tar.xz --train-budget 2h
    """


@errors.command()
@click.option("--prompts", required=True, type=EXISTING_FILE, help="Labelled pictures: a file of prompts.")
@click.option("--out", required=True, type=FOLDER, help="Folder to build in; goes on with what is there.")
@click.option("--image-root", type=EXISTING_FOLDER, default=".", help="Where paths of pictures start.")
@click.option("--folds", default=3, type=click.IntRange(min=2), help="Parts of the set.")
@click.option("--writers", type=EXISTING_FILE, help="Lines of an id, a tab and a writer.")
@click.option("--models", multiple=True, help="A model each fold, in order, or one for all, as infer --model takes.")
@click.option("--ink", type=EXISTING, help="Instead of --models: InkML, or a packed .npz, to train Nano on.")
@click.option("--train-budget", callback=options.seconds, default="1h", help="Training time a fold.")
@click.option("--train-workers", default=1, type=AT_LEAST_0, help="Drawing processes.")
@click.option("--samples", default=10, type=AT_LEAST_1, help="Texts drawn a picture.")
@click.option("--temperature", default=0.95, type=click.FloatRange(min=0, min_open=True))
@click.option("--top-p", default=0.7, type=click.FloatRange(0, 1, min_open=True))
@click.option("--top-k", default=50, type=AT_LEAST_0, help="0: all tokens.")
@click.option("--max-tokens", default=256, type=AT_LEAST_1, help="Tokens after which a text is cut.")
@click.option("--batch-size", default=16, type=AT_LEAST_1, help="Pictures in one call of the model.")
@click.option("--threads", type=AT_LEAST_1, help="Processor threads of training and models.")
@_errors(
    "--errors-per-find",
    "single_find",
    "all",
    "Of a record to find errors in: all of a candidate's, or one, its other errors mended.",
)
@_errors("--errors-per-fix", "single_fix", "one", "The same of a record to fix errors in.")
@click.option("--log/--no-log", default=True, help="Begin corrections with the correction log.")
@click.option("--size", type=AT_LEAST_1, help="Records of each kind, at most.  [default: as many as pictures]")
@click.option(
    "--right-share",
    default=0.0,
    type=click.FloatRange(0, 1, max_open=True),
    help="Share of records whose candidate is right.",
)
@click.option("--seed", default=0, type=AT_LEAST_0, help="Of all that is drawn.")
def build(**given: Any) -> None:
    """Let models read pictures they have not trained on, and write records of what they got wrong.

    The set is cut into folds, by writer where known. The model of a fold is trained on the others (--ink), or given
    (--models). It draws texts for the pictures of its fold; those that differ from the label become records
    OUT/NAME_error_find.json and OUT/NAME_error_fix.json, NAME being that of the file of prompts (hme100k for
    hme100k_train and im2latex_v2 for im2latex_v2_train, as published). What the models confuse is in
    OUT/confusions.json, .md and .png. A killed run goes on when the same command is given again, and ends with the
    same files; with other options from --errors-per-find on, only the records are made anew.

    \b
    Examples:
      unimumer errors build --prompts data/CROHME/train/crohme_train.json --out runs/errors \\
        --ink crohme-train.tar.xz --train-budget 2h
      unimumer errors build --prompts data/HME100K/train/hme100k_train.json --out runs/hme --writers writers.tsv \\
        --models runs/fold0 --models runs/fold1 --models runs/fold2 --batch-size 256 --max-tokens 2048
      unimumer errors build --prompts new.json --out runs/new --folds 2 --models nano --errors-per-fix all

    Exit code: 0 all done, 1 some pictures, candidates or ink were left out (named in OUT/invalid_record.json, or
    here), 2 wrong use.
    """
    from unimumer.training.errors.build import build as build_corpus
    from unimumer.training.errors.folds import read_writers

    listed = given.pop("writers")
    writers = read_writers(listed) if listed else {}
    plan = _plan(**given)
    with options.resumable(), _Bars() as bars:
        built = build_corpus(plan, writers, bars.update)
    _tell(built, plan)


def _plan(**given: Any) -> Plan:
    from unimumer.engines.base import Decoding
    from unimumer.training.errors.build import Plan

    if bool(given["models"]) == bool(given["ink"]):
        raise click.UsageError("give one of --models and --ink")
    if len(given["models"]) not in (0, 1, given["folds"]):
        raise click.UsageError(f"give --models once, or {given['folds']} times: once a fold")
    drawn = {name: given.pop(name) for name in ("max_tokens", "temperature", "top_p", "top_k", "samples")}
    return Plan(**given, decoding=Decoding(**drawn))


class _Bars:
    """A progress bar for what is drawn at present."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._name = ""

    def __enter__(self) -> _Bars:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, name: str, done: int, of: int) -> None:
        from tqdm import tqdm

        if self._name != name:
            self.__exit__()
            self._name, self._bar = name, tqdm(total=of, desc=name, unit="picture", disable=not sys.stderr.isatty())
        self._bar.update(done)


def _tell(built: Built, plan: Plan) -> None:
    for reason in built.left_out[: options.SHOWN]:
        click.echo(f"left out: {reason}", err=True)
    if len(built.left_out) > options.SHOWN:
        click.echo(f"... and {len(built.left_out) - options.SHOWN:,} more inks", err=True)
    folder = click.format_filename(plan.out)
    click.echo(f"{folder}: folds of {', '.join(f'{n:,}' for n in built.folds)} pictures")
    click.echo(f"{folder}: {built.finds:,} records to find errors in, {built.fixes:,} to fix errors in")
    if built.invalid:
        listed = click.format_filename(plan.out / "invalid_record.json")
        click.echo(f"{built.invalid:,} pictures or candidates without a record, listed in {listed}", err=True)
    if built.invalid or built.left_out:
        raise SystemExit(1)
