"""Several processes share one folder: every item once, nothing lost when one is killed, the bytes of a single run."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from unimumer.engines.base import Decoding

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no record locks")

_WORK = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from conftest import Whole
from unimumer.batch import BatchPlan, Local, check_prompts, run
from unimumer.engines.base import Decoding

root, output, pause = Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4])

class Slow(Whole):
    def generate(self, requests, decoding, *_):
        time.sleep(pause)
        return super().generate(requests, decoding)

plan = BatchPlan(Local(Slow()), output, root, Decoding(temperature=1.0, seed=5), 4, score=lambda path: path.read_text())
summary = run(check_prompts(root / "set.json"), plan)
assert summary.done + summary.skipped + summary.failed == summary.count and not summary.left
print(summary.done, summary.failed)
"""


def start(bench, pause: float = 0.05) -> subprocess.Popen[str]:
    source = Path(sys.modules["unimumer.batch"].__file__ or "").parents[2]
    command = [sys.executable, "-c", _WORK, *map(str, (Path(__file__).parent, bench.root, bench.output, pause))]
    environment = {"PYTHONPATH": str(source), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, int]:
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    done, failed = map(int, out.split())
    return done, failed


def single(bench, whole, count: int):
    """Results of a single run over pictures of which one cannot be read."""
    images = [bench.picture(f"p{seed}.png", seed) for seed in range(count)]
    images[7] = "none.png"
    prompts = bench.prompts(images)
    score = lambda path: path.read_text()  # noqa: E731
    bench.run(prompts, whole(), decoding=Decoding(temperature=1.0, seed=5), score=score)
    expected = bench.files()
    shutil.rmtree(bench.output)
    bench.output.mkdir()
    return expected


def same(bench, expected: dict[str, bytes]) -> None:
    """The results are equal; the journal has the same lines, in whatever order."""
    found = {name: content for name, content in bench.files().items() if not name.endswith(".part")}
    assert found.keys() == expected.keys()
    for name, content in expected.items():
        if name.endswith(".jsonl"):
            assert sorted(found[name].splitlines()) == sorted(content.splitlines())
        else:
            assert found[name] == content


def test_three_processes_share_the_work(bench, whole) -> None:
    expected = single(bench, whole, 61)
    shares = [finish(process) for process in [start(bench) for _ in range(3)]]
    same(bench, expected)
    assert sum(done for done, _ in shares) == 60
    assert sum(done > 0 for done, _ in shares) >= 2
    assert {failed for _, failed in shares} == {1}


def test_what_a_killed_process_had_is_taken_over(bench, whole) -> None:
    expected = single(bench, whole, 41)
    stuck = start(bench, pause=60)
    wait_for(lambda: (bench.output / "set_items.jsonl").exists())
    time.sleep(0.3)  # it has claimed two chunks by now
    helper = start(bench)
    wait_for(lambda: (bench.output / "set_items.jsonl").read_bytes().count(b"\n") >= 30)
    assert helper.poll() is None
    stuck.kill()
    stuck.communicate()
    assert finish(helper) == (40, 1)
    same(bench, expected)


def test_any_number_of_kills(bench, whole) -> None:
    expected = single(bench, whole, 61)
    draws = random.Random(0)
    for _ in range(5):
        pair = [start(bench) for _ in range(2)]
        time.sleep(0.3 + draws.random() * 0.4)
        for process in pair:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    finish(start(bench, pause=0))
    same(bench, expected)
    lines = (bench.output / "set_items.jsonl").read_bytes().splitlines()[1:]
    assert max(Counter(line.split(b",")[0] for line in lines).values()) == 1


def wait_for(condition) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
