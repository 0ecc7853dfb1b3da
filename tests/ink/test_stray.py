from __future__ import annotations

import numpy as np
import pytest

from unimumer.ink import Ink, InkError, InkSymbol, without_strays

LINES = [[(0, 0), (10, 10)], [(20, 0), (20, 12)]]


def ink(*strokes: list[tuple[float, float]], symbols: tuple[InkSymbol, ...] = ()) -> Ink:
    return Ink("a", tuple(np.array(stroke, np.float32) for stroke in strokes), symbols)


@pytest.mark.parametrize("tap", [[(500, 400)], [(500, 400), (500.5, 400)], [(-60, 5)]])
def test_a_tap_far_away_is_left_out(tap: list[tuple[float, float]]) -> None:
    kept, strays = without_strays(
        ink(LINES[0], tap, LINES[1], symbols=(InkSymbol("l", (2,), ""), InkSymbol(".", (1,), "")))
    )
    assert [stroke.tolist() for stroke in kept.strokes] == [[[0, 0], [10, 10]], [[20, 0], [20, 12]]]
    assert strays == 1
    assert kept.symbols == (InkSymbol("l", (1,), ""),)


@pytest.mark.parametrize(
    "others",
    [
        [[(24, 12)]],
        [[(24 + 30 * i, 12)] for i in range(20)],  # dots that lead from one to the next
        [[(500, 400), (505, 400)]],  # a stroke is never a tap
    ],
)
def test_dots_and_distant_strokes_stay(others: list[list[tuple[float, float]]]) -> None:
    drawing = ink(*LINES, *others)
    assert without_strays(drawing) == (drawing, 0)


def test_dots_alone_are_kept_but_one_point_is_no_expression() -> None:
    dots = ink([(0, 0)], [(10, 0)], [(20, 0)])
    assert without_strays(dots) == (dots, 0)
    for point in (ink([(3, 4)]), ink([(3, 4), (3, 4)], [(3, 4)])):
        with pytest.raises(InkError, match="a: a single point is no expression"):
            without_strays(point)
