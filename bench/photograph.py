"""Renders ink as people send it: photographs of paper, and pictures exported from a drawing canvas.

What varies: pen (pencil, blue, black), paper (plain, ruled, squared; its color and grain), light (uneven, with the
shadow of a hand or a phone), perspective, focus, sensor noise, JPEG. All of it is drawn, nothing is photographed.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from unimumer.ink import Ink, InkError, paint, typical_size

Image = NDArray[np.float32]
"""[height, width, 3] BGR or [height, width], 0 to 1."""

SYMBOL_SIZE = 60.0
"""Larger side of a typical symbol on paper, in pixels; it varies by a third."""
LONGEST = 2200
"""Longest side of the written part, in pixels."""

PENS = {"pencil": (0.35, 0.34, 0.33), "blue": (0.62, 0.27, 0.13), "black": (0.13, 0.12, 0.12)}
"""Color of each pen, BGR."""
PAPERS = ("plain", "ruled", "squared")


def photograph(ink: Ink, random: np.random.Generator, pen: str | None = None, paper: str | None = None) -> bytes:
    """Render ink as a photograph of paper, a JPEG file.

    `pen` is one of `PENS` and `paper` one of `PAPERS`; drawn by chance when None. Raises InkError when there is
    nothing to draw.
    """
    pen = pen or str(random.choice(list(PENS)))
    paper = paper or str(random.choice(PAPERS))
    strokes, symbol, (width, height) = _laid_out(ink, random)
    coverage = _coverage(strokes, height, width, pen, symbol, random)[:, :, None]
    sheet = _sheet(height, width, paper, symbol, random)
    page = sheet * (1 - coverage) + np.array(PENS[pen], np.float32) * sheet * coverage
    seen = _turned(page, random)
    lit = seen * _light(seen.shape[0], seen.shape[1], random)[:, :, None]
    blurred = cv2.GaussianBlur(lit, (0, 0), random.uniform(0.5, 1.6))
    noisy = blurred + random.normal(0, random.uniform(0.004, 0.02), blurred.shape)
    return _encoded(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(55, 93))])


def canvas(ink: Ink, random: np.random.Generator) -> bytes:
    """Render ink as a canvas export, a PNG file: transparent, or a screen in light or dark colors.

    Raises InkError when there is nothing to draw.
    """
    strokes, symbol, (width, height) = _laid_out(ink, random)
    line = paint(strokes, height, width, float(np.clip(symbol * random.uniform(0.05, 0.11), 2, 12)))
    alpha = 1 - line.astype(np.float32) / 255
    look = random.choice(["transparent", "light", "dark"])
    color = random.uniform(0, 0.35, 3) if look != "dark" else random.uniform(0.75, 1, 3)
    if look == "transparent":
        pixels = np.dstack([np.broadcast_to(color, (height, width, 3)), alpha])
    else:
        ground = random.uniform(0.93, 1, 3) if look == "light" else random.uniform(0, 0.22, 3)
        pixels = ground * (1 - alpha[:, :, None]) + color * alpha[:, :, None]
    return _encoded(".png", pixels, [])


def _laid_out(ink: Ink, random: np.random.Generator) -> tuple[list[NDArray[np.float32]], float, tuple[int, int]]:
    """Strokes in pixels, size of a typical symbol, and width and height of the sheet with its margins."""
    if not ink.strokes:
        raise InkError("no strokes to draw")
    points = np.concatenate(ink.strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    own = typical_size(ink) or float(extent.max()) or 1.0
    scale = min(SYMBOL_SIZE * random.uniform(0.67, 1.33) / own, LONGEST / max(float(extent.max()), 1e-6))
    margin = SYMBOL_SIZE * random.uniform(0.7, 2.0, 4) + _outside(extent * scale)
    width, height = (extent * scale + margin[:2] + margin[2:]).astype(int).tolist()
    strokes = [((stroke - low) * scale + margin[:2]).astype(np.float32) for stroke in ink.strokes]
    return strokes, own * scale, (width, height)


def _outside(extent: NDArray[np.floating]) -> int:
    """Pixels of paper on every side that may turn out of sight, for writing of a width and height."""
    return int(0.06 * float(extent.max())) + 12


def _coverage(
    strokes: list[NDArray[np.float32]],
    height: int,
    width: int,
    pen: str,
    symbol: float,
    random: np.random.Generator,
) -> Image:
    """How much of the paper ink covers, 0 to 1: a pencil leaves the paper's grain white, a pen hardly any."""
    size = float(np.clip(symbol * random.uniform(0.04, 0.08), 2, 7))
    cover = 1 - paint(strokes, height, width, size).astype(np.float32) / 255
    grain = _noise(height, width, 1.2, random)
    if pen == "pencil":
        return np.asarray(cover * np.clip(random.uniform(0.6, 0.85) + 0.35 * grain, 0, 1), np.float32)
    return np.asarray(cover * np.clip(random.uniform(0.85, 1.0) + 0.1 * grain, 0, 1), np.float32)


