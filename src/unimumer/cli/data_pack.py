"""`unimumer data pack`: a ShareGPT file and its pictures become a Parquet set."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--media",
    default=".",
    show_default=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder from which the pictures' paths hold.",
)
@click.option(
    "--data",
    default="data",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The set goes to DATA/parquet/NAME.",
)
@click.option("--force", is_flag=True, help="Replace existing sets.")
def pack(files: tuple[Path, ...], media: Path, data: Path, force: bool) -> None:
    """Make a Parquet set, pictures included, of each ShareGPT file.

    For sets that `convert` cannot make, such as those about errors. A set is named after its file.

    \b
    Examples:
      unimumer data pack data/CROHME/train/crohme_train_error_find.json

    Exit code: 0 done, 1 a file or a picture cannot be used, 2 wrong use.
    """
    from unimumer.data.pack import pack as run

    for file in files:
        count = run(file, media, data, force=force)
        click.echo(f"{file.stem:36} {count:8,} rows  {click.format_filename(data / 'parquet' / file.stem)}")
