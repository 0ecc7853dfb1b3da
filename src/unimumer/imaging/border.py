"""Takes away what the border of a picture has cut off: rests of neighboring lines, corners of other things."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_DEPTH, _ASIDE = 0.2, 0.08
"""A rest reaches so far into the picture at most: of the height from above and below, and of the shorter side from left
and right, where a symbol may have been cut that is part of what was written."""
_THIN = 0.01
"""What reaches no farther into the picture, as a part of its shorter side, is no writing."""
_BODY = 0.6
"""So much of the ink is left when all rests are gone; else they are what was written."""
_DARK = 127
"""Ink on the border that is darker has been cut; the soft end of a stroke that just fits is not."""
_FREE = 2
"""A tight crop has ink within so many pixels of all its borders; nothing in it is a rest."""


def without_rests(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Remove from ink [h, w], 0 for paper and 255 for full ink, the components that the border cuts off.

    They are small and stay near their border, and the rest of the ink is far more than they are. A picture that is
    cropped tightly to its ink is left as it is: there everything touches a border.
    """
    found = cv2.connectedComponentsWithStats(np.asarray(ink > 50, np.uint8), connectivity=8)
    labels, boxes = np.asarray(found[1], np.int32), np.asarray(found[2], np.int32)
    if is_tight(boxes, ink.shape):
        return ink
    rests = _along(boxes, ink.shape)
    depths = (_DEPTH * ink.shape[0], _ASIDE * min(ink.shape))
    for turn in range(4):
        rests |= _at_top(np.rot90(ink, turn), np.rot90(labels, turn), len(boxes), round(depths[turn % 2]))
    rests[0] = False
    left = np.asarray(np.where(rests[labels], 0, ink), np.uint8)
    return left if int(left.sum(dtype=np.int64)) > _BODY * int(ink.sum(dtype=np.int64)) else ink


def _along(boxes: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which components lie on a border as a whole, however pale they are: the edge of the sheet, or of a lens."""
    depth = _THIN * min(shape)
    left, top, width, height = boxes[:, :4].T
    level = (height <= depth) & ((top <= 1) | (top + height >= shape[0] - 1))
    upright = (width <= depth) & ((left <= 1) | (left + width >= shape[1] - 1))
    return np.asarray(level | upright)


def is_tight(boxes: NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """Whether the components come so near to all borders of a picture [h, w] that it is cropped to them."""
    if len(boxes) < 2:
        return False
    low = boxes[1:, :2].min(axis=0)
    high = (boxes[1:, :2] + boxes[1:, 2:4]).max(axis=0)
    return bool((low <= _FREE).all() and (high >= np.array(shape[1::-1]) - _FREE).all())


def _at_top(ink: NDArray[np.uint8], labels: NDArray[np.int32], count: int, depth: int) -> NDArray[np.bool_]:
    """Which components the top border has cut off within `depth` of their end."""
    cut = np.zeros(count, np.bool_)
    cut[labels[:2][ink[:2] > _DARK]] = True
    cut[labels[depth:]] = False
    return cut
