from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from unimumer.compose.variation import Variation, vary

POINTS = np.random.default_rng(0).uniform(0, 5, (60, 2)).astype(np.float32)
SYMBOL = np.repeat(np.arange(6), 10)
ONE = np.zeros(6, np.int64)
STILL = Variation(0, 0, 0, 0, 0, 0, 0, 0, 0)


def test_no_variation_only_moves_the_middle_to_the_origin() -> None:
    out = vary(POINTS, SYMBOL, ONE, STILL, np.random.default_rng(0))
    assert np.allclose(out, POINTS - POINTS.mean(axis=0), atol=1e-3)


@given(st.integers(0, 10_000))
def test_ink_stays_readable(seed: int) -> None:
    """Size and area change little, whatever is drawn: no mirror, no collapse, no symbol far from its place."""
    out = vary(POINTS, SYMBOL, ONE, Variation(), np.random.default_rng(seed))
    still = POINTS - POINTS.mean(axis=0)
    assert out.dtype == np.float32 and np.isfinite(out).all()
    matrix = np.linalg.lstsq(still, out, rcond=None)[0]
    assert 0.7 < np.linalg.det(matrix) < 1.4
    assert 0.6 < np.linalg.norm(out) / np.linalg.norm(still) < 1.6


def test_same_seed_same_ink() -> None:
    one, two, other = (vary(POINTS, SYMBOL, ONE, Variation(), np.random.default_rng(s)) for s in (1, 1, 2))
    assert np.array_equal(one, two) and not np.allclose(one, other)


def test_points_of_a_symbol_move_together() -> None:
    """Without slant and turn, a symbol's points keep their distances up to its own scale."""
    how = Variation(slant=0, rotation=0, aspect=0, symbol_size=0.1, symbol_move=0.5, symbol_slant=0, wave=0, tremor=0)
    out = vary(POINTS, SYMBOL, ONE, how, np.random.default_rng(3))
    for s in range(6):
        before, after = (np.linalg.norm(np.diff(p[s == SYMBOL], axis=0), axis=1) for p in (POINTS, out))
        assert np.allclose(after / before, (after / before)[0], rtol=1e-3)


def test_every_expression_varies_on_its_own() -> None:
    """Two copies far apart keep their places, and come out different."""
    far = np.concatenate([POINTS, POINTS + 50])
    symbol = np.concatenate([SYMBOL, SYMBOL + 6])
    out = vary(far, symbol, np.repeat([0, 1], 6), Variation(), np.random.default_rng(0))
    one, two = out[:60], out[60:]
    assert not np.allclose(one, two, atol=0.05)
    assert max(abs(one.mean(axis=0)).max(), abs(two.mean(axis=0)).max()) < 0.25
