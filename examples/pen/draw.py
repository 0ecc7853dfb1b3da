"""Draws ink as people have it: black on white, a canvas export, a photo of paper, a chalkboard."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pen.hand import Points

Plane = NDArray[np.floating]
"""One value a pixel, [height, width], or a color, [height, width, 3]."""

PEN = 4.0
"""Width of a stroke in pixels."""
MARGIN = 22.0
LOWEST, HIGHEST = 150.0, 220.0
CLOSE = 2.0
"""How much larger a photo is than the other pictures."""
FINE = 4
PAPER, BLUE = np.array([232.0, 228.0, 219.0]), np.array([38.0, 52.0, 128.0])
BOARD, CHALK = np.array([43.0, 58.0, 52.0]), np.array([232.0, 233.0, 226.0])


def on_page(strokes: Sequence[Points], zoom: float = 1.0) -> tuple[list[Points], tuple[int, int]]:
    """Scale ink to a picture 150 to 220 pixels high, times `zoom`; return it with (height, width)."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min(0.85, (HIGHEST - 2 * MARGIN) / (high[1] - low[1]))
    width, height = (high - low) * scale + 2 * MARGIN
    top = MARGIN + max(0.0, LOWEST - height) / 2
    moved = [((stroke - low) * scale + [MARGIN, top]) * zoom for stroke in strokes]
    return moved, (round(max(height, LOWEST) * zoom), round(width * zoom))


def coverage(strokes: Sequence[Points], size: tuple[int, int], pen: float, rng: np.random.Generator) -> Plane:
    """Return how much of each pixel is inked, 0 to 1, by a pen `pen` pixels wide that presses unevenly."""
    fine = np.zeros((size[0] * FINE, size[1] * FINE), np.uint8)
    for stroke in strokes:
        for (x, y), wide in zip(*_dense(stroke, pen, rng)):
            center = (round((x * FINE - 0.5) * 16), round((y * FINE - 0.5) * 16))
            cv2.circle(fine, center, round(wide * FINE * 8), 255, -1, cv2.LINE_8, 4)
    small = cv2.resize(fine, size[::-1], interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / 255


def _dense(stroke: Points, pen: float, rng: np.random.Generator) -> tuple[Points, NDArray[np.float64]]:
    """Return points a third of a pixel apart and the width of the line at each, thinner at the lift."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(stroke, axis=0), axis=1))])
    at = np.arange(0.0, length[-1] + 0.3, 0.3)
    points = np.column_stack([np.interp(at, length, stroke[:, k]) for k in (0, 1)])
    knots = np.arange(0.0, length[-1] + 40.0, 20.0)
    pressure = np.interp(at, knots, rng.normal(1.0, 0.07, len(knots)))
    left = length[-1] - at
    lift = np.minimum(1.0, 0.68 + 0.32 * left / 9.0) * np.minimum(1.0, 0.9 + 0.1 * at / 4.0)
    return points, pen * pressure * lift


def plain(ink: Plane) -> Image.Image:
    """Black on white, gray levels."""
    return Image.fromarray(_bytes(255 * (1 - ink)))


def canvas(ink: Plane) -> Image.Image:
    """Black on transparent, as a drawing canvas in a browser exports it."""
    rgba = np.zeros((*ink.shape, 4), np.uint8)
    rgba[..., 3] = _bytes(255 * ink)
    return Image.fromarray(rgba)


def photo(ink: Plane, rng: np.random.Generator) -> Image.Image:
    """Blue pen on squared paper, photographed a little askew in uneven light; `ink` is drawn at `CLOSE`."""
    pen: Plane = np.pad(ink, ((90, 90), (100, 100)))
    pen = pen * (0.86 + 0.05 * _clouds(pen.shape, 2.5, rng))
    paper = _squared(PAPER + 1.8 * _clouds(pen.shape, 1.6, rng)[..., None], rng)
    page = paper * (1 - pen[..., None]) + BLUE * pen[..., None]
    seen = _askew(_blurred(page, 0.8), rng)
    lit = seen * _light(seen.shape, rng)[..., None]
    return Image.fromarray(_bytes(lit + rng.normal(0.0, 1.6, lit.shape)))


def chalkboard(ink: Plane, rng: np.random.Generator) -> Image.Image:
    """White chalk on a dark, badly wiped board."""
    grain = _clouds(ink.shape, 0.8, rng)
    chalk = np.clip(_blurred(ink, 0.6) * (0.9 + 0.2 * grain), 0.0, 0.95)[..., None]
    wiped = _blurred(_clouds(ink.shape, 4.0, rng), 45.0, 12.0)
    board = BOARD + (60 * wiped + 1.5 * grain)[..., None]
    return Image.fromarray(_bytes(board * (1 - chalk) + CHALK * chalk))


def _squared(paper: Plane, rng: np.random.Generator) -> Plane:
    """Print the pale squares of a school exercise book."""
    step, start = 62, rng.integers(0, 60, 2)
    for offset in (0, 1):
        paper[start[0] + offset :: step] -= [34, 24, 10]
        paper[:, start[1] + offset :: step] -= [34, 24, 10]
    return paper


def _askew(page: Plane, rng: np.random.Generator) -> Plane:
    """Turn the page by a degree or two and tilt it, then cut off what lies outside it."""
    height, width = page.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.choice([-1, 1]) * rng.uniform(1.0, 2.2), 1.06)
    seen = corners @ turn[:, :2].T + turn[:, 2] + rng.uniform(-0.02, 0.02, (4, 2)) * height
    warp = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    flat = cv2.warpPerspective(page, warp, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat[28:-28, 28:-28], np.float64)


def _light(shape: tuple[int, ...], rng: np.random.Generator) -> Plane:
    """Return brightness over the picture: a lamp on one side and the soft edge of a shadow."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float64)
    angle = rng.uniform(0.0, 2 * np.pi)
    across = (x - x.mean()) * np.cos(angle) / x.max() + (y - y.mean()) * np.sin(angle) / y.max()
    edge = (x + 0.6 * y) - rng.uniform(0.55, 0.85) * x.max()
    shadow = 1 / (1 + np.exp(-edge / 50))
    return np.asarray(0.99 + 0.12 * across - 0.16 * shadow)


def _clouds(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> Plane:
    """Return smooth noise of mean 0 and deviation 1."""
    noise = _blurred(rng.normal(0.0, 1.0, shape[:2]), sigma)
    return np.asarray(noise / noise.std())


def _blurred(plane: Plane, sigma: float, sigma_y: float = 0.0) -> Plane:
    """Blur by a Gaussian, as wide up and down as across when `sigma_y` is 0."""
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigmaX=sigma, sigmaY=sigma_y), np.float64)


def _bytes(values: Plane) -> NDArray[np.uint8]:
    result: NDArray[np.uint8] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return result
