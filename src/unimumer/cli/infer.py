"""`unimumer infer`: read every picture of a folder, or named in files of prompts, and score the answers."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unimumer.cli import options
from unimumer.cli.options import AT_LEAST_0, AT_LEAST_1, EXISTING_FOLDER, FOLDER

if TYPE_CHECKING:
    from unimumer.batch import BatchPlan, Prompts, Summary
    from unimumer.batch.answers import Answerer
    from unimumer.batch.cluster import Sight
    from unimumer.engines.base import Decoding, Defaults, Engine
    from unimumer.engines.load import EngineSettings
    from unimumer.engines.ray import ClusterLayout


@dataclass(frozen=True, slots=True)
class _Places:
    """Where pictures and questions are read, and what is written where."""

    input_dir: Path | None
    pictures: Path | None
    recursive: bool
    output_dir: Path
    image_root: Path | None
    suffix: str
    force: bool

    def root(self) -> Path:
        """Where paths of pictures start, once it is clear that the options go together."""
        if (self.input_dir is None) == (self.pictures is None):
            raise click.UsageError("give one of --input-dir and --pictures")
        if self.pictures is not None and self.image_root is not None:
            raise click.UsageError(
                "--image-root goes with --input-dir: the paths of --pictures start from their folder"
            )
        if Path(f"x{self.suffix}").name != f"x{self.suffix}":
            raise click.UsageError(f"--suffix is the end of a name, not a path: {self.suffix!r}")
        return self.pictures or self.image_root or Path()

    def sets(self, failed: _Failures) -> Iterator[Prompts]:
        """What is to be read: one set of pictures, or the sound files of prompts.

        All are checked before the first is run: a night's work must not end at a typing error.
        """
        from unimumer.batch import BatchError, check_pictures, check_prompts
        from unimumer.files import FileError

        if self.pictures is not None:
            try:
                prompts, others = check_pictures(self.pictures, self.recursive)
            except BatchError as error:
                raise click.UsageError(str(error)) from error
            options.tell_passed_over(others)
            yield prompts
        for path in self._files():
            try:
                yield check_prompts(path)
            except FileError as error:
                failed.add(str(error))

    def _files(self) -> list[Path]:
        if self.input_dir is None:
            return []
        if self.output_dir.exists() and self.output_dir.samefile(self.input_dir):
            raise click.UsageError("--output-dir is --input-dir: results would be taken for prompts")
        # Names with a leading dot are the litter of archives and editors; the other is LLaMA-Factory's list of sets.
        paths = [path for path in sorted(self.input_dir.glob("[!.]*.json")) if path.name != "dataset_info.json"]
        if not paths:
            raise click.UsageError(f"no prompts files (*.json) in {click.format_filename(self.input_dir)}")
        return paths

    def make(self) -> None:
        """Make the folder for the results, if it is missing."""
        try:
            self.output_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise click.UsageError(f"--output-dir cannot be made: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class _Machine:
    """What the model runs on, and how much of it at once."""

    threads: int | None
    max_pixels: int | None
    batch_size: int | None
    memory: int | None
    tensor_parallel: int | None

    def settings(self, layout: ClusterLayout | None) -> EngineSettings:
        """Those of the engine; without --tensor-parallel a copy of the model takes all GPUs that it may see."""
        from unimumer.engines.load import MAX_PIXELS, EngineSettings

        seen = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")  # without it, the first
        gpus = int(layout.gpus) if layout else sum(1 for one in seen if one.strip())
        together = self.tensor_parallel or max(1, gpus)
        return EngineSettings(self.threads, self.max_pixels or MAX_PIXELS, tensor_parallel=together)

    def sizes(self, defaults: Defaults) -> tuple[int, int]:
        """Pictures in one call, and bytes of decoded pictures."""
        memory = self.memory << 20 if self.memory else defaults.memory
        return min(self.batch_size or defaults.batch, defaults.most), memory


@click.command()
@click.option("--input-dir", type=EXISTING_FOLDER, help="Folder with the prompts files, *.json.")
@click.option("--pictures", type=EXISTING_FOLDER, help="Folder of pictures without labels, in its place.")
@options.recursive
@click.option("--output-dir", type=FOLDER, required=True, help="Folder for the results; made if missing.")
@options.model
@click.option(
    "--batch-size",
    type=AT_LEAST_1,
    help="Most pictures in one call of the model, and what processes share at a time.  "
    "[default: 16 with Nano, where more than 256 count as 256; else 4,096]",
)
@click.option("--max-tokens", type=AT_LEAST_1, help="Tokens after which an answer is cut off.  [default: 256]")
@options.beams
@click.option("--temperature", type=click.FloatRange(min=0), help="Draw tokens; 0 takes the best.  [default: 0]")
@click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), help="Draw from this much probability.")
@click.option("--top-k", type=AT_LEAST_0, help="Draw from this many tokens; 0: from all.")
@click.option("--seed", type=AT_LEAST_0, help="Of drawing.  [default: 0]")
@click.option(
    "--as-released",
    is_flag=True,
    help="As the released commands: 2,048 tokens and, but for Nano, temperature 0.2, top-p 0.8, top-k 50.",
)
@options.tta
@options.verify
@options.threads
@options.max_pixels
@click.option(
    "--memory",
    type=AT_LEAST_1,
    metavar="MIB",
    help="Bound on decoded pictures, in MiB.  [default: 512 with Nano, else 4,096]",
)
@click.option(
    "--image-root",
    type=EXISTING_FOLDER,
    help="Folder that the paths of pictures start from.  [default: the current one]",
)
@click.option("--suffix", default="_pred", help="End of the names of the files of predictions.")
@click.option("--force", is_flag=True, help="Begin afresh instead of going on with an earlier run.")
@options.cluster("Run", "worker", 1)
@click.option(
    "--tensor-parallel",
    type=AT_LEAST_1,
    help="GPUs that share one copy of the model, with vLLM.  "
    "[default: those in CUDA_VISIBLE_DEVICES, on a cluster those of a worker]",
)
def infer(model: str, as_released: bool, tta: bool, verify: bool, **given: Any) -> None:
    """Read the pictures of every prompts file in a folder, or of a folder of pictures (--pictures).

    NAME.json is a list of {"images": [path], "messages": [{"from": "human", "value": "<image>" + question},
    {"from": "gpt", "value": label}]}. Its paths may lead anywhere: run only prompts files you trust.

    Written are NAME_pred.json, a list of objects with "gt", "pred", "image_path" and "img_id"; NAME_items.jsonl, the
    journal, with all candidates; and NAME_results.txt, the scores, where there are labels. A run that was killed
    goes on from the journal when the same command is given again, and ends with the same files. The same command in
    several shells, or on several machines with a common folder, shares the work. A picture that cannot be read gets
    the answer "" and is named with its reason; the next run tries it again.

    \b
    Examples:
      unimumer infer --input-dir data/CROHME/prompts --output-dir results
      unimumer infer --input-dir prompts --output-dir out --image-root /data/scans --beams 4
      unimumer infer --pictures scans/ --output-dir out --tta
      unimumer infer --input-dir prompts --output-dir out --model models/Uni-MuMER-3B --as-released --seed 1
      unimumer infer --input-dir prompts --output-dir out --ray auto --workers 8 --gpus-per-worker 1

    Exit code: 0 all done, 1 some pictures or files failed, 2 wrong use.
    """
    from unimumer.batch import BatchPlan
    from unimumer.batch.cluster import take_sight
    from unimumer.engines.base import AS_RELEASED, Decoding
    from unimumer.engines.load import anywhere

    places, machine = options.taken(_Places, given), options.taken(_Machine, given)
    layout = options.layout(machine.threads or 1, given)
    root = places.root()
    _decoding(AS_RELEASED if as_released and tta else Decoding(), tta, given)  # before a model is loaded
    failed = _Failures()
    sound = list(places.sets(failed))
    if sound:
        places.make()
        here, there = anywhere(model)
        sight = partial(take_sight, sound, root, there)
        load = partial(_load, here, machine.settings(layout), tta, verify)
        with options.resumable(), _answerer(load, layout, sight) as (answerer, defaults):
            default = defaults.as_released if as_released else defaults.decoding
            search = _decoding(default, tta, given)
            sizes = machine.sizes(defaults)
            where = (places.output_dir, root)
            plan = BatchPlan(answerer, *where, search, *sizes, places.force, score=_report, suffix=places.suffix)
            _run_all(sound, plan, failed)
    failed.end()


class _Failures:
    """What failed, for the end of the run: the first few in words, all of them in number."""

    def __init__(self) -> None:
        self.count = 0
        self._lines: list[str] = []

    def add(self, *lines: str, count: int = 1) -> None:
        """So many more, the first of them in words."""
        self.count += count
        self._lines += lines

    def end(self) -> None:
        """Name them and end with exit code 1, if there are any."""
        from unimumer.batch import SHOWN_FAILURES

        for line in self._lines[:SHOWN_FAILURES]:
            click.echo(f"failed: {line}", err=True)
        if self.count > SHOWN_FAILURES:
            click.echo(f"... and {self.count - SHOWN_FAILURES:,} more failures, in the *_items.jsonl", err=True)
        if self.count:
            raise SystemExit(1)


def _decoding(default: Decoding, tta: bool, given: dict[str, Any]) -> Decoding:
    from unimumer.engines.base import EngineError

    try:
        known = {name: value for name, value in given.items() if value is not None}
        decoding = replace(default, **known)
    except EngineError as error:
        raise click.UsageError(str(error)) from error
    if tta and decoding.temperature:
        raise click.UsageError("--tta joins searches, it does not draw: leave out --temperature and --as-released")
    return decoding


def _load(model: str, settings: EngineSettings, tta: bool, verify: bool) -> Engine:
    from unimumer.engines.load import load_engine
    from unimumer.engines.turning import TurningEngine
    from unimumer.verify import Checks, VerifyingEngine

    plain = load_engine(model, settings=settings)
    engine = TurningEngine(plain) if tta else plain
    return VerifyingEngine(engine, Checks(), plain) if verify else engine


@contextmanager
def _answerer(
    load: Callable[[], Engine], layout: ClusterLayout | None, sight: Callable[[], Sight]
) -> Iterator[tuple[Answerer, Defaults]]:
    """What answers, and what suits it; at the end, in this process, it says what the checks did."""
    from unimumer.batch import Local
    from unimumer.batch.cluster import Cluster
    from unimumer.engines.base import EngineError
    from unimumer.verify import VerifyingEngine

    with ExitStack() as opened:
        try:
            model = opened.enter_context(Cluster(load, layout, sight())) if layout else load()
        except EngineError as error:
            raise click.UsageError(str(error)) from error
        options.tell_uncalibrated(model)
        yield model if isinstance(model, Cluster) else Local(model), model.defaults
        if isinstance(model, VerifyingEngine) and model.report.n:
            click.echo(model.report.to_text())


def _run_all(files: list[Prompts], plan: BatchPlan, failed: _Failures) -> None:
    """Run file after file; those that others still work on are waited for when nothing else is left."""
    left: list[tuple[Prompts, Summary]] = []
    for prompts in files:
        summary = _run(prompts, replace(plan, wait=False), failed)
        if summary and summary.left:
            left.append((prompts, summary))
        elif summary:
            _tell(prompts, summary, failed)
    for prompts, before in left:
        if summary := _run(prompts, replace(plan, force=False), failed):
            _tell(prompts, summary.after(before), failed)


def _run(prompts: Prompts, plan: BatchPlan, failed: _Failures) -> Summary | None:
    from tqdm import tqdm

    from unimumer.batch import BatchError, run
    from unimumer.files import FileError
    from unimumer.metrics import MetricsError

    quiet = not sys.stderr.isatty()
    try:
        with tqdm(total=prompts.count, desc=prompts.name, unit="picture", disable=quiet) as bar:
            return run(prompts, plan, bar.update)
    except (BatchError, FileError, MetricsError) as error:
        failed.add(str(error))
        return None


def _tell(prompts: Prompts, summary: Summary, failed: _Failures) -> None:
    name = click.format_filename(prompts.name)
    # An id is a stranger's text: repr() keeps control characters off the terminal.
    reasons = [f"{name}: item {failure.index} ({failure.id!r}): {failure.reason}" for failure in summary.failures]
    failed.add(*reasons, count=summary.failed)
    tried = summary.done + summary.cut + summary.failed
    speed = f"{tried / summary.seconds:.1f} pictures/s" if tried and summary.seconds else "nothing left to do"
    click.echo(
        f"{name}: {summary.done:,} done, {summary.cut:,} cut off, "
        f"{summary.skipped:,} skipped as done, {summary.failed:,} failed, {speed}\n"
        f"  {click.format_filename(summary.predictions)}"
    )


def _report(predictions: Path) -> str:
    """The released system's report; items go by their number, since different pictures may have one file name."""
    from unimumer.files import read_objects
    from unimumer.metrics import Pair, released_report

    items = read_objects(predictions)
    return released_report(Pair(str(place.item), str(item["gt"]), str(item["pred"])) for place, item in items)
