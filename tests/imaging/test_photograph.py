from __future__ import annotations

import io

import numpy as np
import pytest
from photograph import PAPERS, PENS, canvas, photograph
from PIL import Image

from unimumer.imaging import clean, load
from unimumer.ink import Ink, InkError


@pytest.fixture
def ink() -> Ink:
    strokes = [
        [(0, 0), (40, 60)],
        [(40, 0), (0, 60)],
        [(80, 30), (130, 30)],
        [(105, 5), (105, 55)],
        [(170, 0), (170, 60)],
    ]
    return Ink("plus", tuple(np.array(stroke, np.float32) for stroke in strokes))


def boxes(cleaned: np.ndarray) -> int:
    """Number of pieces of ink side by side."""
    columns = (cleaned < 128).any(axis=0)
    return int(np.diff(np.concatenate([[0], columns.astype(int)])).clip(0).sum())


@pytest.mark.parametrize("pen", list(PENS))
@pytest.mark.parametrize("paper", PAPERS)
def test_a_photograph_cleans_up_to_its_ink(ink: Ink, pen: str, paper: str) -> None:
    right = 0
    for seed in range(5):
        file = photograph(ink, np.random.default_rng(seed), pen, paper)
        with Image.open(io.BytesIO(file)) as opened:
            assert opened.format == "JPEG" and opened.mode == "RGB"
        right += boxes(clean(load(file))) == 3
    assert right >= (3 if paper == "squared" else 4)


def test_canvas_exports_are_of_three_looks_and_clean_up_to_their_ink(ink: Ink) -> None:
    modes = set()
    for seed in range(12):
        file = canvas(ink, np.random.default_rng(seed))
        with Image.open(io.BytesIO(file)) as opened:
            modes.add((opened.format, opened.mode))
        assert boxes(clean(load(file))) == 3
    assert modes == {("PNG", "RGB"), ("PNG", "RGBA")}


def test_the_same_seed_makes_the_same_picture(ink: Ink) -> None:
    one, two, other = (photograph(ink, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one == two != other


def test_nothing_to_draw_is_an_error() -> None:
    for render in (photograph, canvas):
        with pytest.raises(InkError, match="no strokes"):
            render(Ink("empty", ()), np.random.default_rng(0))
