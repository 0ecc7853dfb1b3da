"""`unimumer models`: the published models, what they need, and how to get them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from unimumer.cli import options

if TYPE_CHECKING:
    from unimumer.engines.zoo import Backbone

_NANO = "nano, the embedded model, needs nothing more: 7 million parameters, 63.6 % on CROHME 2014, CC BY-NC-SA 3.0"


@click.command()
@options.as_json
def models(as_json: bool) -> None:
    """List the published models: size, memory, license, how well they read, and how to fetch them.

    Scores are ExpRate (answers equal to the label, in percent) on CROHME 2014, 2016 and 2019 and the mean over the
    ten test sets of the authors' model zoo. Memory is an estimate.

    \b
    Examples:
      unimumer models
      unimumer models --json
      unimumer recognize --model models/Uni-MuMER-Qwen3.5-2B photo.jpg
    """
    from unimumer.engines.zoo import BACKBONES

    zoo = list(BACKBONES.values())

    if as_json:
        click.echo(json.dumps([_entry(model) for model in zoo], indent=2))
        return
    click.echo(_NANO + "\n")
    click.echo(
        f"{'model':34} {'weights':>8} {'memory':>7}   {'CROHME 14 / 16 / 19':21} {'mean':>5}   license of the base"
    )
    for model in zoo:
        click.echo(_row(model))
    click.echo(f"\nWhere there is a network:\n  {zoo[2].fetch}")
    click.echo("  unimumer doctor            (says which engine can run it)")
    click.echo(f"  unimumer recognize --model models/{zoo[2].model.split('/')[-1]} photo.jpg")


def _entry(model: Backbone) -> dict[str, object]:
    backbone = asdict(model)
    scores = {name: backbone.pop(name) for name in ("crohme", "average")}
    derived = {"name": model.model, "weights_gb": model.weights_gb, "memory_gb": model.memory_gb, "fetch": model.fetch}
    return {"backbone": backbone, **scores, **derived}


def _row(model: Backbone) -> str:
    scores = " / ".join(f"{score:.2f}" for score in model.crohme) if model.crohme else "not published"
    mean = f"{model.average:.2f}" if model.average else "-"
    return (
        f"{model.model:34} {model.weights_gb:5.1f} GB {model.memory_gb:4} GB   {scores:21} {mean:>5}   {model.license}"
    )
