"""A run over a prompts file: complete, resumable to the byte, in bounded memory, whatever the pictures are."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from unimumer import imaging
from unimumer.batch import BatchError, BatchPlan, Local, run
from unimumer.engines.base import Answer, Decoding, EngineError, Picture, Request, Text
from unimumer.engines.fake import FakeEngine
from unimumer.results import Candidate, Result, read_results
from unimumer.verify import Checks, VerifyingEngine


def test_writes_predictions_and_journal(bench) -> None:
    prompts = bench.pictures(10)
    summary = bench.run(prompts, FakeEngine())
    assert (summary.done, summary.failed, summary.skipped, summary.cut) == (10, 0, 0, 0)
    items = bench.items()
    assert [item["img_id"] for item in items] == [f"p{index}" for index in range(10)]
    assert [item["image_path"] for item in items] == [f"p{index}.png" for index in range(10)]
    assert {item["gt"] for item in items} == {"x + 1"}
    picture = imaging.load(bench.root / "p3.png")
    answer = FakeEngine().generate([Request(picture, "Please read it.")], Decoding())[0]
    assert items[3]["pred"] == answer.best.text
    line = bench.journal()[4]
    (candidate,) = line.pop("candidates")
    assert candidate == {"latex": answer.best.text, "confidence": pytest.approx(np.exp(sum(answer.best.logprobs)))}
    file = hashlib.sha256((bench.root / "p3.png").read_bytes()).hexdigest()
    assert line == {
        "index": 3,
        "id": "p3",
        "image": "p3.png",
        "label": "x + 1",
        "picture": file,
        "chosen": 0,
        "finish": "stop",
        "findings": [],
        "reason": None,
    }


def test_batches_are_fixed_stretches_and_a_finished_run_asks_nothing_again(
    bench, whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts, engine, again = bench.pictures(10), whole(), whole()
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    bench.run(prompts, engine)
    assert len(synced) == 4  # against power cuts: three batches, and the predictions
    before = bench.files()
    summary = bench.run(prompts, again)
    assert (engine.calls, again.calls) == ([4, 4, 2], [])
    assert (summary.done, summary.skipped) == (0, 10)
    assert bench.files() == before


def test_resumes_from_every_byte_with_equal_bytes(bench, whole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a thousand of them take long
    prompts = bench.pictures(3)
    bench.run(prompts, whole(), batch_size=2)
    expected = bench.files()
    journal = bench.output / "set_items.jsonl"
    content = expected[journal.name]
    for size in range(len(content)):
        shutil.rmtree(bench.output)
        bench.output.mkdir()
        journal.write_bytes(content[:size])
        engine = whole()
        summary = bench.run(prompts, engine, batch_size=2)
        assert bench.files() == expected
        whole_lines = max(0, content[:size].count(b"\n") - 1)
        assert (summary.skipped, summary.done) == (whole_lines, 3 - whole_lines)
        assert engine.calls == [2, 1][whole_lines // 2 :] * (whole_lines < 3)


_KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from conftest import Whole
from unimumer.batch import Local, BatchPlan, check_prompts, run
from unimumer.batch.journal import Journal
from unimumer.engines.base import Decoding
from unimumer.files import writing

root, output, left, torn = Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class Dying(Journal):
    def _write(self, text):
        global left
        left -= not text.startswith('{"journal"')
        if left < 0:
            os.write(self._file.fileno(), text.encode()[:torn])
            die()
        return super()._write(text)

sys.modules["unimumer.batch.run"].Journal = Dying
writing.os.replace = lambda *_: die()
run(check_prompts(root / "set.json"), BatchPlan(Local(Whole()), output, root, Decoding(), 4))
"""


def test_killed_runs_end_with_equal_bytes(bench, whole) -> None:
    prompts = bench.pictures(11)
    bench.run(prompts, whole())
    expected = bench.files()
    shutil.rmtree(bench.output)
    bench.output.mkdir()
    source = Path(sys.modules["unimumer.batch"].__file__ or "").parents[2]
    for left, torn in ((0, 0), (0, 9), (3, 1), (2, 30), (5, 0), (99, 0), (99, 0)):
        arguments = (Path(__file__).parent, bench.root, bench.output, left, torn)
        process = subprocess.run(
            [sys.executable, "-c", _KILLED, *map(str, arguments)],
            env={"PYTHONPATH": str(source)},
            check=False,
        )
        assert process.returncode == -9
        assert "set_pred.json" not in bench.files()
    summary = bench.run(prompts, whole())
    assert (summary.skipped, summary.done) == (11, 0)
    assert {name: content for name, content in bench.files().items() if not name.endswith(".part")} == expected


