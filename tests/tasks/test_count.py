from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.tasks import count, prompts
from unimumer.tasks.answers import Malformed, spaced


def test_the_published_example() -> None:
    label = "\\frac { a ^ { 2 } + 1 } { b }"
    assert count.prompt() == prompts.COUNT
    assert count.target(label) == f"\\frac: 1, a: 1, ^: 1, 2: 1, +: 1, 1: 1, b: 1\n{label}"
    assert count.counts("x , x : 1 \\{ \\begin {cases} \\end {cases}") == {
        **{"x": 2, ",": 1, ":": 1, "1": 1, "\\{": 1},
        **{"\\begin": 1, "{cases}": 2, "\\end": 1},
    }


def test_every_published_expression_is_read_back(published: dict[str, list[str]]) -> None:
    for name, texts in published.items():
        for text in filter(str.strip, texts):
            assert count.parse(count.target(text)) == count.Counting(count.counts(text), spaced(text)), (name, text)


@given(st.text(min_size=1))
def test_any_text_is_counted_and_read_back(text: str) -> None:
    counting = count.parse(count.target(text))
    if isinstance(counting, Malformed):
        assert not set(spaced(text)) - set("{} ")
    else:
        assert counting.agrees and counting.counts == count.counts(text)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "x",
        "x: 1, x: 1\nx x",
        "x: 0\nx",
        "x: 1,y: 1\nx y",
        "x: 1, \nx",
        "x: 1\ny: 1\nx y",
        "xy: 1\nx y",
        "{: 1\nx",
        "x: 1, y: 1",
        "x: " + "9" * 10_000 + "\nx",
        "x: 1, " * 10_000,
    ],
)
def test_an_answer_of_another_form_is_malformed(answer: str) -> None:
    assert isinstance(count.parse(answer), Malformed)


def test_counts_may_disagree_with_the_latex() -> None:
    counting = count.parse("x: 2\nx")
    assert isinstance(counting, count.Counting) and not counting.agrees


@given(st.text())
def test_no_answer_is_an_error(answer: str) -> None:
    assert isinstance(count.parse(answer), count.Counting | Malformed)
