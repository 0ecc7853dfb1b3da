from __future__ import annotations

import numpy as np
import pytest

from unimumer.training.nano.corpus import Corpus
from unimumer.training.nano.library import Library, ranges, rooms, simplify


@pytest.fixture(scope="module")
def library(structures: Corpus) -> Library:
    return Library(structures, np.flatnonzero(~structures.validation))


def test_ranges() -> None:
    assert ranges(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]


def test_every_row_has_the_size_it_is_written_in(library: Library) -> None:
    """Scripts are written at 0.6 of the size."""
    sizes: dict[str, list[float]] = {}
    for row in library.rows:
        sizes.setdefault(row.kind, []).append(row.size)
    assert np.median(sizes["line"]) == pytest.approx(1.0)
    assert 0.5 < np.median(sizes["sup"]) < 0.8 and 0.5 < np.median(sizes["sub"]) < 0.85
    assert 0.85 < np.median(sizes["num"]) < 1.15 and 0.85 < np.median(sizes["den"]) < 1.15


def test_symbols_of_a_tree_are_one_stretch_of_the_library(library: Library) -> None:
    for expression in library.expressions:
        assert expression.tree is not None
        assert (expression.tree.first, expression.tree.last) == (expression.first, expression.last)
        for row in library.rows:
            assert row.items[0].first == row.first and row.items[-1].last == row.last
        break


def test_a_simplified_line_keeps_its_ends_and_its_shape() -> None:
    angle = np.linspace(0, np.pi, 200)
    half = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    points = np.concatenate([half, half + 5])
    begins = np.arange(400) % 200 == 0
    kept = simplify(points, begins, 0.01)
    assert {0, 199, 200, 399} <= set(kept.tolist()) and len(kept) < 60
    first = points[kept[kept < 200]]
    middle = (first[1:] + first[:-1]) / 2
    assert abs(np.hypot(*middle.T) - 1).max() < 0.05
    assert np.hypot(*np.diff(first, axis=0).T).max() <= 0.5 + 1e-6


def test_rooms_are_measured_to_the_next_ink_of_the_same_expression() -> None:
    box = np.float32([[0, 0, 1, 1], [1.25, 0, 2, 1], [0, 1.5, 1, 2], [1.1, 0, 1.2, 1]])
    room = rooms(box, np.array([0, 0, 0, 1]))
    assert room[0].tolist() == [1.0, 1.0, 0.25, 0.5]
    assert room[1].tolist() == [0.25, 1.0, 1.0, 1.0]
    assert room[3].tolist() == [1.0] * 4
