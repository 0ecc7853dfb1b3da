"""The journal: what it keeps, what it refuses, and what it survives."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from unimumer.batch import BatchError
from unimumer.batch.journal import Journal, RunSettings
from unimumer.engines.base import CheckFinding, Decoding
from unimumer.results import Candidate, Result, read_results

SETTINGS = RunSettings("0.1", "fake", Decoding(256, 1), 4, 512 << 20, "00ff", Path("/root"))
DONE = Result(
    2,
    "b.c $() \u2028 \ud800",
    "b.c.png",
    "x",
    "0f" * 32,
    (Candidate("x ^ {", 0.123456789012345), Candidate("x ^ { 2 }", None)),
    1,
    "stop",
    (CheckFinding("count", "malformed", "it counts nothing"),),
)
CUT = Result(0, "a", "a.png", "y", "00" * 32, (Candidate("x x x", 1e-300),), finish="length")
FAILED = Result(3, "d", "d.png", "z", reason="no such picture file")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "set_items.jsonl"


def test_keeps_what_it_was_told(path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        for result in (DONE, CUT, FAILED):
            assert journal.result(result.index) is None
            journal.add([result])
            assert journal.result(result.index) == result
    with Journal(path, SETTINGS, 5) as journal:
        assert [journal.result(index) for index in range(5)] == [CUT, None, DONE, FAILED, None]
        assert [journal.has_answer(index) for index in range(5)] == [True, False, True, False, False]
        assert (journal.answered, journal.settled, journal.failed()) == (2, 2, [3])


def test_lines_are_on_disk_at_once_and_replace_earlier_ones(path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        journal.add([FAILED])
        assert path.read_bytes().endswith(FAILED.to_json().encode() + b"\n")
        mended = Result(3, "d", "d.png", "z", "11" * 32, (Candidate("y", 0.5),), finish="stop")
        journal.add([mended])
        assert journal.result(3) == mended
    with Journal(path, SETTINGS, 5) as journal:
        assert journal.result(3) == mended
        assert journal.failed() == []
    assert path.read_bytes().count(b"\n") == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unimumer": "0.2"}, r"unimumer '0\.1' there, '0\.2' now"),
        ({"model": "nano"}, "model 'fake' there, 'nano' now"),
        ({"decoding": Decoding(9, 4)}, "max_tokens 256 there, 9 now; beams 1 there, 4 now"),
        ({"decoding": Decoding(temperature=0.2, seed=7)}, "temperature 0.0 there, 0.2 now; seed 0 there, 7 now"),
        ({"memory": 1}, "memory 536870912 there, 1 now"),
        ({"batch_size": 8}, "batch_size 4 there, 8 now"),
        ({"prompts_sha256": "1"}, "other prompts, or other pictures in the folder"),
        ({"image_root": Path("/other")}, "image_root '/root' there, '/other' now"),
    ],
)
def test_other_settings_are_refused_unless_forced(change: dict[str, object], message: str, path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        journal.add([DONE])
    before = path.read_bytes()
    other = replace(SETTINGS, **change)  # type: ignore[arg-type]
    with pytest.raises(BatchError, match=message):
        Journal(path, other, 5)
    assert path.read_bytes() == before
    with Journal(path, other, 5, force=True) as journal:
        assert journal.answered == 0
    with Journal(path, other, 5) as journal:
        assert journal.answered == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"notes of mine", "not a journal of results"),
        (b'{"a": 1}', "not a journal of results"),
        (b"[" * 9999 + b"\n", "not a journal of results"),
        (b'{"journal": 2, "unimumer": "0.1.0"}\n', "a journal of format 2, which another version .* --force"),
    ],
)
def test_another_file_is_not_touched(content: bytes, message: str, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(BatchError, match=message):
        Journal(path, SETTINGS, 5)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        FAILED.to_json().replace('"index": 3', '"index": 5').encode(),
        b"\xff",
        CUT.to_json().replace("1e-300", "NaN").encode(),
    ],
)
def test_a_damaged_line_costs_its_item_only(line: bytes, path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        journal.add([DONE])
    path.write_bytes(path.read_bytes() + line + b"\n")
    with Journal(path, SETTINGS, 5) as journal:
        assert journal.result(DONE.index) == DONE and journal.answered == 1 and journal.first_unsettled() == 0
        journal.add([CUT, FAILED])
    assert read_results(path)[:3] == [CUT, DONE, FAILED]


def test_failures_are_tried_again_by_the_next_run_only(path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        journal.add([FAILED])
        assert journal.first_unsettled(3, 4) is None
        with Journal(path, SETTINGS, 5) as later:
            assert later.first_unsettled(3, 4) == 3
            assert later.first_unsettled() == 0
            later.add([FAILED])
            assert later.first_unsettled(3, 4) is None
    assert path.read_bytes().count(b"\n") == 2


def test_takes_in_what_others_write(path: Path) -> None:
    with Journal(path, SETTINGS, 5) as one, Journal(path, SETTINGS, 5) as other:
        one.add([DONE])
        assert other.result(DONE.index) is None
        other.add([CUT])
        assert other.result(DONE.index) == DONE
        one.catch_up()
        assert one.result(CUT.index) == CUT


def test_half_a_line_of_another_is_read_when_it_is_whole(path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        journal.add([DONE])
        line = CUT.to_json().encode() + b"\n"
        with path.open("ab") as other:
            other.write(line[:20])
            other.flush()
            assert journal.result(DONE.index) == DONE  # its buffer now holds the half
            other.write(line[20:])
        journal.catch_up()
        assert journal.result(CUT.index) == CUT


def test_results_go_before_a_line_makes_them_old(path: Path) -> None:
    results = [path.with_name("pred.json"), path.with_name("results.txt")]
    results[0].write_text("of another run")
    with pytest.raises(BatchError, match=r"pred.json is there without the journal"):
        Journal(path, SETTINGS, 5, results=results)
    assert results[0].read_text() == "of another run"
    with Journal(path, SETTINGS, 5, force=True, results=results) as journal:
        assert not results[0].exists()
        journal.add([DONE, FAILED])
        results[1].write_text("of this run")
        journal.add([FAILED])
        assert results[1].exists()
        journal.add([CUT])
        assert not results[1].exists()


def test_a_full_disk_is_a_clear_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        def fileno(self) -> int:
            return os.open(path, os.O_RDONLY)

    with Journal(path, SETTINGS, 5) as journal:
        monkeypatch.setattr(journal, "_file", Full())
        with pytest.raises(BatchError, match="cannot be written: No space left"):
            journal.add([DONE])


def test_folders_without_permission(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match=r"none/x\.lock: cannot be written"):
        Journal(tmp_path / "none" / "x.jsonl", SETTINGS, 5)
    assert os.listdir(tmp_path) == []
