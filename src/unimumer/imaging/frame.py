"""Finds what is no paper around the sheet: a dark desk, a scanner's rim, a dark border; and lays paper over it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_SMALL_SIDE = 400
"""Long side of the copy on which the sheet is looked for."""
_SOLID = 16
"""A frame is thicker than this part of the copy's long side; strokes are thinner."""
_DARK = 0.6
"""Brightness of a frame, at most, as a part of the sheet's."""
_LEAST, _MOST = 0.004, 0.75
"""Part of the picture that a frame takes; a picture that is darker has light ink on a board."""
_SHEET = 0.2
"""Part of the picture that the sheet takes, at least."""
_ALONG = 0.8
"""Part of one side of the picture that a frame covers, at least; a thick stroke that has been cut does not."""
_LEAST_SIDE = 150
"""A smaller picture shows a symbol or two, which may be as thick as a frame."""
_SHARP = 5.0
"""Pixels of the copy over which the sheet's edge is neither dark nor bright, at most; a shadow's is softer."""
_EDGE = 2
"""Pixels of the copy beside the frame that show its edge."""


def without_frame(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`picture` [h, w, 3] or [h, w] with the nearest paper where it shows no paper; itself where it has no frame."""
    height, width = picture.shape[:2]
    scale = min(1.0, _SMALL_SIDE / max(height, width))
    shape = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(picture, shape, interpolation=cv2.INTER_AREA), np.uint8)
    frame = _frame(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY) if small.ndim == 3 else small, np.uint8))
    if frame is None:
        return picture
    _, nearest = cv2.distanceTransformWithLabels(frame.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    paper = cv2.medianBlur(small, 9)
    of_label = np.zeros((int(nearest.max()) + 1, *small.shape[2:]), np.uint8)
    of_label[nearest[~frame]] = paper[~frame]
    cover = cv2.resize(np.where(_like(frame, small), of_label[nearest], small), (width, height))
    hidden = cv2.resize(frame.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    return np.asarray(np.where(_like(hidden, picture), cover, picture), np.uint8)


def _like(mask: NDArray[np.bool_], picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return mask[..., None] if picture.ndim == 3 else mask


def _frame(gray: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """Where a small gray picture shows a frame, its edge included; None where it shows none."""
    if max(gray.shape) < _LEAST_SIDE:
        return None
    smooth = np.asarray(cv2.medianBlur(gray, 5), np.uint8)
    _, dark = cv2.threshold(smooth, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    side = max(5, max(gray.shape) // _SOLID)
    solid = _at_border(_opened(np.asarray(dark, np.uint8), side))
    grown = cv2.dilate(solid, np.ones((side, side), np.uint8)) & np.asarray(dark, np.uint8)
    frame = _at_border(np.asarray(grown, np.uint8))
    sheet = _opened(np.asarray(1 - dark, np.uint8), side)
    if not _LEAST < frame.mean() < _MOST or sheet.mean() < _SHEET:
        return None
    if max(part.mean() for part in _sides(frame)) < _ALONG or _is_written(np.asarray(dark, np.uint8), frame, side):
        return None
    below, above = (float(np.median(smooth[mask > 0])) for mask in (frame, sheet))
    if below > _DARK * above or not _is_sharp(smooth, frame, below, above):
        return None
    return np.asarray(cv2.dilate(frame, np.ones((2 * _EDGE + 1,) * 2, np.uint8)) > 0)


def _opened(mask: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """`mask` without what is thinner than `side`; beyond the border it goes on."""
    wide = cv2.copyMakeBorder(mask, side, side, side, side, cv2.BORDER_REPLICATE)
    opened = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    return np.asarray(opened[side:-side, side:-side], np.uint8)


def _at_border(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The components of `mask` that touch the border."""
    labels = np.asarray(cv2.connectedComponents(mask)[1], np.int32)
    kept = np.zeros(int(labels.max()) + 1, np.uint8)
    kept[np.concatenate(_sides(labels))] = 1
    kept[0] = 0
    return kept[labels]


def _sides(picture: NDArray[Any]) -> list[NDArray[Any]]:
    """The pixels along each side."""
    return [picture[0], picture[-1], picture[:, 0], picture[:, -1]]


def _is_written(dark: NDArray[np.uint8], frame: NDArray[np.uint8], side: int) -> bool:
    """Whether a thin frame may be brackets of a picture that is cropped to its ink.

    So it may where it is in parts, or where the border has cut other ink too.
    """
    thick = cv2.morphologyEx(np.pad(frame, 1), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    if thick.any():
        return False
    parts = cv2.connectedComponents(frame)[0] - 1
    return bool(parts > 1 or np.concatenate(_sides(dark > frame)).any())


def _is_sharp(gray: NDArray[np.uint8], frame: NDArray[np.uint8], below: float, above: float) -> bool:
    """Whether brightness changes within a few pixels where frame and sheet meet."""
    edge = cv2.morphologyEx(frame, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    near = cv2.dilate(edge, np.ones((31, 31), np.uint8)) > 0
    low, high = (below + part * (above - below) for part in (0.25, 0.75))
    between = near & (gray > low) & (gray < high)
    return bool(between.sum() < _SHARP * max(1, edge.sum() / 2))
