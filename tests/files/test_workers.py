"""Work over processes: order, how far ahead it reads, and how it ends."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from unimumer.files import FileError, spread


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order_and_little_is_read_ahead(jobs: int) -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        while taken < 199:
            taken += 1
            yield taken

    results = spread(math.factorial, items(), jobs)
    assert next(results) == 1
    assert taken <= 3 * jobs
    assert list(results) == [math.factorial(n) for n in range(2, 200)]


def test_one_item_needs_no_process() -> None:
    assert list(spread(lambda pid: pid == os.getpid(), [os.getpid()], 8)) == [True]
    assert list(spread(abs, [], 8)) == []


def test_an_error_of_the_work_is_raised_here() -> None:
    with pytest.raises(ValueError, match=r"math domain|nonnegative"):
        list(spread(math.sqrt, [1, 4, -1, 9], 2))


def test_a_process_that_dies_is_an_error() -> None:
    with pytest.raises(FileError, match="worker process died"):
        list(spread(os._exit, [1, 1], 2))


def test_processes_end_with_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        "import time\n"
        "from unimumer.files import spread\n"
        "def work(n):\n    print(n, flush=True)\n    time.sleep(60)\n"
        "if __name__ == '__main__':\n    list(spread(work, [1, 2], 2))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        assert {parent.stdout.readline(), parent.stdout.readline()} == {b"1\n", b"2\n"}
        parent.kill()
        # The pipe closes only when the last process that could write to it has ended.
        parent.communicate(timeout=20)
