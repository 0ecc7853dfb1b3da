from __future__ import annotations

import numpy as np
import pytest

from unimumer.metrics.calibration import accuracy_at_coverage, expected_calibration_error, reliability


def test_groups_are_of_like_confidence_and_equal_size() -> None:
    bins = reliability([0.9, 0.1, 0.8, 0.2], [True, False, True, True], bins=2)
    assert [(b.confidence, b.right.value, b.right.n) for b in bins] == [
        (pytest.approx(0.15), 0.5, 2),
        (pytest.approx(0.85), 1.0, 2),
    ]
    assert expected_calibration_error(bins) == pytest.approx((0.35 + 0.15) / 2)


def test_honest_confidences_have_a_small_error_and_boasts_a_large_one() -> None:
    random = np.random.default_rng(0)
    said = random.random(20_000)
    right = (random.random(20_000) < said).tolist()
    honest = expected_calibration_error(reliability(said.tolist(), right))
    boasting = expected_calibration_error(reliability((said**0.2).tolist(), right))
    assert honest < 0.015 and boasting > 0.3


def test_the_most_confident_half_is_kept() -> None:
    threshold, share = accuracy_at_coverage([0.1, 0.9, 0.7, 0.3], [True, True, False, False], 0.5)
    assert threshold == 0.7 and (share.value, share.n) == (0.5, 2)


def test_fewer_answers_than_groups() -> None:
    assert [b.right.n for b in reliability([0.5, 0.6], [True, False])] == [1, 1]
