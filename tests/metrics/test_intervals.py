"""Intervals: known values, and how often they cover the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.metrics.intervals import percentile_interval, resampled_sums, wilson


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
