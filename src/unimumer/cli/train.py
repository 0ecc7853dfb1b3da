"""`unimumer train`: pack training ink, train Nano, and write it in the forms that others load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING = click.Path(exists=True, path_type=Path)


@click.group()
def train() -> None:
    """Train the small embedded model (needs `pip install 'unimumer[train]'`).

    \b
    Examples:
      unimumer train pack --ink crohme-train.tar.xz --out runs/crohme.npz
      unimumer train nano --corpus runs/crohme.npz --out runs/nano --time-budget 2h
      unimumer train export --run runs/nano --out models/nano --runtime src/unimumer/models/nano
    """


@train.command()
@click.option("--ink", required=True, type=_EXISTING, help="InkML: a folder, .zip or .tar.* archive.")
@click.option("--out", required=True, type=_FILE, help="Packed corpus to write (.npz).")
def pack(ink: Path, out: Path) -> None:
    """Pack ink to one file that trains quickly and travels well; labels are rebuilt from the ink.

    \b
    Example:
      unimumer train pack --ink crohme-train.tar.xz --out runs/crohme.npz

    Exit code 1 when some ink was left out; each is named with its reason.
    """
    from unimumer.training.nano.corpus import build_corpus, read_labelled

    left_out: list[str] = []
    corpus = build_corpus(read_labelled(ink, left_out.append))
    corpus.save(out)
    click.echo(
        f"{out}: {len(corpus)} expressions, {int(corpus.validation.sum())} of them held out by writer, "
        f"{len(corpus.classes)} symbol classes"
    )
    for reason in left_out:
        click.echo(f"left out: {reason}", err=True)
    if left_out:
        raise SystemExit(1)


def _seconds(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """Seconds of a duration such as 90s, 20m or 2h."""
    unit = {"s": 1.0, "m": 60.0, "h": 3600.0}.get(value[-1:])
    try:
        seconds = float(value[:-1]) * unit if unit else float(value)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise click.BadParameter(f"{value!r} is not a duration such as 90s, 20m or 2h")
    return seconds


@train.command()
@click.option("--corpus", required=True, type=_EXISTING, help="What `unimumer train pack` wrote.")
@click.option("--out", required=True, type=_FOLDER, help="Run folder: checkpoint and log; resumes what is there.")
@click.option(
    "--time-budget", required=True, callback=_seconds, help="Whole training time, e.g. 20m, over all resumes."
)
@click.option("--init", type=_EXISTING, help="Start from the weights of this Hugging Face folder.")
@click.option("--device", default="cpu", show_default=True, help="cpu or cuda.")
@click.option("--threads", default=2, show_default=True, help="Threads of the training process on a CPU.")
@click.option("--workers", default=1, show_default=True, help="Processes that draw pictures.")
@click.option("--cells", default=1280, show_default=True, help="Visual tokens a step; raise it on a GPU.")
@click.option("--rate", default=1e-3, show_default=True, help="Peak learning rate.")
@click.option("--seed", default=0, show_default=True)
def nano(
    corpus: Path, out: Path, time_budget: float, init: Path | None, device: str, threads: int, **settings: Any
) -> None:
    """Train Nano for a time budget; run it again to resume.

    \b
    Examples:
      unimumer train nano --corpus runs/crohme.npz --out runs/nano --time-budget 2h
      unimumer train nano --corpus runs/crohme.npz --out runs/gpu --time-budget 25m \\
        --device cuda --workers 14 --cells 24576
    """
    from unimumer.training.nano.run import train_nano

    train_nano(corpus, out, init, threads, time_budget=time_budget, device=device, **settings)


@train.command()
@click.option("--run", required=True, type=_EXISTING, help="Run folder of `unimumer train nano`.")
@click.option("--out", required=True, type=_FOLDER, help="Hugging Face folder to write.")
@click.option("--runtime", type=_FOLDER, help="Also write the graphs that run without torch.")
@click.option("--name", default="nano", show_default=True, help="Name that results will record.")
def export(run: Path, out: Path, runtime: Path | None, name: str) -> None:
    """Write the averaged weights of a run for transformers and vLLM, and for the package's own runtime.

    \b
    Example:
      unimumer train export --run runs/nano --out models/nano --runtime src/unimumer/models/nano --name nano-0.1
    """
    from unimumer.training.nano.run import export_run

    export_run(run, out, runtime, name)
    click.echo(f"wrote {out}" + (f" and {runtime}" if runtime else ""))
