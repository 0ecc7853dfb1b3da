"""How far writing is turned, seen in its ink alone, and ink that is turned back."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 128
"""Longest side of the copy on which the direction is looked for."""
_STEP, _FINE = 8, 2
"""Degrees between the directions that are tried first, and then around the best of them."""
_STEEP = 44
"""Degrees from the level up to which a direction is a tilt; beyond, writing lies on its side."""
_LEAST = 10
"""A smaller slope is that of any hand."""
_GAIN, _STEEP_GAIN = 1.25, 2.5
"""So many times as dense as level rows are those along a tilt, or along a steep direction, where the ink is turned."""


def slope(ink: NDArray[np.uint8]) -> int:
    """Degrees by which the writing in ink [h, w] is turned, counterclockwise positive, -90 to 90; 0 where it is level.

    Writing is dense along its lines: the sum of the squares of the ink in rows is largest where they run along it. The
    sense is not seen: writing on its head is level, and by 90 and -90 degrees it looks alike.
    """
    box = cv2.boundingRect(ink)
    if not box[2]:
        return 0
    cut = ink[box[1] : box[1] + box[3], box[0] : box[0] + box[2]]
    scale = min(1.0, _SIDE / max(cut.shape))
    sides = [max(1, round(side * scale)) for side in cut.shape[::-1]]
    small = cv2.resize(cut, sides, interpolation=cv2.INTER_AREA)
    y, x = np.nonzero(small > 24)
    mass = small[y, x].astype(np.float64) / 255
    found = {angle: _density(x, y, mass, angle) for angle in range(-88, 89, _STEP)}
    best = max(found, key=lambda angle: found[angle])
    for angle in range(best - _STEP + _FINE, best + _STEP, _FINE):
        found[angle] = _density(x, y, mass, angle)
    level = max(found[angle] for angle in found if abs(angle) < _STEP)
    best = max(found, key=lambda angle: found[angle])
    gain = _GAIN if abs(best) <= _STEEP else _STEEP_GAIN
    return best if abs(best) >= _LEAST and found[best] > gain * level else 0


def _density(x: NDArray[np.int64], y: NDArray[np.int64], mass: NDArray[np.float64], degrees: float) -> float:
    """Sum of squares of the ink in rows that rise to the right by so many degrees."""
    angle = np.radians(degrees)
    row = np.rint(y * np.cos(angle) + x * np.sin(angle)).astype(np.int64)
    return float((np.bincount(row - row.min(), mass) ** 2).sum())


def turned_ink(ink: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Ink [h, w] turned about its middle on a sheet that holds all of it, counterclockwise when positive."""
    if degrees % 90 == 0:
        return np.ascontiguousarray(np.rot90(ink, int(degrees // 90)))
    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    c, s = abs(turn[0, 0]), abs(turn[0, 1])
    new_width, new_height = round(width * c + height * s), round(height * c + width * s)
    turn[:, 2] = turn[:, 2] + np.array([new_width - width, new_height - height]) / 2
    return np.asarray(cv2.warpAffine(ink, turn, (new_width, new_height), flags=cv2.INTER_LINEAR), np.uint8)
