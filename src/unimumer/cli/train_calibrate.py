"""`unimumer train calibrate`: make a Nano's confidences mean how often it is right."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--runtime", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--ink", required=True, type=click.Path(exists=True, path_type=Path), help="The InkML it was trained on.")
@click.option("--held-out", type=click.Path(exists=True, path_type=Path), help="InkML to fit to instead.")
def calibrate(runtime: Path, ink: Path, held_out: Path | None) -> None:
    """Fit the confidences of the graphs in RUNTIME on what the held-out writers alone wrote, or on --held-out.

    That ink is drawn, read by the whole path, and compared with its labels; the fit is written to nano.json.

    \b
    Examples:
      unimumer train calibrate --runtime runs/nano/runtime --ink crohme-train.tar.xz
      unimumer train calibrate --runtime runs/nano/runtime --ink crohme-train.tar.xz --held-out crohme2013
    """
    from unimumer.training.nano.calibrate import calibrate_runtime

    n, right = calibrate_runtime(runtime, ink, held_out)
    click.echo(f"{runtime}: fitted on {n} expressions, of which {right} were read right")
