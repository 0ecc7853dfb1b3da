"""The typical size of what somebody wrote, from the strokes alone."""

from __future__ import annotations

import numpy as np
import pytest

from unimumer.ink import Ink, InkSymbol, typical_size
from unimumer.ink.picture import stroke_sizes


def ink(*sides: tuple[float, float], symbols: dict[str, tuple[int, ...]] | None = None) -> Ink:
    """A straight stroke of each width and height, 100 units apart; `symbols` maps a name to its strokes."""
    strokes = [np.array([(100 * n, 5), (100 * n + w, 5 + h)], np.float32) for n, (w, h) in enumerate(sides)]
    marked = tuple(InkSymbol(name, members, "") for name, members in (symbols or {}).items())
    return Ink("made", tuple(strokes), marked)


@pytest.mark.parametrize(
    ("sides", "size"),
    [
        ([(12, 10), (3, 20), (90, 48)], 20),
        ([(12, 10), (3, 20)], 16),
        ([(2, 10), (20, 10), (90, 45)], 10),  # twice as wide as high is flat
        ([(2, 10), (3, 14), (12, 12), (4, 4)], 12),  # 4 is less than 0.4 of 11
        ([(40, 0), (50, 0), (60, 0)], 50),  # nothing but bars
    ],
)
def test_it_is_the_middle_of_strokes_that_are_neither_flat_nor_small(
    sides: list[tuple[float, float]], size: float
) -> None:
    assert typical_size(ink(*sides)) == size


def test_what_is_known_of_the_symbols_says_nothing() -> None:
    sides = ((12, 10), (5, 20), (40, 1))
    marked = ink(*sides, symbols={"x": (0, 1), r"\sum": (2,)})
    assert typical_size(marked) == typical_size(ink(*sides)) == 16


def test_no_extent_is_no_size() -> None:
    assert typical_size(Ink("none", ())) == 0.0
    assert typical_size(ink((0, 0))) == 0.0
    assert typical_size(ink((0, 0), (0, 0), symbols={"x": (0,)})) == 0.0


def test_many_inks_are_measured_at_once() -> None:
    random = np.random.default_rng(0)
    lengths = [[int(random.integers(1, 9)) for _ in range(n)] for n in (1, 2, 17, 20)]
    inks = [[np.cumsum(random.normal(0, 1, (n, 2)), axis=0, dtype=np.float32) for n in some] for some in lengths]
    inks.append([np.float32([[0, 0], [9, 1]]), np.float32([[0, 3], [7, 3]])])  # bars alone
    strokes = [stroke for some in inks for stroke in some]
    ends = np.concatenate([np.arange(len(stroke)) == len(stroke) - 1 for stroke in strokes])
    start = np.cumsum([0, *(sum(map(len, some)) for some in inks)])
    found = stroke_sizes(np.concatenate(strokes), ends, start)
    assert found.tolist() == [typical_size(Ink("one", tuple(some))) for some in inks]
