"""Times Nano: one picture at a time, pictures in batches, a fresh process to its first answer, and peak memory.

    python bench/bench_nano.py [PICTURES] [--threads N] [--rounds N] [--python RUNNER=PYTHON …] [--checkpoint FOLDER]

PICTURES is a folder, such as data/CROHME/2014/images; examples/ when left out. Medians over the rounds; ratios are
within one run. Each --python names an interpreter that has a slower contender, hf (transformers and torchvision) or
vllm: it reads the same pictures with the same checkpoint, as `contender.py` says, and our runtime runs in a process of
its own in the same way. Processor time tells more than seconds where other work shares the cores.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from unimumer.engines.base import Decoding, Request
from unimumer.engines.nano import NanoEngine
from unimumer.imaging import load
from unimumer.tasks import recognize

HERE = Path(__file__).resolve().parent
BATCH = 16
SAMPLE = 200


def single(engine: NanoEngine, requests: list[Request], decoding: Decoding) -> list[float]:
    """Seconds of each picture on its own."""
    times = []
    for request in requests:
        begun = time.perf_counter()
        engine.generate([request], decoding)
        times.append(time.perf_counter() - begun)
    return times


def batched(engine: NanoEngine, requests: list[Request], decoding: Decoding, size: int) -> float:
    """Pictures a second with `size` pictures a call."""
    begun = time.perf_counter()
    for i in range(0, len(requests), size):
        engine.generate(requests[i : i + size], decoding)
    return len(requests) / (time.perf_counter() - begun)


def fresh_process(picture: Path) -> tuple[float, float]:
    """Seconds from the start of `unimumer recognize` to its end, and its peak memory in MB."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "unimumer", "recognize", str(picture)], check=True, capture_output=True)
    spent = time.perf_counter() - begun
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return spent, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit


def contend(runner: str, python: str, model: str, given: argparse.Namespace) -> dict[str, Any]:
    """What `contender.py` measured in the environment of `python`."""
    command = [python, str(HERE / "contender.py"), runner, model, str(given.pictures)]
    command += ["--threads", str(given.threads), "--count", str(SAMPLE)]
    paths = [str(HERE.parent / "src"), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(given: argparse.Namespace) -> None:
    """Print what each contender took, over what our runtime took, and on how many pictures the texts agree."""
    ours = contend("nano", sys.executable, given.runtime, given)
    for runner, _, python in (("nano", "", ""), *(pair.partition("=") for pair in given.python)):
        theirs = contend(runner, python, given.checkpoint, given) if python else ours
        print(f"{runner:5} {_against(ours, theirs)}", flush=True)


def _against(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    count = len(ours["texts"])
    same = sum(a == b for a, b in zip(ours["texts"], theirs["texts"]))
    wall, core = (theirs[key] / ours[key] for key in ("seconds", "processor"))
    return (
        f"{count / theirs['seconds']:6.1f} pictures/s, {1000 * theirs['processor'] / count:.1f} ms of a core; "
        f"takes {wall:.2f} times as long as nano, by processor time {core:.2f}; same texts: {same} of {count}"
    )


def measure(given: argparse.Namespace) -> None:
    """Print the figures of our runtime alone."""
    files = sorted(p for p in given.pictures.iterdir() if p.suffix in (".png", ".jpg"))[:SAMPLE]
    starts = [fresh_process(files[0]) for _ in range(given.rounds)]
    engine, greedy = NanoEngine.load(threads=given.threads), Decoding()
    requests = [Request(load(path), recognize.prompt()) for path in files]
    begun = time.process_time()
    times = [t for _ in range(given.rounds) for t in single(engine, requests, greedy)]
    used = (time.process_time() - begun) / len(times)
    print(f"{engine.name}, {len(files)} pictures, {given.threads} threads, medians of {given.rounds} rounds")
    print(f"one picture          {1000 * statistics.median(times):6.0f} ms, {1000 * used:.0f} ms of a core on average")
    for beams, size in ((1, BATCH), (1, len(files)), (4, len(files))):
        decoding = Decoding(beams=beams)
        rate = statistics.median(batched(engine, requests, decoding, size) for _ in range(given.rounds))
        gain = rate * statistics.mean(times)
        print(f"{size:3} a call, beams {beams}  {rate:6.1f} pictures/s, {gain:.2f} times one by one")
    print(f"process to answer    {statistics.median(t for t, _ in starts):6.2f} s")
    print(f"its peak memory      {starts[-1][1]:6.0f} MB")


def main() -> None:
    """Print one line a figure."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("pictures", type=Path, nargs="?", default=HERE.parent / "examples")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--python", action="append", default=[], metavar="RUNNER=PYTHON")
    arguments.add_argument("--checkpoint", default=str(HERE.parent / "models" / "nano"))
    arguments.add_argument("--runtime", default="nano", help="graphs of the same checkpoint, for the comparison")
    given = arguments.parse_args()
    if given.python:
        compare(given)
    else:
        measure(given)


if __name__ == "__main__":
    main()
