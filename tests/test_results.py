"""One record an item: it is read back as it was written, and nothing else is taken for one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unimumer.engines.base import CheckFinding
from unimumer.files import FileError
from unimumer.results import Candidate, Result, read_results

ANSWER = Result(
    1,
    "b",
    "d/b.png",
    "x",
    "00" * 32,
    (Candidate("{", 0.5), Candidate("x", None)),
    1,
    "length",
    (CheckFinding("count", "disagreed", "it counts 2"),),
)
FAILED = Result(0, "a", "a.png", "y", reason="no such picture file")


def test_what_stands_and_how_it_ended() -> None:
    assert (ANSWER.latex, ANSWER.cut) == ("x", True) and (FAILED.latex, FAILED.cut) == ("", False)
    assert Result.from_json(ANSWER.to_json()) == ANSWER and Result.from_json(FAILED.to_json()) == FAILED


@pytest.mark.parametrize(
    "change",
    [
        {"index": -1},
        {"index": "1"},
        {"chosen": 2},
        {"chosen": None},
        {"candidates": []},
        {"candidates": [{}]},
        {"new": 1},
    ],
)
def test_other_records_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Result.from_json(json.dumps({**json.loads(ANSWER.to_json()), **change}))


def test_the_newest_line_of_an_item_counts_and_damaged_ones_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "set_items.jsonl"
    mended = Result(0, "a", "a.png", "y", "11" * 32, (Candidate("y", 1.0),), finish="stop")
    lines = ['{"journal": 3}', ANSWER.to_json(), FAILED.to_json(), "{garbage", mended.to_json(), ANSWER.to_json()[:40]]
    path.write_text("\n".join(lines))
    assert read_results(path) == [mended, ANSWER]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"", "not a journal of results"),
        (b"[1]\n", "not a journal of results"),
        (b'{"journal": 2}\n', "a journal of format 2, which another version of unimumer has written"),
    ],
)
def test_other_files_are_refused_by_name(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "set_items.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match=message) as caught:
        read_results(path)
    assert str(path) in str(caught.value)
