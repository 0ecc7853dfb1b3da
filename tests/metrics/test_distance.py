"""Token edit distance: its axioms, and agreement with the textbook recurrence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unimumer.metrics.distance import token_distance, tokens

# Few tokens make overlaps likely; `\frac` and `f` must not be taken apart or confused.
SEQUENCES = st.lists(st.sampled_from(["f", "\\frac", "{", "}", "\\f"]), max_size=8)


def textbook_distance(a: list[str], b: list[str]) -> int:
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        above = row
        row = [i]
        for j, right in enumerate(b, start=1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right)))
    return row[-1]


def test_tokens_split_at_any_white_space() -> None:
    assert tokens("  \\frac {  a }\n{ b }\t") == ["\\frac", "{", "a", "}", "{", "b", "}"]
    assert tokens(" ") == []


def test_counts_whole_tokens() -> None:
    assert token_distance(tokens("\\alpha + 1"), tokens("\\beta + 1")) == 1
    assert token_distance(tokens("x ^ { 2 }"), tokens("x 2")) == 3


@given(SEQUENCES, SEQUENCES)
def test_agrees_with_the_recurrence(a: list[str], b: list[str]) -> None:
    assert token_distance(a, b) == textbook_distance(a, b)


@given(SEQUENCES, SEQUENCES)
def test_symmetry_identity_and_bounds(a: list[str], b: list[str]) -> None:
    distance = token_distance(a, b)
    assert distance == token_distance(b, a)
    assert (distance == 0) == (a == b)
    assert abs(len(a) - len(b)) <= distance <= max(len(a), len(b))


@given(SEQUENCES, SEQUENCES, SEQUENCES)
def test_triangle(a: list[str], b: list[str], c: list[str]) -> None:
    assert token_distance(a, c) <= token_distance(a, b) + token_distance(b, c)
