"""`unimumer train adapt`: make Nano read one person's hand better."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from unimumer.cli import options


@click.command()
@click.argument("source", type=options.EXISTING)
@click.option("--model", default="models/nano", type=options.FOLDER, help="Nano's Hugging Face folder.")
@click.option("--out", type=options.FOLDER, help="Hugging Face folder to write.")
@click.option("--runtime", type=options.FOLDER, help="Folder for the graphs that run without torch.")
@click.option("--name", default="nano-own", help="Name that results will record.")
@click.option(
    "--corpus",
    type=options.EXISTING_FILE,
    help="General ink to see beside, of `unimumer train pack`; takes twice the time.",
)
@click.option("--passes", default=16, type=options.AT_LEAST_1, help="Times each expression is seen.")
@click.option("--rate", default=3e-4, type=click.FloatRange(min=0, min_open=True), help="Learning rate.")
@click.option("--kept", default=0.5, type=click.FloatRange(0, 1), help="Share of the old weights in the new.")
@click.option("--time-budget", default="10m", callback=options.seconds, help="When to stop at the latest.")
@click.option("--seed", default=0, type=click.IntRange(min=0))
def adapt(
    source: Path, model: Path, out: Path | None, runtime: Path | None, name: str, corpus: Path | None, **plan: Any
) -> None:
    """Fine-tune Nano on what one person wrote, from a few dozen labelled expressions, in minutes.

    SOURCE is a folder or archive of InkML, each with its LaTeX as its truth, as `unimumer corrections export` writes
    it; or a folder of pictures with caption.txt. Ink is worth more: it is composed to new expressions. The confidences
    and the language model of the package are carried over to --runtime; they were not fitted to this hand.
    docs/training.md says what was measured: the right texts become more probable; that more come out is not shown.

    \b
    Examples:
      unimumer train adapt data/corrections/ink --runtime runs/mine
      unimumer train adapt mine --runtime runs/mine --out runs/mine-huggingface --name nano-mine
      unimumer recognize photo.jpg --model runs/mine

    Exit code 1 when some expressions were left out; each is named with its reason.
    """
    if not (out or runtime):
        raise click.UsageError("give --runtime, --out or both")
    if not model.is_dir():
        whose = "Nano's Hugging Face folder, models/nano of the repository"
        raise click.UsageError(f"there is no folder {model}; --model takes {whose}")
    from unimumer.training.nano.run import exporter, write_model

    exporter()
    import torch
    from tqdm import tqdm

    from unimumer.compose.corpus import load_corpus
    from unimumer.training.nano import adapt as adapting
    from unimumer.training.nano.huggingface import read_huggingface, take_over

    if out:
        take_over(out)
    with options.naming_left_out() as left_out:
        own = adapting.read_own_expressions(source, left_out.append)
    old, tokenizer = read_huggingface(model)
    torch.set_num_threads(2)  # more gain nothing in so small a model
    with tqdm(desc="adapting", unit="picture", disable=not sys.stderr.isatty()) as bar:

        def report(seen: int, of: int) -> None:
            bar.total = of
            bar.update(seen - bar.n)

        general = load_corpus(corpus) if corpus else None
        adapted, seen = adapting.adapt(old, tokenizer, own, adapting.AdaptPlan(**plan), general, report)
    write_model(adapted, tokenizer, out, runtime, name)
    said = f"adapted to {len(own)} expressions, {seen} pictures seen"
    said += f"; wrote {click.format_filename(out)}" if out else ""
    if runtime:
        said += f"; wrote {click.format_filename(runtime)}, {_carried_over(runtime)}"
    click.echo(said)
    if left_out:
        raise SystemExit(1)


def _carried_over(runtime: Path) -> str:
    """Give the runtime the package's calibration and language model, if it is of the same tokens; say which.

    One goes with the other: confidences were fitted to what both models say together.
    """
    from unimumer.engines.nano import LANGUAGE, Description, embedded
    from unimumer.files import read_object, write_bytes, write_json

    package = Description(**read_object(embedded() / "nano.json"))
    about = read_object(runtime / "nano.json")
    if about["sha256"]["tokenizer.json"] != package.sha256["tokenizer.json"]:
        return "not calibrated: its tokens are not those of the package's model"
    if package.language:
        write_bytes(runtime / LANGUAGE, (embedded() / LANGUAGE).read_bytes())
        about["sha256"][LANGUAGE] = package.sha256[LANGUAGE]
    about |= {"calibration": list(package.calibration), "language": list(package.language)}
    write_json(runtime / "nano.json", about, indent=1)
    return f"with the calibration of {package.name}"
