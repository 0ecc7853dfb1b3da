from __future__ import annotations

import numpy as np
import pytest

from unimumer.engines.nano import Calibration
from unimumer.training.nano.calibrate import fit


def test_a_fit_finds_the_weights_that_made_the_outcomes() -> None:
    random = np.random.default_rng(0)
    answers = [((-random.exponential(0.3, random.integers(2, 30))).tolist(), random.normal()) for _ in range(20_000)]
    truth = Calibration((1.5, 0.6, 0.3, -0.2))
    right = [bool(random.random() < truth(*answer)) for answer in answers]
    found = fit(answers, right)
    gaps = [abs(found(*answer) - truth(*answer)) for answer in answers]
    assert float(np.mean(gaps)) < 0.01


@pytest.mark.parametrize("right", [[True, True, True], [False, False, False], [True, False, False]])
def test_few_and_one_sided_answers_give_finite_probabilities(right: list[bool]) -> None:
    found = fit([([-0.1, -0.2], 0.0), ([-3.0], 0.5), ([-8.0, -0.1, -2.0], -1.0)], right)
    assert all(0 < found([-x]) < 1 for x in (0.0, 0.5, 1000.0))


def test_answers_without_tokens_are_left_out() -> None:
    answers = [([-0.1], 0.0), ([-5.0], 0.0)]
    assert fit([([], 0.0), *answers], [True, True, False]) == fit(answers, [True, False])