def _sheet(height: int, width: int, paper: str, symbol: float, random: np.random.Generator) -> Image:
    """Paper: near white, of uneven tone and fine grain, with its printed lines."""
    tone = random.uniform(0.82, 0.98) - np.array([random.uniform(0.0, 0.07), 0.01, 0.0])
    clouds, grain = _noise(height, width, 40, random), _noise(height, width, 0.8, random)
    sheet = tone * (1 + 0.012 * clouds + 0.015 * grain)[:, :, None]
    if paper != "plain":
        color = np.array([0.85, random.uniform(0.6, 0.75), random.uniform(0.5, 0.72)])
        sheet = np.where(_lines(height, width, paper, symbol, random)[:, :, None], sheet * color, sheet)
    return np.asarray(sheet, np.float32)


def _lines(height: int, width: int, paper: str, symbol: float, random: np.random.Generator) -> NDArray[np.bool_]:
    """Where the printed lines are: as far apart as people write large."""
    step = int(symbol * (random.uniform(1.6, 2.4) if paper == "ruled" else random.uniform(0.6, 1.1)))
    thick = int(random.integers(1, 3))
    rows, columns = np.arange(height), np.arange(width)
    across = ((rows + random.integers(step)) % step < thick)[:, None] & np.ones(width, np.bool_)
    if paper == "ruled":
        return across
    return across | ((columns + random.integers(step)) % step < thick)


def _turned(page: Image, random: np.random.Generator) -> Image:
    """The page seen from a little aside, its corners moved by up to 3 % of its sides; what shows is all paper."""
    height, width = page.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + random.uniform(-0.03, 0.03, (4, 2)) * [min(width, 3 * height), height]
    angle = np.deg2rad(random.normal(0, 1.5))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([width, height]) / 2
    target = ((moved - middle) @ turn.T + middle).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    seen = cv2.warpPerspective(page, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
    cut = int(0.05 * max(width, height)) if min(width, height) > 0.2 * max(width, height) else 6
    return np.asarray(seen[cut:-cut, cut:-cut], np.float32)


def _light(height: int, width: int, random: np.random.Generator) -> Image:
    """Brightness of the light: falling off to one side, and half the time with a soft shadow across."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    direction = random.uniform(0, 2 * np.pi)
    across = np.cos(direction) * x + np.sin(direction) * y
    light = random.uniform(0.75, 1.0) * (1 + random.uniform(0.03, 0.2) * across)
    if random.random() < 0.5:
        edge = (across - random.uniform(-0.7, 0.7)) / random.uniform(0.03, 0.3)
        light = light * (1 - random.uniform(0.1, 0.4) / (1 + np.exp(-np.clip(edge, -30, 30))))
    return np.asarray(light, np.float32)


def _noise(height: int, width: int, size: float, random: np.random.Generator) -> Image:
    """Noise of mean 0 and deviation 1 whose spots are about `size` pixels large."""
    small = random.normal(size=(int(height / size) + 2, int(width / size) + 2)).astype(np.float32)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _encoded(kind: str, pixels: NDArray[np.floating], options: list[int]) -> bytes:
    levels = (np.clip(pixels, 0, 1) * 255).round().astype(np.uint8)
    return bytes(cv2.imencode(kind, levels, options)[1])
