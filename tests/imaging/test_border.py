"""What the border has cut off goes, what was written stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from unimumer.imaging import clean
from unimumer.imaging.border import without_rests
from unimumer.imaging.clean import MARGIN


def strip(make, ruled: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """A strip of a page that holds one line of writing, x 2 + 3, and what `clean` should leave of it."""
    writing = make.draw(30, 3, ("x", "+", "0"))
    top, left = 14, 20
    page = np.full((writing.shape[0] + 34, writing.shape[1] + 40), 255, np.uint8)
    page[top : top + writing.shape[0], left : left + writing.shape[1]] = writing
    if ruled is not None:
        y = top + writing.shape[0] - ruled
        page[y : y + 2] = 20
    return page, writing


def box(picture: np.ndarray) -> np.ndarray:
    left, top, width, height = cv2.boundingRect(np.asarray(picture < 235, np.uint8))
    return picture[top : top + height, left : left + width]


def test_rests_of_the_lines_above_and_below_go(make):
    page, writing = strip(make)
    page[:4, 60:90] = page[:3, 110:112] = page[-5:, 40:44] = page[30:34, :3] = 0
    cleaned = clean(page)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    assert np.abs(cleaned.astype(int) - box(writing)).max() <= 20  # what is so pale is no ink


def test_a_cut_symbol_stays(make):
    page, _ = strip(make)
    low = page[10:]
    cut = low[: np.flatnonzero((low < 128).any(axis=1))[-1] - 2]  # the lower border runs through all symbols
    assert clean(cut).shape[1] == clean(page).shape[1]


def test_a_tight_crop_has_no_rests(make):
    writing = box(make.draw(60, 5))  # a dot and a bar touch the borders
    bars = np.full((60, 40), 255, np.uint8)
    bars[:4] = bars[-4:] = bars[20:40, :3] = bars[20:40, -3:] = 0
    for tight in (writing, bars):
        assert np.array_equal(without_rests(255 - tight), 255 - tight)


@pytest.mark.parametrize("ruled", [4, -6])
def test_a_dark_rule_at_the_edge_of_a_strip_goes(make, ruled):
    page, writing = strip(make, ruled)
    cleaned = clean(page)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    assert abs(cleaned.shape[1] - box(writing).shape[1]) <= 2
    assert cv2.connectedComponents(np.asarray(cleaned < 128, np.uint8))[0] == 4  # three symbols and the paper


def test_a_fraction_bar_or_a_roof_from_border_to_border_stays(make):
    page, writing = strip(make)
    fraction = np.vstack([page, np.full((3, page.shape[1]), 0, np.uint8), page])
    assert clean(fraction).shape[1] == page.shape[1] + 2 * MARGIN
    roof = np.vstack([np.zeros((3, writing.shape[1]), np.uint8), writing])
    assert clean(box(roof)).shape[1] == box(roof).shape[1] + 2 * MARGIN


DESK, INK = 45, 30


@pytest.mark.parametrize("tilt", [0.0, 6.0])
@pytest.mark.parametrize("shadow", [0.0, 0.3])
def test_the_desk_around_a_sheet_goes(make, tilt, shadow):
    page = make.on_page(make.draw(40, 4), 400, 520)
    turn = cv2.getRotationMatrix2D((260, 200), tilt, 1.0)
    turn[:, 2] += (120, 100)
    sheet = cv2.warpAffine(np.full_like(page, 215), turn, (760, 600), borderValue=DESK)
    ink = cv2.warpAffine(255 - page, turn, (760, 600))
    light = 1 - shadow * np.linspace(0, 1, 760)
    shot = (sheet * light * (1 - ink / 255 * 0.85) + np.random.default_rng(0).normal(0, 2, sheet.shape)).clip(0, 255)
    cleaned, alone = clean(shot.astype(np.uint8)), 255 - box(255 - cv2.warpAffine(255 - page, turn, (760, 600)))
    assert np.abs(np.array(cleaned.shape) - 2 * MARGIN - alone.shape).max() <= 4
    assert cv2.connectedComponents(np.asarray(cleaned < 128, np.uint8))[0] == len(make.symbols) + 2


@pytest.mark.parametrize("rim", [(40, 40, 40, 40), (0, 0, 9, 0), (60, 0, 0, 0)])
def test_a_scanners_rim_goes(make, rim):
    page = make.on_page(make.draw(40, 4), 300, 520)
    shown = cv2.copyMakeBorder(page, *rim, cv2.BORDER_CONSTANT, value=0)
    assert np.abs(clean(shown).astype(int) - clean(page)).max() <= 20


@pytest.mark.parametrize("name", ["bracket", "minus"])
def test_thick_strokes_on_the_border_are_no_frame(make, name):
    tight = np.full((160, 300), 255, np.uint8)
    tight[70:90, 120:220] = 0
    if name == "bracket":
        tight[:, :12] = tight[:, -12:] = tight[:10, :40] = tight[-10:, -40:] = 0
    else:
        tight[70:90] = 0
    assert (clean(tight) < 128).sum() == (tight < 128).sum()


def test_a_pale_edge_along_a_border_goes(make):
    page = make.on_page(make.draw(60, 5), 500, 900)
    edged = page.copy()
    edged[-3:, 100:400:7] = 140
    assert clean(edged).shape == clean(page).shape
