"""What cleaning leaves on a photographed page: scraps of the printed lines, and cuts where lines ran over ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SHARE = 0.1
"""Part of the training pictures that have it."""
_STEP = (14.0, 50.0)
"""Between printed lines, in pixels of a picture that has symbols of 28: from small squares to wide ruling."""


def with_residue(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Give a drawn expression [height, width] what is left of squared or ruled paper, a little aslant."""
    picture = picture.copy()
    height, width = picture.shape
    step, slope = random.uniform(*_STEP), random.normal(0, 0.02)
    level = np.arange(random.uniform(-step, step), height + step, step)
    upright = np.arange(random.uniform(-step, step), width + step, step)
    squared = random.random() < 0.7
    if random.random() < 0.6:
        pieces = [*_pieces(level, width, slope, random)]
        if squared:
            pieces += [piece[:, ::-1] for piece in _pieces(upright, height, -slope, random)]
        cv2.polylines(picture, pieces, False, 255, int(random.integers(1, 3)))
    if random.random() < 0.6:
        gray = int(random.integers(40, 200))
        dashes = [piece for piece in _pieces(level, width, slope, random) if random.random() < 0.2]
        _darken(picture, dashes, gray)
        if squared:
            rows, columns = np.meshgrid(level, upright, indexing="ij")
            kept = random.random(rows.shape) < random.uniform(0, 0.3)
            dots = np.stack([columns + slope * rows, rows + slope * columns], axis=-1)[kept]
            _darken(picture, [np.rint([dot, dot + random.integers(0, 2, 2)]).astype(np.int32) for dot in dots], gray)
    return picture


def _pieces(
    heights: NDArray[np.floating], width: int, slope: float, random: np.random.Generator
) -> list[NDArray[np.int32]]:
    """A piece of each level line, of any length, [2, 2]: x and y of its ends."""
    ends = np.sort(random.uniform(0, width, (len(heights), 2)), axis=1)
    return list(np.rint(np.stack([ends, heights[:, None] + slope * ends], axis=2)).astype(np.int32))


def _darken(picture: NDArray[np.uint8], lines: list[NDArray[np.int32]], gray: int) -> None:
    drawn = np.full_like(picture, 255)
    cv2.polylines(drawn, lines, False, gray, 1)
    np.minimum(picture, drawn, out=picture)
