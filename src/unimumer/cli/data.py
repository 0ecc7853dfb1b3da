"""`unimumer data`: make datasets in the released layout, and check them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from unimumer.cli.data_convert import convert
from unimumer.cli.data_register import register
from unimumer.cli.data_unpack import unpack

if TYPE_CHECKING:
    from unimumer.data.check import SetFinding


@click.group()
def data() -> None:
    """Make datasets in the released layout, and check them.

    \b
    Examples:
      unimumer data unpack data.zip
      unimumer data convert crohme --source crohme-2014.tar.xz --split 2014
      unimumer data convert pictures --source mine --kinds recognize,tree,count
      unimumer data check data
      unimumer data register
    """


for _verb in (unpack, convert, register):
    data.add_command(_verb)


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


def _described(finding: SetFinding) -> str:
    size = f"{finding.count} records" if finding.state != "missing" else ""
    first = f"{finding.layout.name:27} {finding.state:8} {size}".rstrip()
    problems = [f"  problem: {problem}" for problem in finding.problems]
    return "\n".join([first, *problems, *(f"  note: {note}" for note in finding.notes)])
