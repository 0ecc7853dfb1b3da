"""Loops are found where they are, and nothing else is taken for one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.engines.repetition import LENGTH, LONGEST_UNIT, REPEATS, Loop, first_loop, loop_at_end

DATA = Path(os.environ.get("UNIMUMER_DATA") or Path(__file__).parents[3] / "shared" / "data")
PREDICTIONS = sorted(DATA.glob("predictions/*/*_pred.json"))
TOKENS = st.lists(st.integers(0, 3), max_size=200)
UNITS = st.lists(st.integers(0, 5), min_size=1, max_size=LONGEST_UNIT)


def test_the_published_runaway_answer() -> None:
    text = r"\frac { 1 0 } { 3 } = 3 ."
    tokens = (text + " 3" * 1016).split()
    assert first_loop(tokens) == loop_at_end(tokens) == Loop(11, 1)
    assert " ".join(tokens[: Loop(11, 1).kept]) == text + " 3"


@pytest.mark.parametrize(
    "text",
    [
        r"\frac { 1 0 } { 3 } = 3 . " + "3 " * 15 + r"\ldots",
        "1 " + "0 " * 40,
        "^ { 1 " * 12 + "} " * 12,
        r"\begin {matrix} " + r" \\ ".join(["0 & " * 9 + "0"] * 7) + r" \end {matrix}",
        "x",
        "",
    ],
)
def test_what_people_write_is_no_loop(text: str) -> None:
    assert first_loop(text.split()) is None


@given(TOKENS, UNITS, st.integers(0, LONGEST_UNIT - 1))
def test_every_loop_is_found(before: list[int], unit: list[int], part: int) -> None:
    repeats = max(REPEATS, -(-LENGTH // len(unit)))
    tokens = before + unit * repeats + unit[: part % len(unit)]
    loop = loop_at_end(tokens)
    assert loop is not None and loop.begin <= len(before) and loop.unit <= len(unit)


@given(TOKENS, UNITS, st.integers(0, 2 * REPEATS))
def test_a_loop_is_one(before: list[int], unit: list[int], repeats: int) -> None:
    tokens = before + unit * repeats
    loop = loop_at_end(tokens)
    if loop is not None:
        rest = tokens[loop.begin :]
        assert rest == (rest[: loop.unit] * len(rest))[: len(rest)]
        assert len(rest) >= max(LENGTH, REPEATS * loop.unit)
        assert loop.begin == 0 or tokens[loop.begin - 1] != tokens[loop.begin - 1 + loop.unit]


@given(TOKENS, st.lists(st.integers(0, 5), min_size=1, max_size=6), st.integers(0, 100), TOKENS)
def test_cutting_later_and_stopping_early_agree(
    before: list[int], unit: list[int], repeats: int, rest: list[int]
) -> None:
    tokens = before + unit * repeats + rest
    stopped = next((loop for end in range(len(tokens) + 1) if (loop := loop_at_end(tokens, end))), None)
    assert first_loop(tokens) == stopped
    if stopped is not None:
        assert first_loop(tokens + rest) == stopped


@pytest.mark.skipif(not PREDICTIONS, reason="needs the published predictions (UNIMUMER_DATA)")
def test_no_correct_published_answer_is_cut() -> None:
    cut = []
    for path in PREDICTIONS:
        for item in json.loads(path.read_text()):
            if first_loop(item["pred"].split()):
                cut.append(item)
    assert cut and not [item for item in cut if item["pred"].split() == item["gt"].split()]
