"""The journal: what it keeps, what it refuses, and what it survives."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from unimumer.batch import BatchError, Outcome
from unimumer.batch.journal import Journal, Settings
from unimumer.engines.base import Decoding

SETTINGS = Settings("0.1", "fake", Decoding(256, 1), 4, 512 << 20, "00ff")
DONE = Outcome(2, "b.c $() \u2028 \ud800", "x ^ { 2 }", 0.123456789012345, "stop")
CUT = Outcome(0, "a", "x x x", 1e-300, "length")
FAILED = Outcome(3, "d", reason="no such picture file")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "set_items.jsonl"


def test_keeps_what_it_was_told(path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        for outcome in (DONE, CUT, FAILED):
            assert journal.outcome(outcome.index) is None
            journal.add([outcome])
            assert journal.outcome(outcome.index) == outcome
    with Journal(path, SETTINGS, 5) as journal:
        assert [journal.outcome(index) for index in range(5)] == [CUT, None, DONE, FAILED, None]
        assert [journal.has_answer(index) for index in range(5)] == [True, False, True, False, False]
        assert (journal.answered, journal.settled, journal.failed()) == (2, 2, [3])


def test_lines_are_on_disk_at_once_and_replace_earlier_ones(path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        journal.add([FAILED])
        assert path.read_bytes().endswith(FAILED.to_json().encode() + b"\n")
        mended = Outcome(3, "d", "y", 0.5, "stop")
        journal.add([mended])
        assert journal.outcome(3) == mended
    with Journal(path, SETTINGS, 5) as journal:
        assert journal.outcome(3) == mended
        assert journal.failed() == []
    assert path.read_bytes().count(b"\n") == 3


def test_a_cut_journal_keeps_its_whole_lines(path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        for outcome in (DONE, CUT, FAILED):
            journal.add([outcome])
    whole = path.read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with Journal(path, SETTINGS, 5) as journal:
            kept = max(0, sum(end <= size for end in ends) - 1)
            assert sum(journal.outcome(index) is not None for index in range(5)) == kept
            for outcome in (DONE, CUT, FAILED)[kept:]:
                journal.add([outcome])
        assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unimumer": "0.2"}, r"unimumer '0\.1' there, '0\.2' now"),
        ({"model": "nano"}, "model 'fake' there, 'nano' now"),
        ({"decoding": Decoding(9, 4)}, "max_tokens 256 there, 9 now; beams 1 there, 4 now"),
        ({"decoding": Decoding(temperature=0.2, seed=7)}, "temperature 0.0 there, 0.2 now; seed 0 there, 7 now"),
        ({"memory": 1}, "memory 536870912 there, 1 now"),
        ({"batch_size": 8}, "batch_size 4 there, 8 now"),
        ({"prompts_sha256": "1"}, "prompts_sha256 '00ff' there"),
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
    "content",
    [b"notes of mine", b"notes\n", b"[]\n", b"7\n", b'{"journal": 1}\n', b'{"a": 1}', b"\xff\xfe\n"],
)
def test_another_file_is_not_touched(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(BatchError, match="not a journal of this version"):
        Journal(path, SETTINGS, 5)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "line",
    [b"{}", b"[]", b"7", b'{"index": 5, "img_id": "a", "status": "failed", "reason": "r"}', b"\xff", b"\0\0"],
)
def test_damage_inside_is_named(line: bytes, path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        journal.add([DONE])
    path.write_bytes(path.read_bytes() + line + b"\n")
    with pytest.raises(BatchError, match="line 3 is damaged; --force"):
        Journal(path, SETTINGS, 5)


def test_failures_are_tried_again_by_the_next_run_only(path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        journal.add([FAILED])
        assert journal.is_settled(3, 4)
        with Journal(path, SETTINGS, 5) as later:
            assert not later.is_settled(3, 4)
            assert later.first_unsettled() == 0
            later.add([FAILED])
            assert later.is_settled(3, 4)
    assert path.read_bytes().count(b"\n") == 2


def test_takes_in_what_others_write(path: Path) -> None:
    with Journal(path, SETTINGS, 5) as one, Journal(path, SETTINGS, 5) as other:
        one.add([DONE])
        assert other.outcome(DONE.index) is None
        other.add([CUT])
        assert other.outcome(DONE.index) == DONE
        one.catch_up()
        assert one.outcome(CUT.index) == CUT


def test_half_a_line_of_another_is_read_when_it_is_whole(path: Path) -> None:
    with Journal(path, SETTINGS, 5) as journal:
        journal.add([DONE])
        line = CUT.to_json().encode() + b"\n"
        with path.open("ab") as other:
            other.write(line[:20])
            other.flush()
            assert journal.outcome(DONE.index) == DONE  # its buffer now holds the half
            other.write(line[20:])
        journal.catch_up()
        assert journal.outcome(CUT.index) == CUT


def test_results_go_before_a_line_makes_them_old(path: Path) -> None:
    results = [path.with_name("pred.json"), path.with_name("results.txt")]
    results[0].write_text("of another run")
    with Journal(path, SETTINGS, 5, results=results) as journal:
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
    with pytest.raises(BatchError, match="cannot be written"):
        Journal(tmp_path / "none" / "x.jsonl", SETTINGS, 5)
    assert os.listdir(tmp_path) == []
