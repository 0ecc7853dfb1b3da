"""Brings a clean picture to the one scale a small model sees: symbol size, stroke width, darkness, sides."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from unimumer.imaging.header import ImageError

CELL = 28
"""Sides of a fitted picture are multiples of this: the patch of 14 pixels times the merge of 2."""
INK = 160
"""A clean picture's pixel below this is ink; the gray of thin antialiased strokes is included."""
THINNEST, THICKEST = 1.5, 3.2
"""Bounds of the stroke width in a fitted picture, pixels."""
_PIECE, _PIECES = 1 / 6, 8
"""Components that are so much smaller than the one that the middle of all ink is in are specks and pieces of grainy
strokes, where there are more than so many of them, and more than of others; they set no scale."""
_BORDER = 2
"""White pixels kept free on each side of a fitted picture: one for thickened strokes, one to stay white."""
_LEAST = 4
"""Cells of the smallest picture, which are as few as Qwen2-VL's processor gives. A single digit filled two, one above
the other, and Nano 0.6 read 83 of 260 such symbols rightly, 158 with white beside them."""


@dataclass(frozen=True, slots=True)
class Placement:
    """How ink lies on the sheet that `fit` gives."""

    zoom: float = 1.0
    """How much larger than asked its symbols are."""
    margin: int = 9
    """White pixels on each side, where the sheet has room for them. Training places ink anywhere on a sheet with some
    room around it; cropped to its cells, ink was read worse (`docs/log.md`, 28 November 2026)."""
    down: float = 0.5
    across: float = 0.5
    """Shares of the white that are above and left of the ink."""


CENTERED = Placement()
"""For a single reading."""


