"""How much of a model's own speed batch inference reaches: the whole run against bare calls on the same requests.

    python bench/bench_infer.py PICTURES [--model nano] [--count 96] [--batch-size 16] [--rounds 5]
    python bench/bench_infer.py PICTURES --model models/nano --vllm --batch-size 96

PICTURES is a folder, such as data/CROHME/2014/images. The bare calls find every picture decoded in memory; the run
reads and decodes files, keeps its journal on disk and writes predictions and report. Both are timed in turn,
`--rounds` times, in one process; the ratio of a round compares two neighbors, and the median counts. Beside the wall
clock stands processor time, which other programs disturb less; it misses what waits, and what ran in parallel costs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from unimumer.batch import BatchPlan, Local, Prompts, check_prompts, run
from unimumer.engines.base import Decoding, Engine, Request
from unimumer.engines.load import load_engine
from unimumer.imaging import load
from unimumer.metrics import Pair, released_report
from unimumer.tasks import recognize


def prompts_of(pictures: list[Path], folder: Path) -> Prompts:
    """A file of prompts over pictures."""
    messages = [{"from": "human", "value": "<image>" + recognize.prompt()}, {"from": "gpt", "value": "x + 1"}]
    items = [{"images": [str(picture.resolve())], "messages": messages} for picture in pictures]
    (folder / "set.json").write_text(json.dumps(items), encoding="utf-8")
    return check_prompts(folder / "set.json")


def score(predictions: Path) -> str:
    """The report, as `unimumer infer` makes it."""
    items = json.loads(predictions.read_text(encoding="utf-8"))
    return released_report(Pair(str(i), item["gt"], item["pred"]) for i, item in enumerate(items))


def whole(prompts: Prompts, engine: Engine, size: int) -> None:
    """A run from files to report."""
    with tempfile.TemporaryDirectory() as output:
        summary = run(prompts, BatchPlan(Local(engine), Path(output), Path(), Decoding(), size, score=score))
    assert summary.done + summary.cut == summary.count, summary


def bare(requests: list[Request], engine: Engine, size: int) -> None:
    """The calls alone."""
    for i in range(0, len(requests), size):
        engine.generate(requests[i : i + size], Decoding())


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock and of processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def main() -> None:
    """Time both in turn."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--model", default="nano")
    parser.add_argument("--vllm", action="store_true", help="run the model with vLLM")
    parser.add_argument("--count", type=int, default=96)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if options.vllm:
        from unimumer.engines.vllm import VllmEngine

        engine: Engine = VllmEngine(options.model)
    else:
        engine = load_engine(options.model)
    files = sorted(path for path in options.pictures.iterdir() if path.suffix in (".png", ".jpg"))[: options.count]
    requests = [Request(load(path), recognize.prompt()) for path in files]
    engine.generate(requests[: options.batch_size], Decoding())
    with tempfile.TemporaryDirectory() as folder:
        prompts = prompts_of(files, Path(folder))
        parts = (
            lambda: bare(requests, engine, options.batch_size),
            lambda: whole(prompts, engine, options.batch_size),
        )
        rounds = []
        for number in range(options.rounds):
            # Who is first changes, so that neither always has the warmer machine.
            times = {i: timed(parts[i]) for i in ((1, 0) if number % 2 else (0, 1))}
            rounds.append(times)
            print(f"bare {times[0][0]:6.2f} s, run {times[1][0]:6.2f} s", flush=True)
    speeds = [len(files) / statistics.median(times[i][0] for times in rounds) for i in (0, 1)]
    clock, processor = (statistics.median(times[0][k] / times[1][k] for times in rounds) for k in (0, 1))
    print(f"{engine.name}, n {len(files)}, {options.rounds} rounds, {options.batch_size} a call:", end=" ")
    print(f"bare {speeds[0]:.1f} pictures/s, run {speeds[1]:.1f}; bare / run, medians of the rounds:", end=" ")
    print(f"{clock:.3f} by the clock, {processor:.3f} of processor time")


if __name__ == "__main__":
    # vLLM starts processes that import this file again.
    main()
