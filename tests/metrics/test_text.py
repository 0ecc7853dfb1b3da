"""What one pair scores, and the figures those scores sum to, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.metrics import Figure, MetricsError, Pair
from unimumer.metrics.text import (
    corpus_bleu,
    means_and_ratios,
    ngram_matches,
    ngram_totals,
    proportions,
    score_pair,
    total,
)

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
    assert total(PAIRS) == (4, [1, 3, 3, 3], {name: pytest.approx(one.value) for name, one in figures.items()})


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


def test_counts_whole_tokens_parted_by_any_white_space() -> None:
    assert score_pair(Pair("1", "  \\alpha\t+\n1", "\\beta + 1 ")).token_errors == 1
    assert score_pair(Pair("1", "x ^ { 2 }", "x 2")).token_errors == 3


# BLEU-4, by hand from the definitions of Papineni and of Chen and Cherry.


def bleu(*corpus: tuple[str, str]) -> float:
    """Of (label, prediction) texts."""
    sides = [(label.split(), prediction.split()) for label, prediction in corpus]
    matches = np.sum([ngram_matches(label, prediction) for label, prediction in sides], axis=0, dtype=float)
    totals = np.sum([ngram_totals(len(prediction)) for _, prediction in sides], axis=0, dtype=float)
    lengths = [np.array(float(sum(len(side[k]) for side in sides))) for k in (1, 0)]
    return float(corpus_bleu(matches, totals, *lengths))


def test_matches_are_clipped_to_the_label() -> None:
    assert ngram_matches(["a", "b", "a"], ["a", "a", "a", "b"]) == (3, 1, 0, 0)


def test_short_answers_still_have_one_ngram_of_each_order() -> None:
    assert ngram_totals(5) == (5, 4, 3, 2)
    assert ngram_totals(2) == (2, 1, 1, 1)
    assert ngram_totals(0) == (1, 1, 1, 1)


def test_one_wrong_token_at_the_end() -> None:
    assert bleu(("a b c d e", "a b c d f")) == pytest.approx((4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)


def test_brevity_penalty_only_for_short_answers() -> None:
    assert bleu(("a b c d e", "a b c d")) == pytest.approx(math.exp(1 - 5 / 4))
    assert bleu(("a b c d", "a b c d e")) == pytest.approx((4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)


def test_counts_are_pooled_over_the_corpus() -> None:
    # 1-grams 4+1 of 4+2, 2-grams 3+0 of 3+1, 3-grams 2+0 of 2+1, 4-grams 1+0 of 1+1.
    pooled = bleu(("a b c d", "a b c d"), ("x y", "x z"))
    assert pooled == pytest.approx((5 / 6 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)


def test_orders_without_a_match_are_smoothed_in_turn() -> None:
    # Matches 2, 1, 0, 0 of 4, 3, 2, 1; ln 4 / 10 for the first empty order, ln 4 / 20 for the second.
    smoothed = (2 / 4 * 1 / 3 * (math.log(4) / 10) / 2 * (math.log(4) / 20) / 1) ** 0.25
    assert bleu(("a b x y", "a b v w")) == pytest.approx(smoothed)


@pytest.mark.parametrize("prediction", ["", "z z z z z", "a"])
def test_nothing_shared_or_a_single_token_scores_zero(prediction: str) -> None:
    assert bleu(("a b", prediction)) == 0.0


def test_leading_axes_are_independent_corpora() -> None:
    matches = np.array([[5.0, 4, 3, 2], [4, 3, 2, 1]])
    totals = np.array([[5.0, 4, 3, 2], [5, 4, 3, 2]])
    lengths = np.array([5.0, 5.0])
    assert corpus_bleu(matches, totals, lengths, lengths) == pytest.approx([1.0, 0.2**0.25])
