"""`unimumer data register`: tell LLaMA-Factory what a data folder holds."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "--data",
    default="data",
    show_default=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that holds CROHME, HME100K and the others.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; default is DATA/dataset_info.json.",
)
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
