"""Whether batch inference holds no more in memory for 100,000 pictures than for 1,000, with a model that costs nothing.

python bench/bench_batch.py [--sizes 1000 10000 100000]

Prints the peak memory (resident set) of one process for each size, and the ratio of the last to the first, of the
whole `unimumer infer`: reading prompts, decoding, journal, predictions, scores. All prompts name one picture of 560 x
140 pixels, 0.24 MB decoded: 100,000 of them would be 24 GB.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = [1_000, 10_000, 100_000]


def prepare(folder: Path, sizes: list[int]) -> None:
    """Write the picture, and a folder of prompts for each size."""
    import numpy as np
    from PIL import Image

    ink = np.where(np.random.default_rng(0).random((140, 560)) < 0.05, 0, 255).astype(np.uint8)
    Image.fromarray(ink).convert("RGB").save(folder / "picture.png")
    for size in sizes:
        (folder / f"prompts-{size}").mkdir()
        with (folder / f"prompts-{size}" / "set.json").open("w", encoding="utf-8") as out:
            for index in range(size):
                out.write(("[" if index == 0 else ",") + json.dumps(record(index)))
            out.write("]")


def record(index: int) -> dict[str, object]:
    """One record in the released form."""
    label = "\\frac { a ^ { 2 } + 1 } { b } " * 3 + str(index)
    messages = [{"from": "human", "value": "<image>Read it."}, {"from": "gpt", "value": label}]
    return {"images": ["picture.png"], "messages": messages}


def work(folder: Path, size: int) -> None:
    """Be the process that is measured; print its peak memory in MB and its processor time in ms a picture."""
    from unimumer.cli.infer import infer

    options = {
        "--input-dir": folder / f"prompts-{size}",
        "--output-dir": folder / f"out-{size}",
        "--image-root": folder,
        "--model": "fake",
    }
    infer.main([f"{name}={value}" for name, value in options.items()], standalone_mode=False)
    # Kilobytes on Linux, bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    print(f"{peak} {time.process_time() / size * 1000}")


def measure(folder: Path, size: int) -> tuple[float, float]:
    """Peak memory, MB, and processor time, ms a picture, of a process of its own."""
    command = [sys.executable, __file__, "--work", str(folder), "--sizes", str(size)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    peak, cost = out.splitlines()[-1].split()
    return float(peak), float(cost)


def main() -> None:
    """Measure all sizes, or be what is measured."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, options.sizes[0])
        return
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name), options.sizes)
        peaks = []
        for size in options.sizes:
            peak, cost = measure(Path(name), size)
            peaks.append(peak)
            print(f"{size:>7,} pictures: peak {peak:6.1f} MB, {cost:.2f} ms of processor time each", flush=True)
        print(f"ratio {peaks[-1] / peaks[0]:.3f}")


if __name__ == "__main__":
    main()
