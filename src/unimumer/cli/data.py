"""`unimumer data`: make datasets in the released layout, unpack, register and check them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unimumer.cli.data_convert import convert
from unimumer.cli.options import AT_LEAST_1, EXISTING_FILE, EXISTING_FOLDER, FILE, FOLDER

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
      unimumer data compose runs/all.npz --count 1000 --out composed
      unimumer data check data
      unimumer data register
    """


data.add_command(convert)


@data.command()
@click.argument("corpus", type=EXISTING_FILE)
@click.option("--out", required=True, type=FOLDER, help="Folder of InkML to write.")
@click.option("--count", default=1000, type=AT_LEAST_1, help="Expressions to write.")
@click.option("--seed", default=0, type=click.IntRange(min=0), help="Of all that is drawn: another gives others.")
@click.option("--force", is_flag=True, help="Replace the folder.")
def compose(corpus: Path, out: Path, count: int, seed: int, force: bool) -> None:
    """Write new expressions, composed of real ink and laid out in it, as labelled InkML.

    CORPUS is what `unimumer train pack` made of ink and formulas. The expressions are of the kind that Nano is trained
    on (docs/generator.md): more of them than any collection has, for models of any size, or to see which mistakes
    a model makes in formulas that nobody can have trained it on. `data convert ink` draws them.

    \b
    Examples:
      unimumer data compose runs/all.npz --count 1000 --out composed
      unimumer data convert ink --source composed --kinds recognize,tree,count

    Exit code: 0 done, 1 nothing was written, 2 wrong use.
    """
    from tqdm import tqdm

    from unimumer.compose.corpus import load_corpus
    from unimumer.compose.generator import composed
    from unimumer.data.inks import write_labelled
    from unimumer.files import check_free

    check_free([out], force)
    inks = composed(load_corpus(corpus), count, seed)
    shown = tqdm(inks, desc="composing", total=count, unit="expression", disable=not sys.stderr.isatty())
    write_labelled(shown, out, force=force)
    click.echo(f"{count:,} expressions in {click.format_filename(out)}")


@data.command()
@click.argument("archive", type=EXISTING_FILE)
@click.option("--out", default="data", type=FOLDER, help="Folder of all families.")
@click.option("--force", is_flag=True, help="Replace families that are there.")
def unpack(archive: Path, out: Path, force: bool) -> None:
    """Unpack data.zip, or any .zip or .tar of data, so that its families lie in OUT.

    A folder around all the rest, such as data/, is taken off: data.zip gives OUT/CROHME, OUT/HME100K and so on.
    An archive with a name or a link that leads elsewhere, with two names for one file, or with more data than it
    can honestly hold is refused as a whole. All of it comes or nothing.

    \b
    Examples:
      unimumer data unpack data.zip
      unimumer data unpack mathwriting-2024.tgz --out downloads

    Exit code: 0 done, 1 refused or damaged, nothing was unpacked, 2 wrong use.
    """
    from unimumer.data.unpack import unpack as run

    done = run(archive, out, force=force)
    click.echo(f"{done.files:,} files, {done.size / 2**20:,.1f} MiB in {click.format_filename(out)}")
    for name in done.folders:
        click.echo(f"  {name}")


@data.command()
@click.option("--data", default="data", type=EXISTING_FOLDER, help="Folder that holds CROHME, HME100K and the others.")
@click.option("--out", type=FILE, help="File to write; default is DATA/dataset_info.json.")
def register(data: Path, out: Path | None) -> None:
    """Enter the sets below DATA in LLaMA-Factory's dataset_info.json; `data convert` does so for those it makes.

    ShareGPT files are registered under their own names, Parquet sets of DATA/parquet as parquet_NAME. In the run
    file, `dataset_dir` is the folder of the file written, and `media_dir` the folder from which the pictures'
    paths hold: the one you converted in. Other entries of the file stay.

    \b
    Examples:
      unimumer data register
      unimumer data register --data data --out train/dataset_info.json

    Exit code: 0 done, 1 no set was found, 2 wrong use.
    """
    from unimumer.data.register import INFO
    from unimumer.data.register import register as write

    target = out or data / INFO
    sets = write(data, target)
    for name, entry in sets.items():
        click.echo(f"{name:36} {entry['file_name']}")
    click.echo(f"{len(sets)} sets in {click.format_filename(target)}")


@data.command()
@click.argument("folder", type=EXISTING_FOLDER, metavar="DATA")
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

    Exit code: 0 all sets that are there are sound, 1 some are broken or none is there, 2 wrong use.
    """
    from unimumer.data.check import check as check_sets
    from unimumer.environment import processors

    findings = []
    for finding in check_sets(folder, pictures=pictures, jobs=processors()):
        click.echo(_described(finding))
        findings.append(finding)
    if all(finding.state == "missing" for finding in findings):
        click.echo("no set is there; DATA is the folder that holds CROHME, HME100K and the others", err=True)
        raise SystemExit(1)
    broken = [finding.layout.name for finding in findings if finding.state == "broken"]
    if broken:
        click.echo(f"broken: {', '.join(broken)}", err=True)
        raise SystemExit(1)


def _described(finding: SetFinding) -> str:
    size = f"{finding.count} records" if finding.state != "missing" else ""
    first = f"{finding.layout.name:27} {finding.state:8} {size}".rstrip()
    problems = [f"  problem: {problem}" for problem in finding.problems]
    return "\n".join([first, *problems, *(f"  note: {note}" for note in finding.notes)])
