"""Ink to a data folder, inks a second on all cores: `python bench/bench_data.py`.

Reads, draws and labels the whole CROHME training archive when the data folder is there (UNIMUMER_DATA, else
`../shared/data` beside the checkout), else copies of an ink of its own. One run; CPU time is of all processes.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from unimumer.data.conversion import Conversion
from unimumer.data.convert import convert
from unimumer.data.layout import CROHME
from unimumer.environment import processors
from unimumer.tasks.kinds import LABELLED

BUDGET = 60  # seconds for the whole training archive on two cores
_TRACES = "".join(f"<trace>{n} 0, {n + 7} 4, {n} 9, {n + 7} 0</trace>" for n in range(0, 200, 10))
OWN = f'<ink><annotation type="truth">$a+b$</annotation>{_TRACES}</ink>'


def source(folder: Path) -> tuple[str, Path]:
    """Where the ink is from, and its archive or folder; ink of our own is written to `folder`."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    archive = Path(os.environ.get("UNIMUMER_DATA", beside)) / "crohme-train.tar.xz"
    if archive.is_file():
        return "CROHME train", archive
    folder.mkdir()
    for n in range(1000):
        (folder / f"{n}.inkml").write_text(OWN)
    return "built-in", folder


def cpu() -> float:
    """Seconds of CPU used by this process and its ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> None:
    """Convert once, and print how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        name, ink = source(Path(folder) / "ink")
        wall, used = time.perf_counter(), cpu()
        job = Conversion("crohme", "train", Path(folder) / "data", "sharegpt", LABELLED[:1])
        done = convert(ink, job, jobs=processors())
        wall, used = time.perf_counter() - wall, cpu() - used
    count = done.rows["crohme_train"]
    print(f"{name}: {count} inks, {done.rejected} left out, {processors()} cores")
    print(f"wall {wall:.1f} s, CPU {used:.1f} s, {1000 * used / count:.2f} ms of CPU an ink, {count / wall:.0f} inks/s")
    size = CROHME["train"].size or count
    print(f"{BUDGET / (wall / count * size):.1f} times as fast as the {BUDGET} s allowed for {size} inks")


if __name__ == "__main__":
    main()
