"""Takes the printed lines of ruled and squared paper out from under the ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_FAINT = 12
"""Depth at which a printed line is noticed."""
_SPAN = 0.6
"""Part of the picture's side that a printed line covers, at least."""
_EDGE = 0.15
"""How near to both ends of the picture it comes, as a part of the side; a fraction bar stops short."""
_FEWEST = 3
"""Lines as dark as the ink are taken for print only if so many reach both borders; paler ones always."""
_LEAST_SIDE = 96
"""A smaller picture shows a symbol or two, whose bars look like lines."""
_PALE = 0.65
"""Depth of a line that is clearly not ink, as a part of the ink's."""


def without_lines(depth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Remove printed lines from a map [h, w] of depth below the paper, 0 for paper, up to 255.

    A printed line is thin, nearly level or nearly upright (to about 4 degrees), and runs through the whole
    picture. Ink that crosses it stays: what is darker than the line, and what goes on at both of its sides.
    """
    if min(depth.shape) < _LEAST_SIDE:
        return depth
    found = [_level_lines(depth), _level_lines(np.ascontiguousarray(depth.T)).T]
    ink = depth[~(found[0] | found[1]) & (depth > _FAINT)]
    full = float(np.percentile(ink, 90)) if ink.size else 255.0
    depth = _without(found[0], depth, full)
    return np.ascontiguousarray(_without(found[1].T, np.ascontiguousarray(depth.T), full).T)


def _without(lines: NDArray[np.bool_], depth: NDArray[np.uint8], full: float) -> NDArray[np.uint8]:
    """Remove level lines, given their mask and the depth of full ink."""
    if not lines.any():
        return depth
    line = float(np.median(depth[lines & (depth > _FAINT)]))
    band = cv2.dilate(lines.astype(np.uint8), np.ones((3, 1), np.uint8)) > 0
    if line > _PALE * full and min(_crossings(lines[:, :2]), _crossings(lines[:, -2:])) < _FEWEST:
        return depth
    darker = line + 0.35 * (full - line) if line < _PALE * full else 255
    cleared = np.where(band & (depth <= darker), 0, depth).astype(np.uint8)
    bridge = cv2.morphologyEx(cleared, cv2.MORPH_CLOSE, np.ones((_thickness(band) + 2, 1), np.uint8))
    return np.where(band, np.minimum(np.maximum(bridge, cleared), depth), cleared).astype(np.uint8)


def _crossings(lines: NDArray[np.bool_]) -> float:
    """Number of level lines, as most columns meet them."""
    return float(np.median((lines[1:] & ~lines[:-1]).sum(axis=0) + lines[0]))


def _thickness(band: NDArray[np.bool_]) -> int:
    return int(np.ceil(np.median(band.sum(axis=0)) / max(_crossings(band), 1)))


def _level_lines(depth: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Mask of the level printed lines, found at half size."""
    half = cv2.dilate(depth, np.ones((2, 2), np.uint8))[::2, ::2]
    height, width = half.shape
    runs = cv2.dilate((half > _FAINT).astype(np.uint8), np.ones((3, 1), np.uint8))
    for step in (cv2.MORPH_OPEN, cv2.MORPH_CLOSE):
        runs = cv2.morphologyEx(runs, step, np.ones((1, max(20, width // 16)), np.uint8))
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    left, span, area = (boxes[:, k] for k in (cv2.CC_STAT_LEFT, cv2.CC_STAT_WIDTH, cv2.CC_STAT_AREA))
    line = (span > _SPAN * width) & (left < _EDGE * width) & (left + span > (1 - _EDGE) * width)
    line &= area < span * max(10.0, 0.025 * height)
    line[0] = False
    mask = cv2.resize(line[labels].astype(np.uint8), depth.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(mask, np.bool_)