def test_a_bad_picture_is_recorded_and_the_run_goes_on(bench) -> None:
    images = [bench.picture(f"p{seed}.png", seed) for seed in range(6)]
    (bench.root / "bad.png").write_bytes(b"<html>no picture</html>")
    images[2:2] = ["bad.png", "none.png", "../..", "a\0b.png", "\ud800.png", "/dev/zero"]
    prompts = bench.prompts(images)
    for before in (0, 6):
        summary = bench.run(prompts, FakeEngine())
        assert (summary.failed, summary.done, summary.skipped) == (6, 6 - before, before)
        assert [result.index for result in summary.failures] == [2, 3, 4, 5, 6, 7]
        assert summary.failures[1].reason == "no such picture file"
        items = bench.items()
        assert len(items) == 12
        assert [item["pred"] == "" for item in items] == [2 <= index < 8 for index in range(12)]
        assert len(bench.journal()) == 13
        assert read_results(bench.output / "set_items.jsonl")[3] == Result(
            3, "none", "none.png", "x + 1", reason="no such picture file"
        )


def test_a_mended_picture_is_read_by_the_next_run(bench, whole) -> None:
    prompts = bench.prompts([bench.picture("a.png"), "late.png", bench.picture("b.png", 1)])
    bench.run(prompts, whole())
    first = bench.items()
    engine = whole()
    summary = bench.run(prompts, engine)
    assert engine.calls == [] and (summary.skipped, summary.failed) == (2, 1)
    bench.picture("late.png", 2)
    summary = bench.run(prompts, whole())
    assert (summary.done, summary.skipped, summary.failed) == (1, 2, 0)
    assert bench.items()[::2] == first[::2]
    assert bench.items()[1]["pred"]
    assert len(bench.journal()) == 5


def test_a_replaced_picture_is_asked_again_and_one_that_is_gone_keeps_its_answer(bench, whole) -> None:
    prompts = bench.pictures(6)
    bench.run(prompts, whole())
    before = bench.items()
    bench.picture("p1.png", 77)
    (bench.root / "p4.png").unlink()
    summary = bench.run(prompts, whole())
    assert (summary.done, summary.skipped, summary.failed) == (1, 5, 0)
    assert [one == other for one, other in zip(before, bench.items())] == [True, False, True, True, True, True]
    assert bench.run(prompts, whole()).skipped == 6


@pytest.mark.parametrize("damage", [b"", b"[", b'[{"gt": "x", "pred": "edited"}]'])
def test_damaged_results_are_written_anew_from_the_journal(bench, damage: bytes) -> None:
    prompts = bench.pictures(3)
    score = {"score": lambda path: path.read_text() + "!"}
    bench.run(prompts, FakeEngine(), **score)
    expected = bench.files()
    for name in ("set_pred.json", "set_results.txt"):
        (bench.output / name).write_bytes(damage)
    assert bench.run(prompts, FakeEngine(), **score).skipped == 3
    assert bench.files() == expected


def test_all_candidates_and_checks_are_kept(bench) -> None:
    bench.run(bench.pictures(1), VerifyingEngine(FakeEngine(), Checks()), beams=4)
    (result,) = read_results(bench.output / "set_items.jsonl")
    picture = imaging.load(bench.root / "p0.png")
    answer = FakeEngine().generate([Request(picture, "Please read it.")], Decoding(beams=4))[0]
    assert result.candidates == tuple(Candidate(text.text, text.confidence) for text in answer.candidates)
    assert {finding.check for finding in result.findings} >= {"parse", "count", "tree"}


def test_odd_ids_stay_ids(bench) -> None:
    images = [
        "a.b.c.png",
        "with space.png",
        "$(touch x)`y`;&.png",
        "\U0001f600.png",
        "-rf.png",
        "deep/er/../er/z.png",
        "é'\".png",
    ]
    for seed, image in enumerate(images):
        (bench.root / "deep" / "er").mkdir(parents=True, exist_ok=True)
        bench.picture(image, seed)
    summary = bench.run(bench.prompts(images, "odd $(name) .x.json"), FakeEngine())
    assert summary.failed == 0
    items = bench.items("odd $(name) .x")
    ids = ["a.b.c", "with space", "$(touch x)`y`;&", "\U0001f600", "-rf", "z", "é'\""]
    assert [item["img_id"] for item in items] == ids
    assert [item["image_path"] for item in items] == images
    assert sorted(bench.files()) == ["odd $(name) .x_items.jsonl", "odd $(name) .x_pred.json"]


def test_no_records(bench, whole) -> None:
    assert bench.run(bench.prompts([]), whole()).done == 0 and bench.files()["set_pred.json"] == b"[]"


class Changed(FakeEngine):
    """Gives what a function makes of the fake engine's answers."""

    def __init__(self, change: Callable[[Answer], Answer]) -> None:
        super().__init__()
        self._change = change

    def generate(self, requests: Sequence[Request], decoding: Decoding, *_: object) -> list[Answer]:
        return [self._change(answer) for answer in super().generate(requests, decoding)]


@pytest.mark.parametrize("finish", ["length", "repetition"])
def test_cut_answers_are_counted(bench, finish: Literal["length", "repetition"]) -> None:
    prompts = bench.pictures(6)
    for cut, skipped in ((6, 0), (0, 6)):
        summary = bench.run(prompts, Changed(lambda answer: replace(answer, finish=finish)))
        assert (summary.cut, summary.done, summary.skipped) == (cut, 0, skipped)
    assert {line["finish"] for line in bench.journal()[1:]} == {finish}


