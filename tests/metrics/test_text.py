"""What one pair scores, and the figures those scores sum to, worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.metrics import Figure, MetricsError, Pair
from unimumer.metrics.text import means_and_ratios, proportions, score_pair, token_distance, tokens, total

# Errors 0, 1, 1, 3; label tokens 3, 5, 2, 3; label characters 5, 9, 3, 5; the last has no answer.
PAIRS = [
    Pair("1", "a + b", "a + b"),
    Pair("2", "x ^ { 2 }", "x _ { 2 }"),
    Pair("3", "c d", "d"),
    Pair("4", "y = 1", None),
]
TEXTS = st.lists(st.sampled_from(["a", "+", "\\frac", "{", "}"]), max_size=7).map(" ".join)
SETS = st.lists(st.builds(Pair, st.just("id"), TEXTS, st.none() | TEXTS), min_size=1, max_size=8)


def test_one_wrong_token() -> None:
    score = score_pair(PAIRS[1])
    assert (score.exact, score.token_errors, score.label_tokens, score.predicted_tokens) == (False, 1, 5, 5)
    assert score.label_characters == 9
    assert score.ngram_matches == (4, 2, 1, 0)
    assert score.edit_score == pytest.approx(0.8)
    assert [score.within(k) for k in (0, 1, 2)] == [False, True, True]


def test_exactness_is_of_tokens_not_of_spaces() -> None:
    score = score_pair(Pair("1", "a  ^ { 2 }", "a ^ { 2 } "))
    assert score.exact
    assert score.ngram_matches == (5, 4, 3, 2)
    assert not score_pair(Pair("1", "a ^ { 2 }", "a ^ 2")).exact


def test_no_answer_is_wrong_even_where_an_empty_answer_is_right() -> None:
    empty, none = score_pair(Pair("1", "", "")), score_pair(Pair("1", "", None))
    assert (empty.exact, empty.edit_score) == (True, 1.0)
    assert (none.exact, none.edit_score, none.within(3)) == (False, 0.0, False)
    assert score_pair(Pair("1", "a b", None)).token_errors == 2


def test_proportions_by_hand() -> None:
    result = proportions([score_pair(pair) for pair in PAIRS])
    assert [figure.value for figure in result] == [0.25, 0.75, 0.75, 0.75]
    # Wilson for 1 of 4 and 3 of 4.
    assert (result[0].low, result[0].high) == pytest.approx((0.0456, 0.6994), abs=1e-4)
    assert (result[3].low, result[3].high) == pytest.approx((0.3006, 0.9544), abs=1e-4)


def test_means_and_ratios_by_hand() -> None:
    figures = means_and_ratios([score_pair(pair) for pair in PAIRS])
    assert figures["edit_score"].value == pytest.approx((1 + 0.8 + 0.5 + 0) / 4)
    assert figures["token_error_rate"].value == pytest.approx(5 / 13)
    assert figures["token_edits_per_label_character"].value == pytest.approx(5 / 22)
    # Matches 8, 4, 2, 0 (smoothed to ln 9 / 10) of 10, 8, 6, 5; 9 tokens predicted for 13.
    bleu = math.exp(1 - 13 / 9) * (8 / 10 * 4 / 8 * 2 / 6 * (math.log(9) / 10) / 5) ** 0.25
    assert figures["bleu_4"].value == pytest.approx(bleu)
    assert {figure.n for figure in figures.values()} == {4}


def test_perfect_answers() -> None:
    figures = means_and_ratios([score_pair(Pair("1", "a + b = c", "a + b = c"))] * 3)
    assert figures["edit_score"] == figures["bleu_4"] == Figure(1.0, 1.0, 1.0, 3)
    assert figures["token_error_rate"] == Figure(0.0, 0.0, 0.0, 3)


@given(SETS)
def test_bounds(pairs: list[Pair]) -> None:
    scores = [score_pair(pair) for pair in pairs]
    shares = [figure.value for figure in proportions(scores)]
    assert shares == sorted(shares)
    figures = means_and_ratios(scores)
    for name in ("edit_score", "bleu_4"):
        assert -1e-12 <= figures[name].low <= figures[name].high <= 1 + 1e-12
        assert -1e-12 <= figures[name].value <= 1 + 1e-12
    rate, per_character = figures["token_error_rate"], figures["token_edits_per_label_character"]
    assert 0 <= rate.low <= rate.high < math.inf
    # A token has at least one character.
    assert per_character.value <= rate.value


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_right_answers_have_no_errors(texts: list[str]) -> None:
    scores = [score_pair(Pair("id", text, text)) for text in texts]
    figures = means_and_ratios(scores)
    assert all(score.exact for score in scores)
    assert figures["edit_score"].value == 1.0
    assert figures["token_error_rate"].high == 0.0


def test_nothing_to_total_is_an_error() -> None:
    with pytest.raises(MetricsError, match="no expressions"):
        total(iter(()))


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
