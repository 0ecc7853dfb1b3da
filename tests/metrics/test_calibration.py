"""Confidences held against what is right."""

from __future__ import annotations

import numpy as np
import pytest

from unimumer.metrics import Pair, evaluate
from unimumer.metrics.analysis import analyze
from unimumer.metrics.calibration import reliability


def test_groups_are_of_like_confidence_and_equal_size() -> None:
    found = reliability([0.9, 0.1, 0.8, 0.2], [True, False, True, True], bins=2)
    assert [(b.confidence, b.right.value, b.right.n) for b in found.bins] == [
        (pytest.approx(0.15), 0.5, 2),
        (pytest.approx(0.85), 1.0, 2),
    ]
    assert found.error == pytest.approx((0.35 + 0.15) / 2)


def test_honest_confidences_have_a_small_error_and_boasts_a_large_one() -> None:
    random = np.random.default_rng(0)
    said = random.random(20_000)
    right = (random.random(20_000) < said).tolist()
    honest, boasting = (reliability(list(map(float, one)), right).error for one in (said, said**0.2))
    assert honest < 0.015 and boasting > 0.3


def test_the_most_confident_half_is_kept_and_all_that_are_as_confident_as_its_last() -> None:
    kept = reliability([0.1, 0.9, 0.7, 0.3], [True, True, False, False]).kept[2]
    assert (kept.threshold, kept.right.value, kept.right.n) == (0.7, 0.5, 2)
    tied = reliability([0.5, 0.9, 0.5, 0.5], [False, True, True, True]).kept[2]
    assert (tied.threshold, tied.right.value, tied.right.n) == (0.5, 0.75, 4)


def test_fewer_answers_than_groups() -> None:
    assert [b.right.n for b in reliability([0.5, 0.6], [True, False]).bins] == [1, 1]


def test_of_an_evaluation() -> None:
    pairs = [Pair("a", "x", "x", 0.9), Pair("b", "y", "z", 0.7), Pair("c", "w", None), Pair("d", "v", "v")]
    found = analyze(evaluate(pairs)).calibration
    assert found is not None
    # `c` has no answer, so it is wrong with confidence 0; `d` has an answer and says nothing.
    assert [(b.confidence, b.right.value) for b in found.bins] == [(0.0, 0.0), (0.7, 0.0), (0.9, 1.0)]
    assert found.error == pytest.approx((0 + 0.7 + 0.1) / 3)
    assert found.kept[-1].right.n == 3
    assert analyze(evaluate([Pair("d", "v", "v")])).calibration is None
