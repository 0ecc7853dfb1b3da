"""BLEU-4 against values worked out by hand from Papineni's and Chen and Cherry's definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from unimumer.metrics.bleu import corpus_bleu, ngram_matches, ngram_totals


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
