"""`unimumer data`: make datasets in the released layout, and check them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from unimumer.cli.data_convert import convert
from unimumer.cli.data_pack import pack
from unimumer.cli.data_register import register
from unimumer.cli.data_unpack import unpack
from unimumer.data.layout import CROHME

if TYPE_CHECKING:
    from unimumer.data.check import Finding
    from unimumer.data.sample import Rejected

_SHOWN = 20
"""Rejected inks named on the terminal; the file of records has all."""


@click.group()
def data() -> None:
    """Make datasets in the released layout, and check them.

    \b
    Examples:
      unimumer data crohme --ink crohme-2014.tar.xz --split 2014 --out data/CROHME
      unimumer data unpack data.zip
      unimumer data convert hme100k --source HME100K --split train --kinds plain,tree,can
      unimumer data check data
      unimumer data register
    """


for _verb in (unpack, convert, pack, register):
    data.add_command(_verb)


@data.command()
@click.option(
    "--ink",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="InkML files: a folder, a .zip or a .tar, also .gz, .bz2 or .xz.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the CROHME family.",
)
@click.option("--split", required=True, type=click.Choice(tuple(CROHME)), help="Which split it is.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; default is one for each core.")
@click.option("--force", is_flag=True, help="Replace an existing split, and what a killed run has left.")
def crohme(ink: Path, out: Path, split: str, jobs: int | None, force: bool) -> None:
    """Draw and label the ink of one CROHME split.

    Writes OUT/SPLIT/images/, OUT/SPLIT/caption.txt and OUT/prompts/crohme_SPLIT.json, all or nothing. The prompts
    of train are OUT/train/crohme_train.json instead: evaluation reads all that OUT/prompts holds. Run it, with a
    relative OUT, where you will run inference: the prompts name the pictures by that path. Ink that cannot be
    read, drawn or labelled is listed with the reason in OUT/SPLIT/invalid_record.json.

    \b
    Examples:
      unimumer data crohme --ink crohme-2014.tar.xz --split 2014 --out data/CROHME
      unimumer data crohme --ink inkml/ --split train --out data/CROHME --jobs 4 --force

    Exit code: 0 all converted, 1 some ink was left out or nothing could be written, 2 wrong use.
    """
    from unimumer.data.crohme import convert
    from unimumer.environment import processors
    from unimumer.tasks import recognize

    done = convert(ink, out, split, recognize.prompt(), jobs=jobs or processors(), force=force)
    click.echo(f"{len(done.samples)} pictures in {click.format_filename(out / split)}")
    if done.rejected:
        _name(done.rejected, out / split)
        raise SystemExit(1)


def _name(rejected: tuple[Rejected, ...], folder: Path) -> None:
    for item in rejected[:_SHOWN]:
        click.echo(f"left out: {item.id}: {item.reason}", err=True)
    listed = click.format_filename(folder / "invalid_record.json")
    click.echo(f"{len(rejected)} left out, listed in {listed}", err=True)


@data.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DATA")
@click.option("--pictures", is_flag=True, help="Decode every picture as well; takes minutes for all sets.")
def check(folder: Path, pictures: bool) -> None:
    """Say of every set of the released layout below the folder DATA whether it is there and sound.

    A set is broken when its prompts or labels cannot be read, when they name different expressions, or when
    a picture is missing. Sizes other than the published, labels that do not parse, and labels that differ
    between the two files are noted only: released sets may have them too.

    \b
    Examples:
      unimumer data check data
      unimumer data check data --pictures

    Exit code: 0 all sets that are there are sound, 1 some are broken, 2 wrong use.
    """
    from unimumer.data.check import check as check_sets
    from unimumer.environment import processors

    findings = []
    for finding in check_sets(folder, pictures=pictures, jobs=processors()):
        click.echo(_described(finding))
        findings.append(finding)
    if all(finding.state == "missing" for finding in findings):
        click.echo("no set is there; DATA is the folder that holds CROHME, HME100K and the others", err=True)
    broken = [finding.layout.name for finding in findings if finding.state == "broken"]
    if broken:
        click.echo(f"broken: {', '.join(broken)}", err=True)
        raise SystemExit(1)


def _described(finding: Finding) -> str:
    size = f"{finding.count} records" if finding.state != "missing" else ""
    first = f"{finding.layout.name:27} {finding.state:8} {size}".rstrip()
    problems = [f"  problem: {problem}" for problem in finding.problems]
    return "\n".join([first, *problems, *(f"  note: {note}" for note in finding.notes)])