def test_texts_are_parsed_and_none_at_all_is_a_picture_without_ink(bench) -> None:
    loose, nothing = Text("  x \n+  1 ", (-1.0,)), Text("", ())
    bench.run(bench.pictures(1), Changed(lambda _: Answer((loose,), "stop")))
    assert bench.items()[0]["pred"] == "x + 1"
    summary = bench.run(bench.pictures(1), Changed(lambda _: Answer((nothing,), "stop")), force=True)
    assert [result.reason for result in summary.failures] == ["no ink found in the picture"]


def test_forcing_removes_old_results_before_the_first_answer(bench) -> None:
    prompts = bench.pictures(2)
    bench.run(prompts, FakeEngine())
    (bench.output / "set_results.txt").write_text("old", encoding="utf-8")

    seen: list[str] = []

    bench.run(prompts, Changed(lambda answer: seen.extend(bench.files()) or answer), force=True)
    assert set(seen) == {"set_items.jsonl"}


class Picky(FakeEngine):
    """Fails on calls with any of some pictures, as an engine does that prepares its pictures itself."""

    def __init__(self, error: Exception, *pictures: Picture) -> None:
        super().__init__()
        self._error, self._refused = error, pictures

    def generate(self, requests: Sequence[Request], decoding: Decoding, *_: object) -> list[Answer]:
        if any(np.array_equal(one.picture, bad) for one in requests for bad in self._refused):
            raise self._error
        return super().generate(requests, decoding)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (imaging.ImageError("no ink found in the picture"), "no ink found in the picture"),
        (RuntimeError("bad shape"), "the model failed: RuntimeError: bad shape"),
    ],
)
def test_a_picture_the_engine_fails_on_costs_no_other(bench, error: Exception, reason: str) -> None:
    prompts = bench.pictures(6)
    summary = bench.run(prompts, Picky(error, imaging.load(bench.root / "p1.png")))
    assert [(result.index, result.reason) for result in summary.failures] == [(1, reason)]
    assert summary.done == 5


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (EngineError("no such device"), "no such device"),
        (MemoryError(), "out of memory with 4 pictures at once"),
    ],
)
def test_a_broken_engine_ends_the_run(bench, error: Exception, message: str) -> None:
    prompts = bench.pictures(8)
    with pytest.raises(EngineError, match=message):
        bench.run(prompts, Picky(error, imaging.load(bench.root / "p5.png")))
    assert len(bench.journal()) == 5
    assert bench.run(prompts, FakeEngine()).skipped == 4


def test_a_prompts_file_changed_meanwhile_is_noticed(bench) -> None:
    prompts = bench.pictures(6)
    for images in (["p0.png"], [f"p{index % 6}.png" for index in range(9)]):
        bench.prompts(images)
        with pytest.raises(BatchError, match="changed while it was being read"):
            bench.run(prompts, FakeEngine(), force=True)
        assert "set_pred.json" not in bench.files()


def test_progress_adds_up(bench) -> None:
    prompts = bench.prompts([*(bench.picture(f"p{seed}.png", seed) for seed in range(5)), "none.png"])
    told: list[int] = []
    plan = BatchPlan(Local(FakeEngine()), bench.output, bench.root, Decoding(), 4)
    run(prompts, plan, told.append)
    assert told == [0, 4, 2]
    run(prompts, plan, told.append)
    assert told[3:] == [5, 1]


def test_memory_parts_a_chunk_into_calls(bench, whole) -> None:
    prompts = bench.pictures(10)
    engine = whole()
    size = imaging.load(bench.root / "p0.png").nbytes
    bench.run(prompts, engine, batch_size=8, memory=6 * size)
    assert engine.calls == [3, 3, 2, 2]
    with pytest.raises(BatchError, match="memory"):
        bench.run(prompts, whole(), batch_size=8, memory=4 * size)


def test_every_call_draws_by_a_seed_of_its_own(bench) -> None:
    seeds: list[int] = []

    class Noting(FakeEngine):
        def generate(self, requests: Sequence[Request], decoding: Decoding, *_: object) -> list[Answer]:
            seeds.append(decoding.seed)
            return super().generate(requests, decoding)

    prompts = bench.pictures(10)
    bench.run(prompts, Noting(), decoding=Decoding(temperature=1.0, seed=3))
    bench.run(prompts, Noting(), decoding=Decoding(temperature=1.0, seed=3), force=True)
    assert len(set(seeds)) == 3 and seeds[:3] == seeds[3:]
    bench.run(prompts, Noting(), decoding=Decoding(temperature=1.0, seed=4), force=True)
    assert not set(seeds[:3]) & set(seeds[6:])
    bench.run(prompts, Noting(), decoding=Decoding(seed=4), force=True)
    assert seeds[9:] == [4, 4, 4]
