"""`unimumer corrections`: what people have mended on the page, as data to train with."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from unimumer.cli.data_convert import KINDS, chosen_kinds, report
from unimumer.cli.options import EXISTING_FILE, FOLDER


@click.group()
def corrections() -> None:
    """What people have mended on the page, as data to train with.

    \b
    Examples:
      unimumer corrections export corrections.jsonl
    """


@corrections.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=EXISTING_FILE)
@click.option("--out", default="data", type=FOLDER, help="Folder of all families.")
@click.option("--name", default="corrections", help="What the set is called.")
@click.option("--kinds", default="recognize", help=f"Kinds of conversation: {KINDS}.")
@click.option("--force", is_flag=True, help="Replace what an earlier export has written.")
def export(files: tuple[Path, ...], out: Path, name: str, kinds: str, force: bool) -> None:
    """Turn corrections into labelled ink and a set of conversations.

    FILE is what the page's settings give as "Download corrections", where somebody has agreed to keep them: they are
    nowhere but in that browser and in this file. OUT/NAME/ink gets InkML with the right LaTeX as its truth, and
    OUT/NAME/train the ShareGPT set drawn from it, which is entered in OUT/dataset_info.json. Of several corrections
    of one ink the last counts.

    \b
    Examples:
      unimumer corrections export corrections.jsonl
      unimumer corrections export laptop.jsonl tablet.jsonl --name mine --kinds recognize,tree,count

    Exit code: 0 all are there, 1 some were left out, each named with its reason, or nothing could be written,
    2 wrong use.
    """
    from unimumer.data.conversion import Conversion
    from unimumer.data.convert import convert
    from unimumer.data.corrections import read_corrections
    from unimumer.data.inks import write_labelled
    from unimumer.data.sample import DataError, fault
    from unimumer.files import check_free

    if wrong := fault(name):
        raise click.UsageError(f"{wrong}: {name!r}; give the set another name with --name")
    job = Conversion("ink", "train", out, "sharegpt", chosen_kinds(kinds), name=name)
    found, reasons = read_corrections(files)
    for reason in reasons:
        click.echo(f"left out: {reason}", err=True)
    if not found:
        raise DataError("no correction in it that can be used")
    ink = out / name / "ink"
    check_free([ink, *(out / path for path in job.outputs)], force)
    write_labelled(found, ink, force=force)
    shutil.rmtree(job.work, ignore_errors=True)  # an export is quick, and begins anew
    click.echo(f"{'labelled ink':36} {len(found):8,} files {click.format_filename(ink)}")
    report(convert(ink, job, force=force), job)
    if reasons:
        raise SystemExit(1)
