"""How far writing is turned is seen in its ink; what is level, or has no direction, is left alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from unimumer.imaging import slope, turned_ink


@pytest.fixture
def ink(make) -> np.ndarray:
    return 255 - make.draw(40, 4)


@pytest.mark.parametrize("degrees", [24, -20, 33, -40, 75, 90])
def test_the_slope_is_that_by_which_ink_was_turned(ink, degrees):
    found = slope(turned_ink(ink, degrees))
    assert min(abs(found - degrees), 180 - abs(found - degrees)) <= 4  # by 90 and -90 degrees it looks alike


def test_level_writing_and_single_symbols_have_none(ink, make):
    assert slope(ink) == slope(turned_ink(ink, 4)) == slope(turned_ink(ink, 180)) == 0
    assert slope(255 - make.draw(40, 4, ("3",))) == slope(np.zeros((20, 20), np.uint8)) == 0


@pytest.mark.parametrize("degrees", [0, 30, 90, 135, 180, 250])
def test_turning_keeps_all_ink_and_its_sense(degrees):
    ink = np.zeros((41, 101), np.uint8)
    cv2.line(ink, (10, 20), (90, 20), 255, 3)
    ink[15:26, 80:91] = 255  # the heavy end
    sheet = turned_ink(ink, degrees)
    assert int(sheet.sum()) == pytest.approx(int(ink.sum()), rel=0.02)
    y, x = np.nonzero(sheet > 127)
    heavy = np.array([x.mean(), y.mean()]) - np.array(sheet.shape[::-1]) / 2
    assert np.degrees(np.arctan2(-heavy[1], heavy[0])) % 360 == pytest.approx(degrees, abs=10) or degrees == 0
