"""`unimumer benchmark`: a published test set from its owner's archive to one scored record."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from platform import platform, python_version
from typing import Any

import click

from unimumer.cli.infer import infer
from unimumer.cli.options import EXISTING, FOLDER
from unimumer.errors import UnimumerError


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A test set: which split of which family of `data convert` it is, and who has it."""

    family: str
    split: str
    dataset: str
    """Name of the set of prompts that `data convert` makes."""
    owner: str


_TC11 = "https://tc11.cvc.uab.es/datasets"
_ALL_CROHME = (
    f"{_TC11}/ICDAR2019-CROHME-TDF_1 (all years in one package: give the folder with the InkML of this test set)"
)
_RELEASED = (
    "https://huggingface.co/datasets/phxember/Uni-MuMER-Valid-Test (data.zip; `unimumer data unpack` it, then give the "
    "folder of the family)"
)
_MATHWRITING = "https://storage.googleapis.com/mathwriting_data/mathwriting-2024.tgz"
BENCHMARKS = {
    "crohme-2013": Benchmark("crohme", "2013", "crohme_2013", _ALL_CROHME),
    "crohme-2014": Benchmark("crohme", "2014", "crohme_2014", f"{_TC11}/CROHME-2014_2"),
    "crohme-2016": Benchmark("crohme", "2016", "crohme_2016", f"{_TC11}/ICFHR-CROHME-2016_1"),
    "crohme-2019": Benchmark("crohme", "2019", "crohme_2019", _ALL_CROHME),
    "crohme-2023": Benchmark("crohme2023", "test", "crohme2023_test", _RELEASED),
    "hme100k": Benchmark("hme100k", "test", "hme100k_test", _RELEASED),
    "hme100k-normalized": Benchmark("hme100k", "test", "hme100k_test_normalized", _RELEASED),
    "im2latexv2": Benchmark("im2latexv2", "test", "im2latexv2_test", _RELEASED),
    "mathwriting": Benchmark("mathwriting", "test", "mathwriting_test", _MATHWRITING),
    "mathwriting-normalized": Benchmark("mathwriting", "test", "mathwriting_test_normalized", _MATHWRITING),
    "mne-n1": Benchmark("mne", "N1", "N1", _RELEASED),
    "mne-n2": Benchmark("mne", "N2", "N2", _RELEASED),
    "mne-n3": Benchmark("mne", "N3", "N3", _RELEASED),
}
_TOLERANCE = 0.01
"""Share of the expressions that an archive may have more or less than published: owners mend theirs."""
_PLACES = ("--input-dir", "--output-dir", "--pictures", "--image-root")
_PACKAGES = ("unimumer", "numpy", "pillow", "opencv-python-headless", "onnxruntime", "torch", "transformers", "vllm")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", type=click.Choice(tuple(BENCHMARKS)), metavar="NAME")
@click.option("--model", required=True, help="As for `infer`: nano, a folder with a model, …")
@click.option("--archive", type=EXISTING, help="What the owner publishes.")
@click.option("--out", required=True, type=FOLDER, help="Folder of the run.")
@click.argument("settings", nargs=-1, type=click.UNPROCESSED, metavar="[INFER SETTINGS]...")
def benchmark(name: str, model: str, archive: Path | None, out: Path, settings: tuple[str, ...]) -> None:
    """Run a model on a published test set: prepare it, read it, score it, and leave one record.

    NAME is crohme-2013, -2014, -2016, -2019 or -2023, hme100k or mathwriting (both also -normalized), im2latexv2,
    mne-n1, -n2 or -n3.

    OUT/benchmark.json then has every figure and item, the settings, the hash of the archive, and all versions; it is a
    row of `leaderboard`. Other options go to `infer`. A run that was killed goes on when the command is given again.

    \b
    Examples:
      unimumer benchmark crohme-2014 --model nano --archive crohme-2014.tar.xz --out runs/nano
      unimumer benchmark crohme-2014 --model nano --archive crohme-2014.tar.xz --out runs/tta --tta
      unimumer leaderboard runs/*/benchmark.json

    Exit code: 0 done, 1 some pictures failed or the set cannot be made, 2 wrong use.
    """
    if own := [one for one in settings if one.split("=")[0] in _PLACES]:
        raise click.UsageError(f"{own[0]} cannot be set: what is read and written follows from --archive and --out")
    # What is wrong about the settings is said now, not after an hour of preparing.
    infer.make_context("infer", ["--output-dir", str(out), "--model", model, *settings])
    _prepare(BENCHMARKS[name], archive, out)
    failed = _run("infer", ["--input-dir", out / "prompts", "--output-dir", out, "--model", model, *settings])
    _record(name, model, out)
    raise SystemExit(failed)


