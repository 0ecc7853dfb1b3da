"""That drawings pass untouched, and that photographs give back the drawing."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unimumer.imaging import ImageError, clean
from unimumer.imaging.clean import MARGIN, WORK_SIDE


def ink_box(picture: np.ndarray, below: int = 235) -> tuple[slice, slice]:
    left, top, width, height = cv2.boundingRect(np.asarray(picture < below, np.uint8))
    return slice(top, top + height), slice(left, left + width)


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize(("unit", "pen"), [(60, 4.5), (30, 2.2), (100, 12), (140, 5)])
def test_a_drawing_only_gets_cropped(make, unit, pen, light, color):
    drawing = make.draw(unit, pen)
    source = 255 - drawing if light else drawing
    cleaned = clean(np.dstack([source] * 3) if color else source)
    inside = cleaned[MARGIN:-MARGIN, MARGIN:-MARGIN]
    expected = drawing[ink_box(drawing)]
    assert inside.shape == expected.shape
    changed = np.abs(inside.astype(int) - expected)
    assert changed.max() <= 20 and changed.mean() < 0.5
    assert len(np.unique(inside)) > 10, "the gray levels of antialiasing are gone"
    edges = np.ones(cleaned.shape, bool)
    edges[MARGIN:-MARGIN, MARGIN:-MARGIN] = False
    assert (cleaned[edges] == 255).all()


def test_cleaning_twice_changes_nothing(drawing):
    once = clean(drawing)
    assert np.array_equal(clean(once), once)


@pytest.mark.parametrize("quality", [50, 75, 95])
def test_what_jpeg_leaves_around_strokes_goes(drawing, quality):
    sent = cv2.imdecode(cv2.imencode(".jpg", drawing, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)
    straight, plain = clean(sent), clean(drawing)
    assert abs(straight.shape[0] - plain.shape[0]) <= 2 and abs(straight.shape[1] - plain.shape[1]) <= 2
    faint = (straight < 255) & (straight >= 255 - 20)
    assert not faint.any(), f"{faint.sum()} pixels of hardly any ink"


def test_colors_and_pale_gray_become_dark(drawing, make):
    cover = (255 - drawing.astype(np.float32))[..., None] / 255
    for ink in ((200, 30, 40), (40, 60, 200), (20, 140, 60), (250, 220, 0), (160, 160, 160)):
        picture = (255 * (1 - cover) + np.array(ink) * cover).astype(np.uint8)
        cleaned = clean(picture)
        assert make.overlap(cleaned, drawing) > 0.95
        assert cleaned.min() < 10 and cleaned[0].min() == 255


def test_ink_on_colored_ground(drawing, make):
    cover = (255 - drawing.astype(np.float32))[..., None] / 255
    for ink, ground in (
        ((0, 0, 0), (255, 240, 150)),
        ((255, 255, 255), (20, 40, 160)),
        ((250, 220, 90), (0, 0, 0)),
    ):
        picture = (np.array(ground) * (1 - cover) + np.array(ink) * cover).astype(np.uint8)
        assert make.overlap(clean(picture), drawing) > 0.95


@pytest.mark.parametrize("pad", [0, 2, 9])
@pytest.mark.parametrize("pen", [4, 7, 10])
@pytest.mark.parametrize("name", ["x", "2", "3", "5", "0", "y", "+"])
def test_polarity_of_closely_cropped_thick_symbols(make, name, pen, pad):
    symbol = make.draw(60, pen, (name,))
    symbol = np.pad(symbol[ink_box(symbol, 128)], pad, constant_values=255)
    for picture in (symbol, 255 - symbol):
        assert make.overlap(clean(picture), symbol) > 0.9


PHOTOGRAPHS = {
    "paper": ({}, 0.93),
    "deep shadow": ({"shadow": 0.9}, 0.93),
    "blue pen": ({"ink": (50, 70, 160)}, 0.9),
    "red pen": ({"ink": (200, 50, 60)}, 0.9),
    "pencil": ({"ink": (130, 130, 128), "noise": 4}, 0.9),
    "noise": ({"noise": 14, "quality": 30}, 0.9),
    "dim": ({"ink": (20, 20, 20), "paper": (85, 80, 70), "noise": 3}, 0.88),
    "ruled": ({"lines": (60, 0)}, 0.9),
    "ruled, tilted": ({"lines": (60, 0), "tilt": 3.0}, 0.9),
    "squared": ({"lines": (45, 45)}, 0.88),
    "squared, tilted": ({"lines": (45, 45), "tilt": -2.0}, 0.88),
    "green board": ({"ink": (225, 230, 220), "paper": (45, 75, 60), "shadow": 0.4}, 0.9),
    "black board": ({"ink": (210, 210, 210), "paper": (35, 38, 40)}, 0.88),
    "yellow chalk": ({"ink": (230, 210, 90), "paper": (40, 80, 60)}, 0.85),
}


@pytest.mark.parametrize("kind", PHOTOGRAPHS)
def test_photographs_give_back_the_drawing(make, kind):
    options, bar = PHOTOGRAPHS[kind]
    drawing = make.draw(90, 7)
    cleaned = clean(make.photograph(make.on_page(drawing, 700, 1000), **options))
    assert make.overlap(cleaned, drawing) > bar
    truth = drawing[ink_box(drawing)].shape
    assert np.abs(np.array(cleaned.shape) - 2 * MARGIN - truth).max() <= 12, "specks or lost parts at the edge"
    components = [cv2.connectedComponents(np.asarray(p < 128, np.uint8))[0] for p in (cleaned, drawing)]
    assert components[0] == components[1]
    assert cleaned[0].min() == 255 and np.percentile(cleaned[cleaned < 128], 30) < 40


def test_half_a_page_in_even_shadow_is_no_drawing(make):
    drawing = make.draw(90, 7)
    page = make.on_page(drawing, 700, 1000).astype(np.float32)
    y, x = np.mgrid[-1:1:700j, -1:1:1000j]
    light = 1 - 0.32 / (1 + np.exp(30 * (x + y + 0.5)))
    shot = (page * 0.45 + 140) * 0.82 * light + np.random.default_rng(1).normal(0, 2.5, page.shape)
    assert make.overlap(clean(shot.clip(0, 255).astype(np.uint8)), drawing) > 0.8


def test_dots_survive_and_dust_does_not(make):
    page = make.on_page(make.draw(60, 6), 500, 700)
    dust = page.copy()
    dust[30::97, 20::83] = 60
    dust = np.minimum(np.where(cv2.erode(page, np.ones((9, 9), np.uint8)) < 255, 255, dust), page)
    assert (dust != page).sum() > 30
    assert np.array_equal(clean(dust), clean(page))
    assert cv2.connectedComponents(np.asarray(clean(page) < 128, np.uint8))[0] == len(make.symbols) + 2


def test_pale_tails_of_printed_lines_go(make):
    page = make.on_page(make.draw(90, 7), 500, 900)
    x, y = np.argwhere(page.T < 50)[0]
    tails = page.copy()
    tails[y : y + 3, x - 60 : x] = 170  # touches the ink: no speck
    masses = [(255 - clean(make.photograph(shown, noise=1, shadow=0.2)).astype(int)).sum() for shown in (tails, page)]
    assert masses[0] < 1.002 * masses[1]


def test_a_fraction_bar_across_a_tight_crop_is_not_a_printed_line(make):
    picture = np.full((200, 300), 255, np.uint8)
    picture[98:103, 2:-2] = 0
    picture[40:80, 100:105] = picture[120:180, 150:155] = 0
    assert (clean(picture)[:, 150] < 128).any()
    assert cv2.connectedComponents(np.asarray(clean(picture) < 128, np.uint8))[0] == 4


@pytest.mark.parametrize("options", [{}, {"noise": 14, "quality": 30}, {"shadow": 0.7}])
def test_blank_photographs_are_refused(make, options):
    with pytest.raises(ImageError, match="no ink"):
        clean(make.photograph(np.full((600, 800), 255, np.uint8), **options))


@given(st.integers(0, 255), st.integers(2, 90), st.integers(2, 90))
@settings(max_examples=40, deadline=None)
def test_blank_pictures_are_refused(level, height, width):
    with pytest.raises(ImageError, match="no ink"):
        clean(np.full((height, width), level, np.uint8))


@given(st.integers(2, 70), st.integers(2, 70), st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_picture_gives_a_clean_one_or_a_refusal(height, width, seed, color):
    rng = np.random.default_rng(seed)
    shape = (height, width, 3) if color else (height, width)
    picture = rng.integers(0, 1 + rng.integers(1, 256), shape).astype(np.uint8)
    try:
        cleaned = clean(picture)
    except ImageError as error:
        assert "no ink" in str(error)
    else:
        assert cleaned.dtype == np.uint8 and cleaned.ndim == 2 and (cleaned[:MARGIN] == 255).all()
        assert max(cleaned.shape) <= max(height, width) + 2 * MARGIN
        assert np.array_equal(cleaned, clean(picture))


@pytest.mark.parametrize("shape", [(2, 3000), (3000, 2), (20, 20_000)])
def test_slivers_are_survived(shape):
    picture = np.full(shape, 255, np.uint8)
    picture[:, : shape[1] // 3] = 0
    try:
        assert max(clean(picture).shape) <= WORK_SIDE + 2 * MARGIN
    except ImageError as error:
        assert "no ink" in str(error)


def test_the_input_is_left_alone(drawing):
    before = drawing.copy()
    clean(drawing)
    assert np.array_equal(drawing, before)


def test_a_large_photograph_takes_less_than_half_a_second(make):
    small = make.photograph(make.on_page(make.draw(90, 7), 750, 1000))
    photo = np.asarray(cv2.resize(small, (4000, 3000), interpolation=cv2.INTER_CUBIC), np.uint8)
    times = []
    for _ in range(3):
        begin = time.process_time()
        cleaned = clean(photo)
        times.append(time.process_time() - begin)
    assert min(times) < 0.5
    assert max(cleaned.shape) <= WORK_SIDE + 2 * MARGIN
