"""Ink that is varied: it stays readable, and each symbol and each expression varies by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.compose import realize
from unimumer.compose.realize import vary

POINTS = np.random.default_rng(0).uniform(0, 5, (60, 2)).astype(np.float32)
SYMBOL = np.repeat(np.arange(6), 10)
ONE = np.zeros(6, np.int64)


@given(st.integers(0, 10_000))
def test_ink_stays_readable(seed: int) -> None:
    """Size and area change little, whatever is drawn: no mirror, no collapse, no symbol far from its place."""
    out = vary(POINTS, SYMBOL, ONE, np.random.default_rng(seed))
    still = POINTS - POINTS.mean(axis=0)
    assert out.dtype == np.float32 and np.isfinite(out).all()
    matrix = np.linalg.lstsq(still, out, rcond=None)[0]
    assert 0.7 < np.linalg.det(matrix) < 1.4
    assert 0.6 < np.linalg.norm(out) / np.linalg.norm(still) < 1.6


def test_points_of_a_symbol_move_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without slant, turn and the like, a symbol's points keep their distances up to its own scale."""
    for name in ("SLANT", "ROTATION", "ASPECT", "SYMBOL_SLANT", "WAVE", "TREMOR", "TURNED"):
        monkeypatch.setattr(realize, name, 0.0)
    out = vary(POINTS, SYMBOL, ONE, np.random.default_rng(3))
    for s in range(6):
        before, after = (np.linalg.norm(np.diff(p[s == SYMBOL], axis=0), axis=1) for p in (POINTS, out))
        assert np.allclose(after / before, (after / before)[0], rtol=1e-3)


def test_every_expression_varies_on_its_own() -> None:
    """Two copies far apart come to lie around the origin, and come out different."""
    far = np.concatenate([POINTS, POINTS + 50])
    symbol = np.concatenate([SYMBOL, SYMBOL + 6])
    out = vary(far, symbol, np.repeat([0, 1], 6), np.random.default_rng(0))
    one, two = out[:60], out[60:]
    assert not np.allclose(one, two, atol=0.05)
    assert max(abs(one.mean(axis=0)).max(), abs(two.mean(axis=0)).max()) < 0.25
