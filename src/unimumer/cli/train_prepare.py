"""`unimumer train prepare`: conversations to train on, from your own labelled pictures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

_SHOWN = 20
"""Pictures left out that are named; the count tells of the rest."""


@click.command()
@click.option(
    "--labels",
    "path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Lines of `id<TAB>LaTeX`; the id is the name of a picture without its suffix.",
)
@click.option(
    "--pictures",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the pictures; default is `images` beside the labels.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write; its name becomes the name of the data set.",
)
@click.option(
    "--tasks",
    default="recognize,tree,count",
    show_default=True,
    help="Kinds of conversation, of these three, separated by commas.",
)
@click.option("--fit", metavar="MODEL", help="Write pictures as a Nano model sees them: nano, or its folder.")
def prepare(path: Path, pictures: Path | None, out: Path, tasks: str, fit: str | None) -> None:
    """Make conversations for LLaMA-Factory from labelled pictures.

    Writes OUT/NAME.json and OUT/dataset_info.json, where NAME is the name of the folder OUT; a run file then says
    `dataset_dir: OUT`, `media_dir: .` and `dataset: NAME`. Run it where you will train: paths of pictures are kept as
    given. To fine-tune Nano, give --fit nano, which also writes OUT/images.

    \b
    Examples:
      unimumer train prepare --labels mine/caption.txt --out data/mine
      unimumer train prepare --labels mine/caption.txt --out data/mine-nano --fit nano --tasks recognize

    Exit code: 0 all labels used, 1 some were left out, each named with its reason, 2 wrong use.
    """
    from tqdm import tqdm

    from unimumer.data.captions import read_captions
    from unimumer.engines.nano import NanoEngine
    from unimumer.latex import normalize
    from unimumer.training.llamafactory.prepare import TASKS
    from unimumer.training.llamafactory.prepare import prepare as write

    kinds = [task.strip() for task in tasks.split(",")]
    unknown = [task for task in kinds if task not in TASKS]
    if unknown:
        raise click.UsageError(f"unknown task {unknown[0]!r}; there are {', '.join(TASKS)}")
    model = NanoEngine.load(None if fit == "nano" else Path(fit)) if fit else None

    def progress(ids: Iterable[str]) -> Iterable[str]:
        return tqdm(ids, unit="picture", disable=None)

    folder = pictures or path.parent / "images"
    used, left_out = write(read_captions(path), folder, out, kinds, normalize, model, progress)
    click.echo(f"{used} pictures, {used * len(kinds)} conversations in {click.format_filename(out)}")
    for item in left_out[:_SHOWN]:
        click.echo(f"left out: {item.id}: {item.reason}", err=True)
    if left_out:
        click.echo(f"{len(left_out)} left out", err=True)
        raise SystemExit(1)
