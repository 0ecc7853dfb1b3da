"""Sizes at which checkpoints see pictures."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from unimumer.engines.pictures import at_training_size, chunks, shrunk, snapped

SIDE = st.integers(1, 3000)


@given(SIDE, SIDE, st.sampled_from([28, 32]))
def test_sizes_are_whole_cells_within_bounds(height: int, width: int, cell: int) -> None:
    least, most = 4 * cell**2, 300 * cell**2
    rows, columns = snapped(height, width, cell, least, most)
    assert rows % cell == columns % cell == 0 and rows >= cell and columns >= cell
    if max(height, width) / min(height, width) < 50 and min(height, width) >= cell:
        assert least <= rows * columns <= most


@given(st.integers(1, 400), st.integers(1, 400))
def test_a_prepared_picture_is_left_alone(height: int, width: int) -> None:
    picture = np.full((height, width, 3), 7, np.uint8)
    once = at_training_size(picture, 50_000, 28, 3136, 200_000)
    assert (once == 7).all()
    assert at_training_size(once, 10**9, 28, 3136, 200_000) is once


@given(SIDE, SIDE, st.integers(1, 10**6))
def test_nothing_is_larger_than_the_cap(height: int, width: int, cap: int) -> None:
    picture = np.broadcast_to(np.uint8(9), (height, width, 3))
    small = shrunk(np.ascontiguousarray(picture), cap)
    if cap >= max(height, width):  # a side stays at least one pixel
        assert small.shape[0] * small.shape[1] <= cap
    assert small.shape[:2] == (height, width) or height * width > cap


@given(st.lists(st.integers(), max_size=20), st.integers(1, 6))
def test_chunks_lose_nothing(members: list[int], size: int) -> None:
    parts = list(chunks(members, size))
    assert [member for part in parts for member in part] == members
    assert all(len(part) == size for part in parts[:-1])
