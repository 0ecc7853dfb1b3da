from __future__ import annotations

import numpy as np
import pytest

from unimumer.ink import InkError, draw, paint

LINE = np.array([[0, 0], [100, 0]], np.float32)


def width_of(picture: np.ndarray) -> float:
    """Mean ink per column of a horizontal line, in pixels."""
    return float((255 - picture.astype(float)).sum(axis=0)[40:-40].mean() / 255)


@pytest.mark.parametrize("pen", [1.5, 2.0, 3.0, 5.0])
def test_the_pen_is_as_wide_as_asked(pen: float) -> None:
    assert width_of(draw([LINE], 1.0, pen)) == pytest.approx(pen, abs=0.45)


def test_ink_is_black_on_white_with_a_margin() -> None:
    picture = draw([LINE], 1.0, 3.0, margin=10)
    assert picture.shape == (21, 121) and picture.dtype == np.uint8
    assert picture.min() < 20 and (picture[:7] == 255).all() and (picture[:, :7] == 255).all()


def test_scale_is_pixels_per_unit() -> None:
    ink = np.flatnonzero(draw([LINE], 2.5, 2.0).min(axis=0) < 128)
    assert np.ptp(ink) == pytest.approx(250, abs=3)


def test_a_tap_of_the_pen_leaves_a_dot() -> None:
    for stroke in ([[5, 5]], [[5, 5], [5, 5]]):
        picture = draw([np.array(stroke, np.float32)], 1.0, 4.0)
        assert 8 < (picture < 128).sum() < 40


def test_strokes_are_not_joined() -> None:
    apart = [LINE, LINE + np.float32([0, 50])]
    assert (draw(apart, 1.0, 2.0)[20:45] == 255).all()


def test_what_lies_off_the_sheet_is_cut_off() -> None:
    assert paint([LINE - 1000], 30, 30, 2.0).min() == 255


@pytest.mark.parametrize("strokes", [[], [np.array([[0, 0], [1e7, 0]], np.float32)]])
def test_nothing_and_too_much_are_refused(strokes: list[np.ndarray]) -> None:
    with pytest.raises(InkError):
        draw(strokes, 1.0, 2.0)
