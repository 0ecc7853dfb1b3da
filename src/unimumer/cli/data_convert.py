"""`unimumer data convert`: labelled pictures or ink become sets of conversations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unimumer.cli.options import AT_LEAST_1, EXISTING, FOLDER, resumable
from unimumer.tasks.kinds import LABELLED, Kind, kind_name

if TYPE_CHECKING:
    from unimumer.data.conversion import Conversion
    from unimumer.data.convert import Done

_OWN = ("pictures", "ink", "sharegpt")
_FAMILIES = ("crohme", "crohme2023", "hme100k", "im2latexv2", "mathwriting", "mne", *_OWN)
KINDS = ", ".join(kind.name for kind in LABELLED)


@click.command()
@click.argument("family", type=click.Choice(_FAMILIES))
@click.option(
    "--source",
    required=True,
    type=EXISTING,
    help="What its owner publishes: a folder; of the ink families also an archive.",
)
@click.option("--split", help="train, test, 2014, N1, …; a wrong name lists them. Sets of your own: default train.")
@click.option(
    "--name", help="What sets of `pictures`, `ink` and `sharegpt` are called; default is the name of the source."
)
@click.option("--out", default="data", type=FOLDER, help="Folder of all families.")
@click.option("--kinds", default="recognize", help=f"Kinds of conversation: {KINDS}.")
@click.option(
    "--form",
    default="sharegpt",
    type=click.Choice(("sharegpt", "parquet")),
    help="JSON with a folder of pictures, or Parquet with the pictures in it.",
)
@click.option("--fit", metavar="MODEL", help="Write pictures as a Nano model sees them: nano, or its folder.")
@click.option("--released", is_flag=True, help="Leave out of normalized sets what the released ones leave out.")
@click.option("--jobs", type=AT_LEAST_1, help="Processes; default is one for each core.")
@click.option("--force", is_flag=True, help="Replace existing sets, and drop an unfinished run with other settings.")
def convert(source: Path, jobs: int | None, force: bool, **settings: Any) -> None:
    """Make sets of conversations from labelled pictures or ink, and register them for LLaMA-Factory.

    The family is a dataset as its owner publishes it; or `pictures`, a folder of your own with caption.txt (lines of a
    picture's name, a tab and LaTeX) and the pictures; or `ink`, a folder or an archive of your own InkML with its LaTeX
    as the annotation `truth`; or `sharegpt`, a file of conversations to be put into Parquet.

    ShareGPT sets go to OUT/Family/split/ with images/ and the list of labels, test sets to OUT/Family/prompts/.
    Parquet sets go to OUT/parquet/NAME/ in numbered shards. All are entered in OUT/dataset_info.json. Training labels
    are normalized; test sets of which raw and normalized labels are published are made in both. What cannot be used
    is listed with its reason in invalid_record.json beside the sets. Run it where you will train: ShareGPT sets name
    pictures by OUT. Kinds may also be written as in released names: plain, tree, can.

    A run that was killed goes on where it was when the same command is given again, and gives the same bytes.

    \b
    Examples:
      unimumer data convert crohme --source crohme-train.tar.xz --split train --kinds recognize,tree,count
      unimumer data convert hme100k --source HME100K --split test --released
      unimumer data convert mathwriting --source mathwriting-2024.tgz --split train --form parquet
      unimumer data convert pictures --source mine --fit nano
      unimumer data convert ink --source notes --name notes
      unimumer data convert sharegpt --source runs/errors/crohme_train_error_find.json --form parquet

    Exit code: 0 all converted, 1 some were left out or nothing could be written, 2 wrong use.
    """
    from unimumer.data.convert import convert as run
    from unimumer.environment import processors

    job = _conversion(source, **settings)
    with resumable():
        done = run(source, job, jobs=jobs or processors(), force=force)
    report(done, job)


def _conversion(
    source: Path, family: str, split: str | None, name: str | None, kinds: str, fit: str | None, **rest: Any
) -> Conversion:
    from unimumer.data.conversion import Conversion
    from unimumer.data.sample import fault
    from unimumer.engines.nano import NanoEngine

    if family not in _OWN and name is not None:
        raise click.UsageError(f"--name is of {', '.join(_OWN)}; sets of {family} have their published names")
    if family == "sharegpt" and (rest["form"] != "parquet" or fit):
        raise click.UsageError("sharegpt is put into Parquet as it is: give --form parquet, and no --fit")
    own = (name or source.resolve().stem) if family in _OWN else ""
    if own and (wrong := fault(own)):
        raise click.UsageError(f"{wrong}: {own!r}; give the sets another name with --name")
    fitted = NanoEngine.load(None if fit == "nano" else Path(fit)).scale.fitted if fit else None
    chosen = chosen_kinds("recognize" if family == "sharegpt" else kinds)
    job = Conversion(family, split or ("train" if own else ""), kinds=chosen, name=own, fit=fitted, **rest)
    if job.split not in job.source.splits:
        raise click.BadParameter(f"{family} has {', '.join(job.source.splits)}", param_hint="--split")
    return job


def chosen_kinds(text: str) -> tuple[Kind, ...]:
    """The kinds of a comma-separated list. Raises BadParameter for one that is not made from labels."""
    known = {kind.name: kind for kind in LABELLED}
    names = list(dict.fromkeys(map(kind_name, text.split(","))))
    if unknown := [name for name in names if name not in known]:
        raise click.BadParameter(f"{unknown[0]!r} is none of {KINDS}", param_hint="--kinds")
    return tuple(known[name] for name in names)


def report(done: Done, job: Conversion) -> None:
    """Say what was made and what was left out; the exit code is 1 then."""
    if done.resumed:
        click.echo(f"went on after {done.resumed} chunks of an earlier run", err=True)
    for made in job.sets:
        place = click.format_filename(job.out / job.place(made))
        click.echo(f"{made.name:36} {done.rows[made.name]:8,} rows  {place}")
    if done.rejected:
        for line in done.shown:
            click.echo(f"left out: {line}", err=True)
        listed = click.format_filename(job.out / job.invalid)
        click.echo(f"{done.rejected:,} left out, listed with their reasons in {listed}", err=True)
        raise SystemExit(1)
