"""Whether batch inference holds no more in memory for 20,000 pictures than for 1,000, with a model that costs nothing.

python bench/bench_batch.py

Prints the peak memory (resident set) of a process each, and their ratio: of the run alone (answers, journal,
predictions), and of the whole `unimumer infer`, which also scores and so keeps some numbers a picture.
Pictures are 560 x 140 pixels, RGB, 0.24 MB decoded: 20,000 of them would be 4.7 GB.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (1_000, 20_000)
PICTURES = 100
"""Different picture files; the prompts name them again and again."""


def prepare(folder: Path) -> None:
    """Write the pictures, and a folder of prompts for each size."""
    import numpy as np
    from PIL import Image

    draws = np.random.default_rng(0)
    for index in range(PICTURES):
        ink = np.where(draws.random((140, 560)) < 0.05, 0, 255).astype(np.uint8)
        Image.fromarray(ink).convert("RGB").save(folder / f"{index}.png")
    for size in SIZES:
        (folder / f"prompts-{size}").mkdir()
        items = [record(index) for index in range(size)]
        (folder / f"prompts-{size}" / "set.json").write_text(json.dumps(items), encoding="utf-8")


def record(index: int) -> dict[str, object]:
    """One record in the released form."""
    label = "\\frac { a ^ { 2 } + 1 } { b } " * 3 + str(index)
    messages = [{"from": "human", "value": "<image>Read it."}, {"from": "gpt", "value": label}]
    return {"images": [f"{index % PICTURES}.png"], "messages": messages}


def work(kind: str, folder: Path, size: int) -> None:
    """Be the process that is measured; print its peak memory in MB and its processor time in ms a picture."""
    prompts, output = folder / f"prompts-{size}", folder / f"{kind}-{size}"
    if kind == "run":
        from unimumer.batch import Plan, check_prompts, run
        from unimumer.engines.base import Decoding
        from unimumer.engines.fake import FakeEngine

        output.mkdir()
        run(check_prompts(prompts / "set.json"), Plan(FakeEngine(), output, folder, Decoding(), 16, False))
    else:
        from unimumer.cli.infer import infer

        options = {"--input-dir": prompts, "--output-dir": output, "--image-root": folder, "--model": "fake"}
        infer.main([f"{name}={value}" for name, value in options.items()], standalone_mode=False)
    # Kilobytes on Linux, bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    print(f"{peak} {time.process_time() / size * 1000}")


def measure(kind: str, folder: Path, size: int) -> tuple[float, float]:
    """Peak memory, MB, and processor time, ms a picture, of a process of its own."""
    command = [sys.executable, __file__, kind, str(folder), str(size)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    peak, cost = out.splitlines()[-1].split()
    return float(peak), float(cost)


def main() -> None:
    """Measure both, at both sizes."""
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([sys.executable, __file__, "prepare", name, "0"], check=True)
        for kind in ("run", "infer"):
            peaks = []
            for size in SIZES:
                peak, cost = measure(kind, Path(name), size)
                peaks.append(peak)
                print(f"{kind:>6}: {size:>6,} pictures: peak {peak:6.1f} MB, {cost:.2f} ms of processor time each")
            print(f"{kind:>6}: ratio {peaks[1] / peaks[0]:.3f}")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    elif sys.argv[1] == "prepare":
        prepare(Path(sys.argv[2]))
    else:
        work(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