def _prepare(asked: Benchmark, archive: Path | None, out: Path) -> None:
    """Make the folder with the prompts of this set alone, unless it is there, and note what it was made from."""
    from unimumer.files import read_json, read_list, sha256, write_json

    note, folder = out / "archive.json", out / "prompts"
    source = archive and {"name": archive.name, "sha256": sha256(archive) if archive.is_file() else None}
    if (folder / f"{asked.dataset}.json").is_file() and note.is_file():
        if source not in (None, read_json(note)):
            raise click.UsageError(f"{click.format_filename(out)} was made from another archive; take another folder")
        return
    if archive is None:
        raise click.UsageError(f"give --archive: get it from {asked.owner}")
    data = out / "data"
    asking = ("--source", archive, "--split", asked.split, "--out", data, "--released", "--force")
    try:
        _run("data", ["convert", asked.family, *asking])
    except UnimumerError as error:
        raise click.ClickException(f"{error}; the set is to be had from {asked.owner}") from None
    made = next(data.glob(f"*/prompts/{asked.dataset}.json"), None)
    count, published = len(read_list(made)) if made else 0, _size(asked)
    told = f"{click.format_filename(archive)} gave {count:,} expressions of {asked.dataset}"
    told += f", published with {published:,}" if published else ""
    if made is None or not count or (published and abs(count - published) > _TOLERANCE * published):
        shutil.rmtree(data, ignore_errors=True)
        raise click.ClickException(f"{told}: it is another archive, or not all of it; get it from {asked.owner}")
    if published and count != published:
        click.echo(f"{told}: scores do not compare with those of the others", err=True)
    folder.mkdir(parents=True, exist_ok=True)
    made.replace(folder / made.name)
    write_json(note, source)


def _size(asked: Benchmark) -> int | None:
    """How many expressions the set has as published, where it is known."""
    from unimumer.data.families import FAMILIES
    from unimumer.data.layout import LAYOUTS

    layouts = (*LAYOUTS, FAMILIES[asked.family].splits[asked.split].layout)
    return next((layout.size for layout in layouts if layout.name == asked.dataset), None)


def _run(verb: str, arguments: Sequence[object]) -> int:
    """Run another verb in this process: 0, or 1 when it named what failed."""
    from unimumer.cli.main import cli

    try:
        cli.main([verb, *map(str, arguments)], standalone_mode=False)
    except SystemExit as stopped:
        if stopped.code not in (0, 1):
            raise
        return int(stopped.code or 0)
    return 0


def _record(name: str, model: str, out: Path) -> None:
    from unimumer.environment import installed
    from unimumer.files import read_json, read_json_lines, write_json
    from unimumer.metrics import evaluate, record, to_text
    from unimumer.metrics.analysis import analyze

    items = out / f"{BENCHMARKS[name].dataset}_items.jsonl"
    _, settings = next(read_json_lines(items))
    report = analyze(evaluate(items), details=True)
    click.echo(to_text(report))
    versions: dict[str, Any] = {package: found for package in _PACKAGES if (found := installed(package))}
    content = {
        "command": shlex.join(["unimumer", *sys.argv[1:]]),
        "versions": {"python": python_version(), "system": platform(), **versions},
        "archive": read_json(out / "archive.json"),
        "owner": BENCHMARKS[name].owner,
        "settings": settings,
        "evaluations": [{**record(report), "model": Path(model).name, "benchmark": name}],
    }
    write_json(out / "benchmark.json", content)
    click.echo(f"{click.format_filename(out / 'benchmark.json')}: a row of `unimumer leaderboard`")
