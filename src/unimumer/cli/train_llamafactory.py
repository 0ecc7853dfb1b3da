"""`unimumer train llamafactory`: fine-tune a large model with LLaMA-Factory, checked, followed and recorded."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.option(
    "--config",
    "path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Run file: LLaMA-Factory's settings as YAML, such as those in train/.",
)
@click.option(
    "--env",
    "--python",
    "place",
    default=".venv-factory",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Environment that has LLaMA-Factory: its folder or its Python.",
)
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a setting; may be repeated.")
@click.option("--validate", is_flag=True, help="Only check: settings, data, model, memory, batch.")
def llamafactory(path: Path, place: Path, overrides: tuple[str, ...], validate: bool) -> None:
    """Fine-tune with LLaMA-Factory, which runs as a program of its own in its own environment.

    All is checked before it starts. Run it again to go on from the last checkpoint. The output folder gets the
    model, console.log, and the record of the run: run.json, and run.md to read. On several nodes run the same
    command on each, with the variables of torchrun: FORCE_TORCHRUN=1 NNODES=2 NODE_RANK=0 MASTER_ADDR=host.

    \b
    Examples:
      unimumer train llamafactory --config train/Uni-MuMER-train.yaml --validate
      unimumer train llamafactory --config train/Uni-MuMER-train.yaml --set num_train_epochs=2
      unimumer train llamafactory --config train/Nano.yaml --env .venv-factory

    Exit code: 0 trained (or all is well), 1 something is wrong with the inputs or the run failed, 2 wrong use.
    """
    from unimumer.training.llamafactory.check import check
    from unimumer.training.llamafactory.config import load_config
    from unimumer.training.llamafactory.environment import find_environment

    config = load_config(path, overrides)
    environment = find_environment(place)
    report = check(config, environment)
    for line in report.said:
        click.echo(line)
    for problem in report.problems:
        click.echo(f"problem: {problem}", err=True)
    if report.problems:
        raise SystemExit(1)
    if validate:
        return
    from unimumer.training.llamafactory.run import train

    done = train(config, report, environment, ["unimumer", *sys.argv[1:]])
    curve = done["losses"]
    click.echo(
        f"{done['state']}: {click.format_filename(config.output)}"
        + (f", loss {curve[0]['loss']:.3f} to {curve[-1]['loss']:.3f} in {curve[-1]['step']} steps" if curve else "")
    )
