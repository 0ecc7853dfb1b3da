"""`unimumer data unpack`: a data archive, safely, to where the released scripts expect it."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out",
    default="data",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of all families.",
)
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
