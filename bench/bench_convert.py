"""How fast a dataset is converted to Parquet, and that 400,000 rows take the memory of 10,000.

    python bench/bench_convert.py            # 10,000 and 400,000 rows, each in a process of its own
    python bench/bench_convert.py 2000       # another number of rows

The set is made up: a JSON list of different labels that all share one picture of 300 x 80 pixels, which is read,
decoded and stored for every row all the same. Rows per second is of one run; memory is the peak of the parent and of
the largest worker process.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from unimumer.data.conversion import Conversion
from unimumer.data.convert import convert
from unimumer.environment import processors
from unimumer.tasks.kinds import LABELLED

ROWS = (10_000, 400_000)


def make_source(folder: Path, rows: int) -> None:
    """A folder in the released form of Im2LaTeXv2."""
    images = folder / "train/images"
    images.mkdir(parents=True)
    picture = np.full((80, 300), 255, np.uint8)
    cv2.putText(picture, "a+b=c", (20, 55), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 0, 3)
    cv2.imwrite(str(images / "shared.jpg"), picture)
    with (folder / "train/train.json").open("w") as out:
        for n in range(rows):
            label = " ".join(f"\\frac{{{n}}}{{x^2}}+{n % 97}=y")
            item = {
                "img_id": f"sample_{n:06}",
                "label": label.replace("\\ f r a c", "\\frac"),
                "image_path": "shared.jpg",
            }
            out.write(("[" if n == 0 else ",") + json.dumps(item))
        out.write("]")


def measure(rows: int) -> None:
    """Convert a set of that size and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        make_source(Path(folder) / "source", rows)
        job = Conversion("im2latexv2", "train", Path(folder) / "out", "parquet", LABELLED[:1])
        start = time.perf_counter()
        done = convert(Path(folder) / "source", job, jobs=processors())
        took = time.perf_counter() - start
        size = sum(path.stat().st_size for path in Path(folder, "out").rglob("*.parquet"))
    assert sum(done.rows.values()) == rows
    parent, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    used = parent.ru_utime + parent.ru_stime + workers.ru_utime + workers.ru_stime
    print(
        f"{rows:7,} rows: {rows / took:5.0f} rows/s on {processors()} cores, {1000 * used / rows:.2f} ms of CPU a row, "
        f"{size / 2**20:.0f} MiB; peak memory {parent.ru_maxrss / 1024:.0f} MiB in the parent, "
        f"{workers.ru_maxrss / 1024:.0f} MiB in a worker",
        flush=True,
    )


def main() -> None:
    """Measure the sizes asked for."""
    if len(sys.argv) == 2:
        measure(int(sys.argv[1]))
        return
    for rows in ROWS:
        subprocess.run([sys.executable, __file__, str(rows)], check=True)


if __name__ == "__main__":
    main()
