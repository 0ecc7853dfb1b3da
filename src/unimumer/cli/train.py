"""`unimumer train`: pack ink, train Nano, calibrate and export it; fine-tune a large model with LLaMA-Factory."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from unimumer.cli import options
from unimumer.cli.options import AT_LEAST_0, AT_LEAST_1, EXISTING, EXISTING_FILE, EXISTING_FOLDER, FILE, FOLDER, PATH
from unimumer.cli.train_adapt import adapt

# As `training.nano` has them, which is too heavy to load for a help text.
_FEW = 20
"""Expressions read right, and read wrong, that confidences are fitted on, at least."""
_CHOICES = {"kinds": ("tree", "count", "find", "fix"), "without": ("symbols", "cells", "short")}


@click.group()
def train() -> None:
    """Train the small embedded model (needs `pip install 'unimumer[train]'`), or a large one with LLaMA-Factory.

    \b
    Examples:
      unimumer train nano --ink crohme-train.tar.xz --out runs/nano --time-budget 2h --runtime runs/nano/graphs
      unimumer train pack --ink crohme-train.tar.xz --out runs/crohme.npz
      unimumer train nano --corpus runs/crohme.npz --out runs/nano --time-budget 2h
      unimumer train export --run runs/nano --out models/nano --runtime src/unimumer/models/nano
      unimumer train adapt data/corrections/ink --runtime runs/mine
      unimumer train llamafactory --config train/Uni-MuMER-train.yaml --validate
    """


train.add_command(adapt)


@train.command()
@click.option("--ink", required=True, multiple=True, type=EXISTING, help="InkML: a folder, .zip or .tar.* archive.")
@click.option("--held-out", multiple=True, type=EXISTING, help="InkML to measure by, never trained on.")
@click.option("--symbols", multiple=True, type=EXISTING_FILE, help="Single symbols, a JSON line each (.jsonl.gz).")
@click.option("--formulas", multiple=True, type=EXISTING_FILE, help="LaTeX to lay out in ink, one a line (.txt.gz).")
@click.option("--out", required=True, type=FILE, help="Packed corpus to write (.npz).")
def pack(out: Path, **sources: tuple[Path, ...]) -> None:
    """Pack ink to one file that trains quickly and travels well; labels are rebuilt from the ink.

    Of --ink some writers are held out, too; formulas that held-out ink has are never laid out. All but --out may be
    given several times.

    \b
    Examples:
      unimumer train pack --ink crohme-train.tar.xz --out runs/crohme.npz
      unimumer train pack --ink crohme-train.tar.xz --ink crohme2012 --held-out crohme2013 \\
        --symbols detexify.jsonl.gz --formulas school.txt.gz --out runs/all.npz

    Exit code 1 when some ink was left out; each is named with its reason.
    """
    summary, all_packed = _pack(out, **sources)
    click.echo(summary)
    if not all_packed:
        raise SystemExit(1)


def _pack(
    out: Path,
    ink: tuple[Path, ...],
    held_out: tuple[Path, ...] = (),
    symbols: tuple[Path, ...] = (),
    formulas: tuple[Path, ...] = (),
) -> tuple[str, bool]:
    """Write the corpus and name the ink left out; return what was written, and whether that is all of it."""
    from unimumer.compose.corpus import build_corpus, entries

    with options.naming_left_out() as left_out:
        read = [_formulas(path) for path in formulas]
        corpus = build_corpus(entries(ink, held_out, symbols, left_out.append), left_out.append, tuple(read))
    corpus.save(out)
    summary = (
        f"{click.format_filename(out)}: {int((~corpus.lone).sum())} expressions, "
        f"{int((corpus.validation & ~corpus.lone).sum())} of them held out, {int(corpus.lone.sum())} single symbols, "
        f"{len(corpus.classes)} symbol classes, {sum(map(len, corpus.formulas))} formulas"
    )
    return summary, not left_out


def _formulas(path: Path) -> tuple[str, ...]:
    """The labels of a file of formulas; says how many were passed over, which is no failure."""
    from unimumer.compose.formulas import read_formulas

    labels, foreign = read_formulas(path)
    click.echo(f"{click.format_filename(path)}: {len(labels)} formulas, {foreign} passed over", err=True)
    return tuple(labels)


def _names(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    """Names of a comma-separated list, each of those that `_CHOICES` has for the option."""
    from unimumer.tasks.kinds import kind_name

    names = tuple(kind_name(name) for name in value.split(",") if name.strip() not in ("", "none"))
    known = _CHOICES[param.name or ""]
    if unknown := [name for name in names if name not in known]:
        raise click.BadParameter(f"{unknown[0]!r} is not one of {', '.join(known)}; give none to have none")
    return names


@train.command()
@click.option("--ink", type=EXISTING, help="InkML, packed to OUT/corpus.npz when that is missing.")
@click.option("--corpus", type=EXISTING_FILE, help="Instead of --ink: what `unimumer train pack` wrote.")
@click.option("--out", required=True, type=FOLDER, help="Run folder: checkpoint and log; resumes what is there.")
@click.option(
    "--time-budget", required=True, callback=options.seconds, help="Whole training time, e.g. 20m, over all resumes."
)
@click.option("--init", type=EXISTING_FOLDER, help="Start from the weights of this Hugging Face folder.")
@click.option("--export", "huggingface", type=FOLDER, help="Write a Hugging Face folder at the end.")
@click.option("--runtime", type=FOLDER, help="Write the graphs that run without torch at the end.")
@click.option("--device", default="cpu", type=click.Choice(["cpu", "cuda"]))
@click.option(
    "--processes",
    default=1,
    type=AT_LEAST_1,
    help="Processes that train together on a CPU; one a core, of one thread each, is fastest.",
)
@click.option("--threads", default=1, type=AT_LEAST_1, help="Threads of each training process on a CPU.")
@click.option("--workers", default=1, type=AT_LEAST_0, help="Processes that draw pictures, for each that trains.")
@click.option(
    "--cells",
    default=1280,
    type=click.IntRange(min=64),
    help="Visual tokens a step of each process; raise it on a GPU.",
)
@click.option("--rate", default=1e-3, type=click.FloatRange(min=0, min_open=True), help="Learning rate.")
@click.option(
    "--kinds",
    default="tree,count,find,fix",
    callback=_names,
    help="Conversations that join recognition at the end; none for plain recognition.",
)
@click.option(
    "--without", default="none", callback=_names, help="Parts of the curriculum to leave out: symbols, cells, short."
)
@click.option(
    "--decay",
    default="0s",
    callback=options.seconds,
    help="Time at the end in which the rate goes down to nothing; 0s to go on another time.",
)
@click.option("--save-every", default="4m", callback=options.seconds, help="Time between checkpoints.")
@click.option("--validate-every", default="15m", callback=options.seconds, help="Time between validations.")
@click.option("--seed", default=0, type=AT_LEAST_0)
def nano(
    ink: Path | None,
    corpus: Path | None,
    out: Path,
    init: Path | None,
    huggingface: Path | None,
    runtime: Path | None,
    threads: int,
    processes: int,
    **plan: Any,
) -> None:
    """Train Nano for a time budget; run it again to resume.

    Give one of --ink and --corpus. Ink that cannot be packed is named, and trained without.

    \b
    Examples:
      unimumer train nano --ink crohme-train.tar.xz --out runs/nano --time-budget 2h \\
        --export runs/nano/huggingface --runtime runs/nano/graphs
      unimumer train nano --corpus runs/crohme.npz --out runs/gpu --time-budget 25m \\
        --device cuda --workers 15 --cells 24576 --rate 1.5e-3 --save-every 60s --validate-every 60s
    """
    given = [path for path in (ink, corpus) if path]
    if len(given) != 1:
        raise click.UsageError("give one of --ink and --corpus")
    from unimumer.training.nano.run import averaged_model, exporter, train_nano, write_model

    if huggingface or runtime:
        exporter()  # what is missing shows now, not after hours
    with options.resumable():
        train_nano(_packed(given[0], out) if ink else given[0], out, init, threads, processes, **plan)
    if huggingface or runtime:
        write_model(*averaged_model(out), huggingface, runtime, "nano")
        _tell_written(huggingface, runtime)


def _packed(ink: Path, out: Path) -> Path:
    """The corpus in the run folder, packed now when it is missing."""
    corpus = out / "corpus.npz"
    summary = f"{click.format_filename(corpus)}: packed before" if corpus.exists() else _pack(corpus, (ink,))[0]
    click.echo(summary, err=True)
    return corpus


@train.command()
@click.option("--run", type=EXISTING_FOLDER, help="Run folder of `unimumer train nano`.")
@click.option("--huggingface", type=EXISTING_FOLDER, help="Instead of --run: a Hugging Face folder, fine-tuned or not.")
@click.option("--out", type=FOLDER, help="Hugging Face folder to write.")
@click.option("--runtime", type=FOLDER, help="Folder for the graphs that run without torch.")
@click.option("--name", default="nano", help="Name that results will record.")
@click.option("--int8", multiple=True, type=click.Choice(["encoder", "decoder"]), help="Graph with 8-bit products.")
def export(
    run: Path | None,
    huggingface: Path | None,
    out: Path | None,
    runtime: Path | None,
    name: str,
    int8: tuple[str, ...],
) -> None:
    """Write a trained Nano for transformers and vLLM, and for the package's own runtime.

    With --run the averaged weights of a run's checkpoint are written; with --huggingface a folder in that layout,
    as LLaMA-Factory leaves it after fine-tuning, becomes graphs that run without torch. docs/runtime.md has what
    --int8 gains and costs.

    \b
    Examples:
      unimumer train export --run runs/nano --out models/nano --runtime src/unimumer/models/nano --name nano-0.1
      unimumer train export --huggingface saves/nano --runtime runs/mine --name nano-mine
      unimumer train export --huggingface models/nano --runtime runs/int8 --int8 encoder --int8 decoder
      unimumer recognize photo.jpg --model runs/mine
    """
    if not (out or runtime):
        raise click.UsageError("give --out, --runtime or both")
    if (run is None) == (huggingface is None):
        raise click.UsageError("give one of --run and --huggingface")
    from unimumer.training.nano.run import averaged_model, exporter, write_model

    exporter()  # what is missing shows before anything is read
    if huggingface is not None:
        from unimumer.training.nano.huggingface import read_huggingface

        write_model(*read_huggingface(huggingface), out, runtime, name, int8)
    elif run is not None:
        write_model(*averaged_model(run), out, runtime, name, int8)
    _tell_written(out, runtime)


def _tell_written(huggingface: Path | None, runtime: Path | None) -> None:
    folders = [click.format_filename(folder) for folder in (huggingface, runtime) if folder]
    click.echo(f"wrote {' and '.join(folders)}")
    if runtime:
        then = f"unimumer train calibrate --runtime {click.format_filename(runtime)} --ink INK"
        click.echo(f"its confidences are not calibrated yet: {then}", err=True)


@train.command()
@click.option("--runtime", required=True, type=EXISTING_FOLDER)
@click.option("--ink", required=True, type=EXISTING, help="The InkML it was trained on.")
@click.option("--held-out", type=EXISTING, help="InkML to fit to instead.")
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
    if min(right, n - right) < _FEW:
        few = f"with fewer than {_FEW} read right, or as few read wrong, confidences say little; give more ink"
        click.echo(f"warning: {few}", err=True)


@train.command()
@click.option("--runtime", required=True, type=EXISTING_FOLDER)
@click.option("--corpus", required=True, type=EXISTING_FILE, help="What `unimumer train pack` wrote.")
@click.option("--weight", default=0.15, type=click.FloatRange(0), help="Of its log-probability beside the model's own.")
@click.option("--bonus", default=0.3, type=float, help="What every token of a text adds, in nats.")
def language(runtime: Path, corpus: Path, weight: float, bonus: float) -> None:
    """Teach the graphs in RUNTIME which formulas people write: beam search then ranks its texts by that too.

    Counted are the labels of the corpus that are trained on and its formulas, but none that held-out ink says. The
    confidences have to be calibrated afterwards.

    \b
    Examples:
      unimumer train language --runtime runs/nano/runtime --corpus runs/all.npz
      unimumer train calibrate --runtime runs/nano/runtime --ink crohme-train.tar.xz
    """
    from unimumer.compose.corpus import load_corpus
    from unimumer.training.nano.language import write_language

    count = write_language(runtime, load_corpus(corpus), weight, bonus)
    click.echo(f"{click.format_filename(runtime)}: {count} n-grams; its confidences have to be calibrated now")


@train.command()
@click.option(
    "--config",
    "path",
    required=True,
    type=EXISTING_FILE,
    help="Run file: LLaMA-Factory's settings as YAML, such as those in train/.",
)
@click.option(
    "--env",
    "--python",
    "place",
    default=".venv-factory",
    type=PATH,
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
    from unimumer.training.llamafactory.run import train as run

    with options.resumable():
        done = run(config, report, environment, ["unimumer", *sys.argv[1:]])
    curve = done["losses"]
    click.echo(
        f"{done['state']}: {click.format_filename(config.output)}"
        + (f", loss {curve[0]['loss']:.3f} to {curve[-1]['loss']:.3f} in {curve[-1]['step']} steps" if curve else "")
    )
