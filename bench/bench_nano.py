"""Times Nano: one picture at a time, pictures in batches, a fresh process to its first answer, and peak memory.

    python bench/bench_nano.py PICTURES [--threads N] [--rounds N]

PICTURES is a folder, such as data/CROHME/2014/images. Medians over the rounds; ratios are within one run.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from unimumer.engines.base import Decoding, Request
from unimumer.engines.nano import NanoEngine
from unimumer.imaging import load
from unimumer.tasks import recognize

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


def batched(engine: NanoEngine, requests: list[Request], decoding: Decoding) -> float:
    """Pictures a second in batches."""
    begun = time.perf_counter()
    for i in range(0, len(requests), BATCH):
        engine.generate(requests[i : i + BATCH], decoding)
    return len(requests) / (time.perf_counter() - begun)


def fresh_process(picture: Path) -> tuple[float, float]:
    """Seconds from the start of `unimumer recognize` to its end, and its peak memory in MB."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "unimumer", "recognize", str(picture)], check=True, capture_output=True)
    spent = time.perf_counter() - begun
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return spent, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit


def main() -> None:
    """Print one line a figure."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("pictures", type=Path)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    files = sorted(p for p in given.pictures.iterdir() if p.suffix in (".png", ".jpg"))[:SAMPLE]
    starts = [fresh_process(files[0]) for _ in range(given.rounds)]
    engine, greedy = NanoEngine.load(threads=given.threads), Decoding()
    requests = [Request(load(path), recognize.prompt()) for path in files]
    times = [t for _ in range(given.rounds) for t in single(engine, requests, greedy)]
    rate = statistics.median(batched(engine, requests, greedy) for _ in range(given.rounds))
    beam = statistics.median(batched(engine, requests, Decoding(beams=4)) for _ in range(given.rounds))
    print(f"{engine.name}, {len(files)} pictures, {given.threads} threads, medians of {given.rounds} rounds")
    print(f"one picture          {1000 * statistics.median(times):6.0f} ms")
    print(f"batches of {BATCH}        {rate:6.1f} pictures/s, {rate * statistics.mean(times):.2f} times one by one")
    print(f"same with 4 beams    {beam:6.1f} pictures/s, {beam / rate:.2f} times greedy")
    print(f"process to answer    {statistics.median(t for t, _ in starts):6.2f} s")
    print(f"its peak memory      {starts[-1][1]:6.0f} MB")


if __name__ == "__main__":
    main()
