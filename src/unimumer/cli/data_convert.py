"""`unimumer data convert`: a published dataset becomes sets of conversations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from unimumer.data.convert import Done
    from unimumer.data.job import Form, Job, Kind

FAMILIES = ("crohme", "crohme2023", "hme100k", "im2latexv2", "mathwriting", "mne")
KINDS = ("plain", "tree", "can")
"""Conversations that a label is enough for; those about errors need candidates of a model."""


@click.command()
@click.argument("family", type=click.Choice(FAMILIES))
@click.option(
    "--source",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="What its owner publishes: a folder; of the ink families also an archive.",
)
@click.option("--split", required=True, help="Which split: train, test, 2014, N1, …; a wrong name lists them.")
@click.option(
    "--out",
    default="data",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of all families.",
)
@click.option("--kinds", default="plain", show_default=True, help=f"Kinds of conversation, of {','.join(KINDS)}.")
@click.option(
    "--form",
    default="sharegpt",
    show_default=True,
    type=click.Choice(("sharegpt", "parquet")),
    help="JSON with a folder of pictures, or Parquet with the pictures in it.",
)
@click.option("--released", is_flag=True, help="Leave out of normalized sets what the released ones leave out.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; default is one for each core.")
@click.option("--force", is_flag=True, help="Replace existing sets, and drop an unfinished run with other settings.")
def convert(
    family: str,
    source: Path,
    split: str,
    out: Path,
    kinds: str,
    form: Form,
    released: bool,
    jobs: int | None,
    force: bool,
) -> None:
    """Make sets of conversations from one split of a dataset as its owner publishes it.

    ShareGPT sets go to OUT/Family/split/ with images/ and the list of labels, test sets to OUT/Family/prompts/.
    Parquet sets go to OUT/parquet/NAME/ in numbered shards. Training labels are normalized; test sets of which
    raw and normalized labels are published are made in both. What cannot be used is listed with its reason in
    invalid_record.json beside the sets. Run it where you will train: ShareGPT sets name pictures by OUT.

    A run that was killed goes on where it was when the same command is given again, and gives the same bytes.

    \b
    Examples:
      unimumer data convert crohme --source crohme-train.tar.xz --split train --kinds plain,tree,can
      unimumer data convert hme100k --source HME100K --split test --released
      unimumer data convert mathwriting --source mathwriting-2024.tgz --split train --form parquet

    Exit code: 0 all converted, 1 some were left out or nothing could be written, 2 wrong use.
    """
    from unimumer.data.convert import convert as run
    from unimumer.data.job import Job
    from unimumer.environment import processors

    job = Job(family, split, out, form, _kinds(kinds), released)
    if split not in job.source.splits:
        raise click.BadParameter(f"{family} has {', '.join(job.source.splits)}", param_hint="--split")
    _report(run(source, job, jobs=jobs or processors(), force=force), job)


def _kinds(text: str) -> tuple[Kind, ...]:
    from unimumer.data.job import Kind
    from unimumer.tasks import count, recognize, tree

    known = {
        "plain": Kind("", recognize.prompt, recognize.target),
        "tree": Kind("_tree", tree.prompt, tree.target),
        "can": Kind("_can", count.prompt, count.target),
    }
    names = list(dict.fromkeys(name.strip() for name in text.split(",")))
    if unknown := [name for name in names if name not in known]:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(known)}", param_hint="--kinds")
    return tuple(known[name] for name in names)


def _report(done: Done, job: Job) -> None:
    if done.resumed:
        click.echo(f"went on after {done.resumed} chunks of an earlier run", err=True)
    for made in job.sets:
        place = click.format_filename(job.out / job.place(made))
        click.echo(f"{made.name:36} {done.rows[made.name]:8,} rows  {place}")
    if done.rejected:
        listed = click.format_filename(job.out / job.invalid)
        click.echo(f"{done.rejected:,} left out, listed with their reasons in {listed}", err=True)
        raise SystemExit(1)
