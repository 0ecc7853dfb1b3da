"""Draws ink: black, antialiased strokes of even width on white paper, at the size that datasets have it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from unimumer.ink.model import Ink, InkError, Stroke


def typical_size(ink: Ink) -> float:
    """Typical larger side of a stroke, in units of ink; 0.0 for ink of no extent.

    Symbol groups and names are never looked at: drawn by them, ink would be scaled by its own truth.
    """
    if not ink.strokes:
        return 0.0
    bounds = np.cumsum([0, *map(len, ink.strokes)])
    ends = np.isin(np.arange(bounds[-1]), bounds - 1)
    return float(stroke_sizes(np.concatenate(ink.strokes), ends, bounds[[0, -1]])[0])


def stroke_sizes(
    points: NDArray[np.floating], ends: NDArray[np.bool_], start: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Of each expression the median of the larger sides of its strokes that are neither flat nor small.

    Points [n, 2] of expression `i` are those from `start[i]` to before `start[i + 1]`, some for each; `ends` marks
    the last of each stroke. Flat are strokes at least twice as wide as high (bars, roofs), small those of at most 0.4
    of the median (dots, primes): the rule of `imaging.symbol_size`, with strokes for components. Where there are no
    others, all count.
    """
    first, expressions = np.concatenate([[0], np.flatnonzero(ends)[:-1] + 1]), len(start) - 1
    owner = np.searchsorted(start, first, side="right") - 1
    extent = (np.maximum.reduceat(points, first) - np.minimum.reduceat(points, first)).astype(np.float64)
    side = extent.max(axis=1)
    counts = (extent[:, 0] < 2 * extent[:, 1]) & (side > 0.4 * _medians(side, owner, expressions)[owner])
    counts |= (np.bincount(owner, counts, expressions) == 0)[owner]
    return _medians(side[counts], owner[counts], expressions)


def _medians(values: NDArray[np.float64], owner: NDArray[np.int64], owners: int) -> NDArray[np.float64]:
    """The median of the values of each owner; each has some."""
    values = values[np.lexsort((values, owner))]
    number = np.bincount(owner, minlength=owners)
    first = np.cumsum(number) - number
    return np.asarray((values[first + (number - 1) // 2] + values[first + number // 2]) / 2, np.float64)


MAX_DRAWN = 8000
"""Longest side of a drawn picture, in pixels."""
_OVERSAMPLE = 3
_FRACTION_BITS = 4


def draw(strokes: Sequence[Stroke], scale: float, pen: float, margin: int = 8) -> NDArray[np.uint8]:
    """Draw strokes to a gray picture [height, width], 0 is ink and 255 paper.

    `scale` is in pixels per unit of ink, `pen` is the width of the line and `margin` the white border, both in
    pixels. Raises InkError when there is nothing to draw or the picture would be longer than `MAX_DRAWN`.
    """
    if not strokes:
        raise InkError("no strokes to draw")
    points = np.concatenate(strokes).astype(np.float64) * scale
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    if not np.isfinite(size).all() or size.max() + 2 * margin > MAX_DRAWN:
        raise InkError(f"the ink would be {size[0]:.0f} x {size[1]:.0f} pixels; at most {MAX_DRAWN} a side")
    width, height = (np.ceil(size).astype(int) + 2 * margin + 1).tolist()
    moved = np.split(points - low + margin, np.cumsum([len(stroke) for stroke in strokes])[:-1])
    return paint(moved, height, width, pen)


def paint(
    strokes: Sequence[NDArray[np.floating]], height: int, width: int, pen: float, quick: bool = False
) -> NDArray[np.uint8]:
    """Draw strokes whose points [n, 2] are pixels already, on a sheet of `height` x `width`, with a `pen` in pixels.

    Ink outside the sheet is cut off. Line width comes in steps of two thirds of a pixel: the sheet is drawn three
    times as large and averaged down, because the drawing library takes whole widths only. `quick` leaves all
    antialiasing to the averaging and takes half the time; no pixel can tell where exactly a line runs.
    """
    sheet = np.full((height * _OVERSAMPLE, width * _OVERSAMPLE), 255, np.uint8)
    unit = _OVERSAMPLE * 2**_FRACTION_BITS
    lines = [np.rint(stroke * unit).astype(np.int32).reshape(-1, 1, 2) for stroke in strokes]
    thickness, kind = _thickness(pen * _OVERSAMPLE), cv2.LINE_8 if quick else cv2.LINE_AA
    cv2.polylines(sheet, [line for line in lines if len(line) > 1], False, 0, thickness, kind, _FRACTION_BITS)
    for line in lines:
        if len(line) == 1 or not np.ptp(line, axis=0).any():
            radius = round(0.6 * pen * unit)
            cv2.circle(sheet, line[0, 0].tolist(), radius, 0, cv2.FILLED, cv2.LINE_AA, _FRACTION_BITS)
    return np.asarray(cv2.resize(sheet, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _thickness(width: float) -> int:
    """OpenCV's name for a width in pixels: thickness 1, 2, 3, 5, 7, … gives lines of 1.4, 3.5, 5.5, 7.5, 9.5, …"""
    step = max(0, round((width - 1.5) / 2))
    return (1, 2)[step] if step < 2 else 2 * step - 1


SYMBOL_SIZE = 48
"""Larger side of a typical symbol, in pixels."""
PEN = 3.0
"""Width of the line, in pixels."""
MARGIN = 16
"""White border, in pixels."""
MAX_SIDE = 2000
"""Longest side of a picture, in pixels; longer ink is drawn smaller."""


def picture(ink: Ink) -> NDArray[np.uint8]:
    """Draw ink as a gray picture [height, width], at most `MAX_SIDE` a side.

    Raises InkError when there is nothing to draw.
    """
    extent = float(np.ptp(np.concatenate(ink.strokes), axis=0).max()) if ink.strokes else 0.0
    scale = SYMBOL_SIZE / (typical_size(ink) or extent or 1.0)
    scale = min(scale, (MAX_SIDE - 2 * MARGIN - 2) / (extent or 1.0))
    return draw(ink.strokes, scale, PEN, MARGIN)
