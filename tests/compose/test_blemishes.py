"""That blemishes leave the ink readable and come as often as they shall, of their seed."""

from __future__ import annotations

import numpy as np
import pytest

from unimumer.compose import blemishes
from unimumer.compose.blemishes import blemished, with_residue


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


ADDED = ("with_border", "with_rule", "with_neighbor")
CHANGED = ("blurred", "uneven", "as_jpeg")


@pytest.mark.parametrize("name", [*ADDED, *CHANGED])
def test_a_blemish_changes_the_picture_and_leaves_the_ink(picture, name):
    before, ink = picture.copy(), picture < 128
    for seed in range(60):
        left = getattr(blemishes, name)(picture, np.random.default_rng(seed))
        assert left.shape == picture.shape and left.dtype == np.uint8 and not np.array_equal(left, before)
        assert (left[ink] < 200).mean() > 0.9
        assert (left[~ink] < 128).mean() < (0.25 if name in ADDED else 0.02)
        if name in ADDED:
            assert (left <= before).all()
    assert np.array_equal(picture, before)


def test_rests_of_neighbors_and_borders_keep_to_the_edge(picture):
    for seed in range(60):
        for name in ("with_border", "with_neighbor"):
            added = getattr(blemishes, name)(picture, np.random.default_rng(seed)) != picture
            assert not added[14:-14, 14:-14].any(), name


def test_most_pictures_have_none(picture):
    random = np.random.default_rng(0)
    share = np.mean([not np.array_equal(blemished(picture, random), picture) for _ in range(3000)])
    none = 1 - np.prod([1 - part for part in (0.1, 0.03, 0.03, 0.04, 0.08, 0.08, 0.05)])
    assert share == pytest.approx(none, abs=0.04)


def test_same_seed_same_blemishes(picture):
    for seed in range(40):
        one, two = (blemished(picture, np.random.default_rng(seed)) for _ in range(2))
        assert np.array_equal(one, two)
