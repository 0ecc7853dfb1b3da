"""That the residue of printed lines is small, paler or fainter than the ink, and of its seed."""

from __future__ import annotations

import numpy as np
import pytest

from unimumer.compose.residue import with_residue


@pytest.fixture
def picture() -> np.ndarray:
    drawn = np.full((84, 196), 255, np.uint8)
    drawn[20:60, 30:33] = drawn[38:41, 60:120] = 0
    return drawn


def test_the_ink_stays_readable(picture):
    before, ink = picture.copy(), picture < 128
    changed = 0
    for seed in range(200):
        left = with_residue(picture, np.random.default_rng(seed))
        assert left.shape == picture.shape and left.dtype == np.uint8
        assert (left[~ink] < 255).mean() < 0.1  # scraps, not a pattern
        changed += not np.array_equal(left, picture)
    kept = [(with_residue(picture, np.random.default_rng(s))[ink] < 128).mean() for s in range(200)]
    assert np.array_equal(picture, before) and changed > 120
    assert np.mean(kept) > 0.9 and min(kept) > 0.3


def test_same_seed_same_residue(picture):
    one, two = (with_residue(picture, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(one, two)