def symbol_size(clean: NDArray[np.uint8]) -> float:
    """Estimate the median of max(height, width) over the symbols of a clean picture [h, w], pixels, pen included.

    It is the median of max(height, width) over the connected components that are not flat (width at least
    twice the height: minus signs, fraction bars, roofs) and not small (under 0.4 of the median over all:
    dots, primes). Of 200 variants tried on CROHME training ink this one varied least against the truth. A
    lone dot cannot set it: it is at least four stroke widths. Raises ImageError on a picture without ink.
    """
    # Outer contours, also those within holes: the components' boxes at a tenth of the cost of labelling them.
    contours, tree = cv2.findContours(_ink(clean), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        raise ImageError("no ink found in the picture")
    boxes = [cv2.boundingRect(outline) for outline, (*_, parent) in zip(contours, tree[0]) if parent < 0]
    width, height = np.array(boxes)[:, 2:].T
    side = np.asarray(np.maximum(width, height), np.int64)
    tall = width < 2 * height
    whole = np.asarray(side > _PIECE * _weighted_median(side[tall] if tall.any() else side), np.bool_)
    if int((~whole).sum()) > max(_PIECES, int(whole.sum())):
        side, tall = side[whole], tall[whole]
    typical = side[tall & (side > 0.4 * np.median(side))]
    return max(float(np.median(typical if len(typical) else side)), 4 * stroke_width(clean))


def _weighted_median(sides: NDArray[np.int64]) -> float:
    """The side of the component that the middle of all ink is in, taken to be as much as the sides are long."""
    ordered = np.sort(sides)
    total = ordered.cumsum()
    return float(ordered[np.searchsorted(total, total[-1] / 2)])


def stroke_width(clean: NDArray[np.uint8]) -> float:
    """Mean stroke width in pixels of a clean picture, at least about 1; 0 without ink.

    Twice the ink's mass over its total variation: a stroke of length l and width w has mass wl, and
    crossing it the brightness changes twice. Gray levels count, so it is good to fractions of a pixel. The
    total variation is taken along the axes, times pi/4, its mean over directions.
    """
    across, down = cv2.absdiff(clean[:, 1:], clean[:, :-1]), cv2.absdiff(clean[1:], clean[:-1])
    variation = (cv2.sumElems(across)[0] + cv2.sumElems(down)[0]) * math.pi / 4
    mass = 255.0 * clean.size - cv2.sumElems(clean)[0]
    return 2 * mass / variation if variation else 0.0


def fit(
    clean: NDArray[np.uint8],
    symbol: float = 28.0,
    max_height: int = 5 * CELL,
    max_width: int = 20 * CELL,
    placement: Placement = CENTERED,
) -> NDArray[np.uint8]:
    """Give the picture a model sees, uint8 [h, w], both sides multiples of `CELL`.

    The ink is cropped, scaled so that `symbol_size` becomes `symbol` pixels or, if that is less, so that it
    fits `max_height` x `max_width` (rounded down to multiples of `CELL`), its strokes brought within
    `THINNEST` and `THICKEST` pixels, its darkest parts to about 0, and laid on white with a margin; of fewer than
    four cells, two each way. Raises ImageError on a picture without ink.
    """
    size = symbol_size(clean)
    clean = _cropped(clean)
    sheet = [side // CELL * CELL for side in (max_height, max_width)]
    factor = min(
        placement.zoom * symbol / size, *((most - 2 * _BORDER) / side for most, side in zip(sheet, clean.shape))
    )
    clean = np.pad(clean, math.ceil(_BORDER / factor), constant_values=255)
    small = _cropped(_darken(_resample(clean, factor)))
    small = _resize(small, tuple(min(side, most - 2) for side, most in zip(small.shape, sheet)))
    cells = [min(-(-(side + 2 * placement.margin) // CELL), most // CELL) for side, most in zip(small.shape, sheet)]
    if math.prod(cells) < _LEAST:
        cells = [max(one, min(2, most // CELL)) for one, most in zip(cells, sheet)]
    pads = [CELL * one - side for one, side in zip(cells, small.shape)]
    before = [int(share * pad) for share, pad in zip((placement.down, placement.across), pads)]
    return np.pad(small, [(one, pad - one) for one, pad in zip(before, pads)], constant_values=255)


def _cropped(clean: NDArray[np.uint8]) -> NDArray[np.uint8]:
    mask = cv2.threshold(clean, 250, 255, cv2.THRESH_BINARY_INV)[1]
    left, top, width, height = cv2.boundingRect(mask)
    return clean[top : top + height, left : left + width]


def _ink(clean: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.threshold(clean, INK - 1, 1, cv2.THRESH_BINARY_INV)[1], np.uint8)


def _resample(clean: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """Scale a picture, its strokes brought within `THINNEST` and `THICKEST`."""
    shape = tuple(max(1, round(side * factor)) for side in clean.shape)
    width = stroke_width(clean)
    # Strokes change at the finer of the two scales, but at most at three times the final one: it is slow.
    first = factor if factor > 1 else min(1.0, 3 * factor)
    clean = _resize(clean, tuple(max(1, round(side * first)) for side in clean.shape))
    change = (min(max(width * factor, THINNEST), THICKEST) / factor - width) * first
    return _resize(_thicken(clean, max(change, -0.4 * width * first)), shape)


def _resize(clean: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    if shape == clean.shape:
        return clean
    method = cv2.INTER_AREA if shape < clean.shape else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(clean, shape[::-1], interpolation=method), np.uint8)


def _thicken(clean: NDArray[np.uint8], change: float) -> NDArray[np.uint8]:
    """Widen strokes by `change` pixels in all, thin them if negative; fractions mix two whole changes."""
    if abs(change) < 0.05:
        return clean
    whole, part = divmod(abs(change), 1)
    spread = cv2.erode if change > 0 else cv2.dilate
    less, more = (spread(clean, _disc(int(whole) + more)) for more in (1, 2))
    return np.asarray(cv2.addWeighted(less, 1 - part, more, part, 0), np.uint8)


def _disc(side: int) -> NDArray[np.uint8]:
    shape = cv2.MORPH_RECT if side < 3 else cv2.MORPH_ELLIPSE
    return np.asarray(cv2.getStructuringElement(shape, (side, side)), np.uint8)


def _darken(clean: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Stretch gray so that the darkest tenth of the ink is black; at most twofold."""
    counts = np.bincount(clean.ravel(), minlength=256)[:INK].cumsum()
    if not counts[-1]:
        return clean
    darkest = int(np.searchsorted(counts, 0.1 * counts[-1], side="right"))
    gain = min(255 / (255 - darkest), 2.0)
    table = np.clip(255 - (255 - np.arange(256)) * gain + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(clean, table), np.uint8)
