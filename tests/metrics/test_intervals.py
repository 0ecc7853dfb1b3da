"""Intervals: known values, and how often they cover the truth; McNemar's exact p by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.metrics import MetricsError, Pair, against, evaluate
from unimumer.metrics.intervals import compare, mcnemar, percentile_interval, resampled_sums, wilson


def test_wilson_known_values() -> None:
    # (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n) with z = 1.96, worked out apart.
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


@given(st.integers(1, 5000), st.data())
def test_wilson_holds_its_share(n: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, n))
    low, high = wilson(successes, n)
    assert 0.0 <= low < high <= 1.0
    assert low - 1e-12 <= successes / n <= high + 1e-12


def test_wilson_covers_as_often_as_it_says() -> None:
    n = 40
    intervals = [wilson(k, n) for k in range(n + 1)]
    coverage = []
    for p in np.linspace(0.02, 0.98, 97):
        weight = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
        coverage.append(sum(w for w, (low, high) in zip(weight, intervals) if low <= p <= high))
    assert 0.94 < np.mean(coverage) < 0.96
    assert min(coverage) > 0.85


def test_resamples_draw_whole_rows_and_repeat_with_the_seed() -> None:
    rows = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    sums = resampled_sums(rows, seed=3, resamples=200)
    assert sums.shape == (200, 2)
    assert np.array_equal(sums[:, 1], 10 * sums[:, 0])
    assert sums[:, 0].min() >= 3
    assert sums[:, 0].max() <= 12
    assert np.array_equal(sums, resampled_sums(rows, seed=3, resamples=200))
    assert not np.array_equal(sums, resampled_sums(rows, seed=4, resamples=200))


def test_percentile_interval_is_the_middle_95_percent() -> None:
    assert percentile_interval(np.arange(1001.0)) == pytest.approx((25.0, 975.0))


def test_bootstrap_of_a_mean_has_the_width_of_theory() -> None:
    values = np.random.default_rng(0).normal(5.0, 2.0, 400)
    low, high = percentile_interval(resampled_sums(values[:, None], 0, 2000)[:, 0] / 400)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.08)
    assert low < values.mean() < high


def test_bootstrap_of_a_ratio_covers_as_often_as_it_says() -> None:
    generator = np.random.default_rng(1)
    hits = 0
    for trial in range(200):
        lengths = generator.integers(5, 40, 80)
        errors = generator.binomial(lengths, 0.1)
        sums = resampled_sums(np.stack([errors, lengths], axis=1).astype(float), trial, 300)
        low, high = percentile_interval(sums[:, 0] / sums[:, 1])
        hits += low <= 0.1 <= high
    assert 0.88 <= hits / 200 <= 0.99


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        (0, 0, 1.0),
        (3, 3, 1.0),
        (1, 0, 1.0),
        (5, 0, 2 / 32),
        (1, 9, 2 * (1 + 10) / 1024),
        (2, 8, 2 * (1 + 10 + 45) / 1024),
        (900, 1100, 8.5e-6),  # normal approximation with continuity correction: z 4.45
    ],
)
def test_mcnemar_by_hand(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == mcnemar(lost, gained) == pytest.approx(p, rel=0.02)


def test_what_changed_is_named() -> None:
    found = compare(["a", "b", "c", "d"], [True, True, False, False], [True, False, True, False])
    assert (found.gained, found.lost, found.value, found.p) == (("b",), ("c",), 0.0, 1.0)
    assert found.low < 0 < found.high


def test_the_interval_of_the_difference_is_paired() -> None:
    ours = [k % 2 == 0 for k in range(400)]
    theirs = [hit and k % 20 != 0 for k, hit in enumerate(ours)]
    found = compare([str(k) for k in range(400)], ours, theirs)
    # 20 of 400 differ, all one way: standard error sqrt(0.05 * 0.95 / 400) = 0.0109.
    assert found.value == pytest.approx(0.05)
    assert (found.low, found.high) == pytest.approx((0.05 - 0.0214, 0.05 + 0.0214), abs=0.004)


def test_evaluations_are_paired_by_id() -> None:
    ours = evaluate([Pair("a", "x", "x"), Pair("b", r"y \neq z", r"y \ne z"), Pair("c", "1", "1")])
    theirs = evaluate([Pair("c", "1", "l"), Pair("b", r"y \neq z", "y = z"), Pair("a", "x", "x")])
    found = against(ours, theirs)
    assert found["exp_rate"].gained == ("c",) and found["exp_rate"].lost == ()
    assert found["ink_match"].gained == ("b", "c")
    with pytest.raises(MetricsError, match="1 ids are in one of them only, 1 have another label"):
        against(ours, evaluate([Pair("a", "x", "x"), Pair("b", "other", "x")]))
