"""What is said about pictures that cannot be read well, and that sound ones are not blamed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from unimumer.imaging import flaws, inked


def kinds(picture: np.ndarray) -> list[str]:
    return [flaw.kind for flaw in flaws(inked(picture))]


def turned(page: np.ndarray, degrees: float) -> np.ndarray:
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(page, turn, (width, height), borderValue=255)


@pytest.fixture
def row(make) -> np.ndarray:
    """Writing of one long line on an ample page."""
    return make.on_page(make.draw(40, 4, ("x", "+", "3", "=", "5", "0")), 500, 600)


def test_a_sound_picture_has_no_flaw(row, make):
    assert kinds(row) == kinds(turned(row, 4)) == []
    assert kinds(make.photograph(make.on_page(make.draw(60, 5), 500, 900))) == []
    assert flaws(np.zeros((50, 60), np.uint8)) == ()


@pytest.mark.parametrize("degrees", [20, -20, 90])
def test_turned_writing(row, degrees):
    assert kinds(turned(row, degrees)) == ["turned"]


def test_several_expressions(row):
    two = np.minimum(row, np.roll(row, 120, axis=0))
    assert kinds(two) == ["several"]


def test_a_fraction_is_one_expression(row):
    fraction = np.minimum(row, np.roll(row, 90, axis=0))
    top = np.flatnonzero((row < 128).any(axis=1))[-1]
    fraction[top + 20 : top + 24, 60:540] = 0
    assert "several" not in kinds(fraction)


def test_cut_and_small_writing(row):
    low = np.flatnonzero((row < 128).any(axis=1))[-1]
    assert kinds(row[: low - 8]) == ["cut"]
    assert kinds(cv2.resize(row, None, fx=0.12, fy=0.12, interpolation=cv2.INTER_AREA)) == ["small"]
