"""That printed lines go, and ink that lies on them stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unimumer.imaging.lines import without_lines


def depth(drawing: np.ndarray, spacing: int, dark: int, tilt: float = 0.0, upright: bool = False) -> np.ndarray:
    page = np.zeros((600, 800), np.uint8)
    rise = round(800 * float(np.tan(np.radians(tilt))))
    for y in range(-100, 700, spacing):
        cv2.line(page, (0, y), (800, y + rise), dark, 2)
    if upright:
        for x in range(-100, 900, spacing):
            cv2.line(page, (x, 0), (x - rise, 600), dark, 2)
    page[200 : 200 + drawing.shape[0], 100 : 100 + drawing.shape[1]] |= 255 - drawing
    return page


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("tilt", [0.0, 2.0, -4.0])
@pytest.mark.parametrize("dark", [40, 120])
def test_pale_lines_go_and_ink_stays(drawing, dark, tilt, upright):
    ink = 255 - drawing
    page = without_lines(depth(drawing, 50, dark, tilt, upright))
    shown = page[200 : 200 + ink.shape[0], 100 : 100 + ink.shape[1]]
    assert (shown > 128)[ink > 250].mean() > 0.99
    page[200 : 200 + ink.shape[0], 100 : 100 + ink.shape[1]] = 0
    assert (page > 20).mean() < 0.004


def test_lines_as_dark_as_the_ink_go_and_strokes_are_bridged(drawing):
    ink = 255 - drawing
    page = without_lines(depth(drawing, 60, 255))
    shown = page[200 : 200 + ink.shape[0], 100 : 100 + ink.shape[1]]
    assert (shown > 128)[ink > 250].mean() > 0.88
    assert (page[:190] > 20).mean() < 0.001


def test_without_lines_nothing_changes(drawing):
    page = depth(drawing, 5000, 0)
    assert np.array_equal(without_lines(page), page)
    assert np.array_equal(without_lines(255 - drawing), 255 - drawing)


def test_two_dark_bars_from_edge_to_edge_stay():
    page = np.zeros((300, 500), np.uint8)
    page[100:104] = page[200:204] = 255
    page[120:180, 200:204] = 255
    assert np.array_equal(without_lines(page), page)


@pytest.mark.parametrize("margin", [0, 4, 30])
@pytest.mark.parametrize("upright", [(0, 120, 240, 360), (0, 120, 260, 380), (0, 90, 180, 270, 360, 450)])
def test_bars_as_tall_as_the_writing_stay(margin, upright):
    page = np.zeros((120, upright[-1] + 4), np.uint8)
    for x in upright:
        page[:, x : x + 4] = 255
        page[40:80, x + 20 : x + 24] = 255  # something within
    page = np.pad(page[:, : upright[-1] + 4], margin)
    assert np.array_equal(without_lines(page), page)


def test_the_bar_of_a_fraction_that_is_cropped_to_its_ink_stays():
    page = np.zeros((90, 420), np.uint8)
    page[60:63] = 255
    for x in range(10, 400, 40):
        cv2.rectangle(page, (x, 0), (x + 22, 45), 255, 3)
    cv2.rectangle(page, (200, 70), (215, 89), 255, 3)
    assert np.array_equal(without_lines(page), page)


def test_crossings_of_a_blurred_grid_leave_no_dots(drawing):
    page = cv2.GaussianBlur(depth(drawing, 50, 140, 1.0, upright=True), (0, 0), 2)
    left = without_lines(page)
    assert (left[:180] > 20).sum() == 0 and (left[400:] > 20).sum() == 0
    assert (left[200:400] > 128).any()


def test_lines_too_faint_to_be_found_go_with_an_even_print(drawing):
    page = depth(drawing, 50, 60)
    page[300:] = np.where(page[300:] == 60, np.arange(800) % 120 < 40, 0) * np.uint8(60)  # dashes only
    assert not (without_lines(page)[350:] > 20).any()


def test_dots_of_the_ink_stay_on_ruled_paper():
    page = np.zeros((600, 800), np.uint8)
    page[50::50] = page[51::50] = 60
    for x in (200, 400, 600):
        cv2.circle(page, (x, 300), 4, 255, -1)
    assert (without_lines(page) > 128).sum() > 3 * 40


@given(st.integers(2, 30), st.integers(1, 9), st.integers(0, 40), st.integers(20, 255))
@settings(max_examples=60, deadline=2000)
def test_stripes_of_any_kind_are_survived(spacing, thick, rise, dark):
    page = np.zeros((200, 300), np.uint8)
    for y in range(-60, 260, spacing):
        cv2.line(page, (0, y), (300, y + rise), dark, min(thick, spacing))
    left = without_lines(page)
    assert left.shape == page.shape and left.dtype == np.uint8 and (left <= page).all()
