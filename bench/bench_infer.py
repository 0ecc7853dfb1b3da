"""How much of a model's own speed batch inference reaches: the whole run against bare calls on the same requests.

    python bench/bench_infer.py PICTURES [--model nano] [--count 96] [--batch-size 16] [--rounds 5]
    python bench/bench_infer.py PICTURES --model models/nano --vllm --batch-size 96

PICTURES is a folder, such as data/CROHME/2014/images. The bare calls find every picture decoded in memory; the run
reads and decodes files, keeps its journal on disk and writes predictions and report. Both are timed in turn,
`--rounds` times, by wall clock in one process; the ratio of a round compares two neighbors, and the median counts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from unimumer.batch import Local, Plan, PromptsFile, check_prompts, run
from unimumer.engines.base import Decoding, Engine, Request
from unimumer.engines.load import load_engine
from unimumer.imaging import load
from unimumer.metrics import Pair, report_totals, total
from unimumer.tasks import recognize


def prompts_of(pictures: list[Path], folder: Path) -> PromptsFile:
    """A file of prompts over pictures."""
    messages = [{"from": "human", "value": "<image>" + recognize.prompt()}, {"from": "gpt", "value": "x + 1"}]
    items = [{"images": [str(picture.resolve())], "messages": messages} for picture in pictures]
    (folder / "set.json").write_text(json.dumps(items), encoding="utf-8")
    return check_prompts(folder / "set.json")


def score(predictions: Path) -> str:
    """The report, as `unimumer infer` makes it."""
    items = json.loads(predictions.read_text(encoding="utf-8"))
    return report_totals(total(Pair(str(i), item["gt"], item["pred"]) for i, item in enumerate(items)))


def time_run(prompts: PromptsFile, engine: Engine, size: int) -> float:
    """Seconds of a whole run."""
    with tempfile.TemporaryDirectory() as output:
        begun = time.perf_counter()
        summary = run(prompts, Plan(Local(engine), Path(output), Path(), Decoding(), size, score=score))
        spent = time.perf_counter() - begun
    assert summary.done + summary.cut == summary.count, summary
    return spent


def time_bare(requests: list[Request], engine: Engine, size: int) -> float:
    """Seconds of the calls alone."""
    begun = time.perf_counter()
    for i in range(0, len(requests), size):
        engine.generate(requests[i : i + size], Decoding())
    return time.perf_counter() - begun


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
        rounds = []
        for number in range(options.rounds):
            parts = [lambda: time_bare(requests, engine, options.batch_size)]
            parts.append(lambda: time_run(prompts, engine, options.batch_size))
            # Who is first changes, so that neither always has the warmer machine.
            first = number % 2
            times = {i: parts[i]() for i in ((1, 0) if first else (0, 1))}
            rounds.append(times)
            print(f"bare {times[0]:6.2f} s, run {times[1]:6.2f} s: {times[0] / times[1]:.3f} of its speed", flush=True)
    speeds = [len(files) / statistics.median(times[i] for times in rounds) for i in (0, 1)]
    ratio = statistics.median(times[0] / times[1] for times in rounds)
    print(f"{engine.name}, n {len(files)}, {options.rounds} rounds, {options.batch_size} a call:", end=" ")
    print(f"bare {speeds[0]:.1f} pictures/s, run {speeds[1]:.1f}, median ratio {ratio:.3f}")


if __name__ == "__main__":
    # vLLM starts processes that import this file again.
    main()
