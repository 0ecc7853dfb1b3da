"""Pictures of whole expressions: size, margin, and that any readable ink makes one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.ink import Ink, InkError, InkSymbol, picture
from unimumer.ink.picture import MARGIN, MAX_SIDE


@pytest.mark.parametrize("symbols", [(), (InkSymbol("x", (0, 1), ""), InkSymbol("y", (2,), ""))])
def test_size_is_that_of_a_typical_stroke_whatever_is_marked(symbols: tuple[InkSymbol, ...]) -> None:
    lines = ([[0, 0], [0, 10]], [[10, 3], [10, 13]], [[20, 0], [110, 0]])
    drawn = picture(Ink("sized", tuple(np.array(line, np.float32) for line in lines), symbols))
    assert drawn.shape[1] == pytest.approx(110 * 48 / 10 + 2 * MARGIN, abs=2)


def test_dots_without_a_size_are_sized_as_one_symbol() -> None:
    drawn = picture(Ink("dots", tuple(np.array([[x, 0]], np.float32) for x in (0, 500, 1000))))
    assert drawn.shape[1] == pytest.approx(48 + 2 * MARGIN, abs=2)


def test_long_ink_is_drawn_smaller() -> None:
    strokes = tuple(np.array([[x, 0], [x, 10]], np.float32) for x in range(0, 10_000, 10))
    assert MAX_SIDE - 3 <= picture(Ink("long", strokes)).shape[1] <= MAX_SIDE


_COORDINATE = st.floats(-1e9, 1e9, width=32)
_STROKE = st.lists(st.tuples(_COORDINATE, _COORDINATE), min_size=1, max_size=5)


@given(st.lists(_STROKE, min_size=1, max_size=4))
def test_any_ink_that_can_be_read_makes_a_picture(strokes: list[list[tuple[float, float]]]) -> None:
    drawn = picture(Ink("any", tuple(np.array(stroke, np.float32) for stroke in strokes)))
    assert max(drawn.shape) <= MAX_SIDE
    assert min(drawn.shape) > 2 * MARGIN
    assert drawn.min() < 128


def test_no_ink_makes_no_picture() -> None:
    with pytest.raises(InkError, match="no strokes"):
        picture(Ink("none", ()))
