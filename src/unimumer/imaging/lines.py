"""Takes the printed lines of ruled and squared paper out from under the ink."""

from __future__ import annotations

from dataclasses import dataclass

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
_LEAST_SIDE, _LEAST_ACROSS = 96, 24
"""A shorter picture shows a symbol or two, whose bars look like lines; a lower one has no room for lines and ink.
One that is lower than the first is a strip, cut from a page: its lines run from border to border."""
_STRIP = 0.4
"""Height of a strip, at most, as a part of its width."""
_FREE = 1
"""There are more pixels of half size than this between such a line and the border along it."""
_ONE_SIDE = 0.85
"""So much of the other ink lies above or below a line that is a rule at the border of a strip, not a fraction bar."""
_PALE = 0.65
"""Depth of a line that is clearly not ink, as a part of the ink's."""
_FULL = 0.85
"""What is so dark, as a part of the ink's depth, is ink even where two lines cross."""
_SCRAP, _SCRAPS = 2.5, 4
"""What is left of lines lies within them, is no longer than so many times their thickness, and there is much of it."""
_EVEN = 0.25
"""Gaps between the lines of a print are whole multiples of one step, to within this part of it."""
_LEAST_STEP = 5
"""The least such step, in pixels at half size."""
_ABOVE, _NOISE, _SURE = 0.35, 2.5, 0.7
"""Ink on a line is darker than the line by this part of the way to full ink, or by so many times what the line is
paler than its median in one of six pixels; from this part of full ink on it is ink in any case."""


@dataclass(frozen=True, slots=True)
class _PrintedLines:
    """Printed lines of one direction, turned to be level."""

    mask: NDArray[np.bool_]
    """[height, width]"""
    sure: bool
    """Whether they are print even if they are as dark as the ink."""

    @property
    def band(self) -> NDArray[np.bool_]:
        """The mask with the soft edges of the lines."""
        return np.asarray(cv2.dilate(self.mask.astype(np.uint8), np.ones((3, 1), np.uint8)), np.bool_)

    def depths(self, depth: NDArray[np.uint8], *percentiles: float) -> list[float]:
        """How dark they are, in a map of depth; 0 without lines."""
        seen = depth[self.mask & (depth > _FAINT)]
        return list(np.percentile(seen, percentiles)) if seen.size else [0.0] * len(percentiles)


def without_lines(depth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Remove printed lines from a map [h, w] of depth below the paper, 0 for paper, up to 255.

    A printed line is thin, nearly level or nearly upright (to about 4 degrees), and runs through the whole picture;
    of an even print those are taken out too that are too faint to be found. Ink that crosses a line stays: what is
    darker than the line, and what goes on at both of its sides.
    """
    turned = np.ascontiguousarray(depth.T)
    level, upright = _level_lines(depth), _level_lines(turned)
    found = level.mask | upright.mask.T
    if not found.any():
        return depth
    ink = depth[~found & (depth > _FAINT)]
    full = float(np.percentile(ink, 90)) if ink.size else 255.0
    rows, columns = level.band, upright.band
    (across,), (down,) = level.depths(depth, 50), upright.depths(turned, 50)
    depth = _without(level, depth, full, columns.T * down)
    depth = _without(upright, np.ascontiguousarray(depth.T), full, rows.T * across).T
    return _without_scraps(np.ascontiguousarray(depth), rows | columns.T, max(_thickness(rows), _thickness(columns)))


def _without(
    lines: _PrintedLines, depth: NDArray[np.uint8], full: float, crossed: NDArray[np.floating]
) -> NDArray[np.uint8]:
    """Remove level lines, given the depth of full ink and that of the lines which cross them, where they do."""
    pale, line = lines.depths(depth, 16, 50)
    if not line or (line > _PALE * full and not lines.sure):
        return depth
    band = lines.band
    darker = np.full(depth.shape, 255.0)
    if line < _PALE * full:
        alone = min(line + max(_ABOVE * (full - line), _NOISE * (line - pale)), _SURE * full)
        darker = np.minimum(alone + crossed, _FULL * full)
    cleared = np.where(band & (depth <= darker), 0, depth).astype(np.uint8)
    bridge = cv2.morphologyEx(cleared, cv2.MORPH_CLOSE, np.ones((_thickness(band) + 2, 1), np.uint8))
    return np.where(band, np.minimum(np.maximum(bridge, cleared), depth), cleared).astype(np.uint8)


def _without_scraps(depth: NDArray[np.uint8], bands: NDArray[np.bool_], thick: int) -> NDArray[np.uint8]:
    """Remove what is left of lines: many small things that lie within them. A few may be dots of the ink."""
    zone = cv2.dilate(bands.astype(np.uint8), np.ones((3, 3), np.uint8))
    _, labels, boxes, _ = cv2.connectedComponentsWithStats((depth > _FAINT).astype(np.uint8), connectivity=8)
    scraps = np.bincount(labels[zone == 0], minlength=len(boxes)) == 0
    scraps &= boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) <= _SCRAP * thick
    if np.count_nonzero(scraps) < _SCRAPS:
        return depth
    return np.asarray(np.where(scraps[labels], 0, depth), np.uint8)


def _thickness(band: NDArray[np.bool_]) -> int:
    """Height of a level line's band, as in most columns."""
    bands = (band[1:] & ~band[:-1]).sum(axis=0) + band[0]
    return int(np.ceil(np.median(band.sum(axis=0) / np.maximum(bands, 1))))


def _level_lines(depth: NDArray[np.uint8]) -> _PrintedLines:
    """The level printed lines, found at half size."""
    if depth.shape[1] < _LEAST_SIDE or depth.shape[0] < _LEAST_ACROSS:
        return _PrintedLines(np.zeros(depth.shape, np.bool_), False)
    half = cv2.dilate(depth, np.ones((2, 2), np.uint8))[::2, ::2]
    height, width = half.shape
    reach = np.ones((3, 1), np.uint8)
    seen = cv2.dilate((half > _FAINT).astype(np.uint8), reach)
    runs = _runs(np.asarray(seen, np.uint8), max(20, width // 16))
    found = cv2.connectedComponentsWithStats(runs, connectivity=8)
    labels, boxes = np.asarray(found[1], np.int32), np.asarray(found[2], np.int32)
    left, span, area = (boxes[:, k] for k in (cv2.CC_STAT_LEFT, cv2.CC_STAT_WIDTH, cv2.CC_STAT_AREA))
    right = left + span
    line = (span > _SPAN * width) & (left < _EDGE * width) & (right > (1 - _EDGE) * width)
    ends = [np.bincount(labels[:, end][seen[:, end] > 0], minlength=len(boxes)) > 0 for end in (0, -1)]
    through = ends[0] & ends[1]
    line &= area < span * max(min(10.0, height / 4.8), 0.025 * height)
    line &= through | (depth.shape[0] >= _LEAST_SIDE)
    line[0] = False
    mask = np.asarray(cv2.erode(line[labels].astype(np.uint8), reach), np.uint8)
    even = aside = False
    outer = 0
    if line.any():
        curves = np.stack([_curve(labels, boxes[k], int(k)) for k in np.flatnonzero(line)])
        aside = bool(through[line].all()) and _aside((half > _FAINT) & (mask == 0), curves)
        top, tall = (boxes[line, k] for k in (cv2.CC_STAT_TOP, cv2.CC_STAT_HEIGHT))
        # A picture that is cropped to its ink has its outer bars on its borders.
        outer = int(top.min() == 0) + int((top + tall).max() == height)
        curves, even = _evenly(curves, height)
        even = even and outer < 2 and bool(2 * np.count_nonzero(line & through) > np.count_nonzero(line))
        _draw(mask, curves, round(float(np.median((area / span)[line]))) - 2)
    mask = np.asarray(cv2.resize(mask, depth.shape[::-1], interpolation=cv2.INTER_NEAREST))
    number = min(np.count_nonzero(line & end) for end in ends)
    return _PrintedLines(mask.astype(np.bool_), even or aside or (not outer and bool(number >= _FEWEST)))


def _aside(ink: NDArray[np.bool_], curves: NDArray[np.float64]) -> bool:
    """Whether lines that run from border to border, taken out of `ink` already, are beside what is written.

    So it is where nearly all other ink is on one side of each, in a strip cut from a page, or along less than half of
    a single one. The roof of a picture cropped tightly to its ink is such a line too, but lies on a border; the bar
    of a fraction is one, but lies between ink that reaches the borders above and below.
    """
    height, width = ink.shape
    if not ink.any():
        return False
    extent = np.ptp(np.flatnonzero(ink.any(axis=0)))
    if height > _STRIP * width and (len(curves) > 1 or extent > width / 2):
        return False
    x = np.linspace(0, 1, width)
    heights = curves @ np.stack([x**2, x, np.ones_like(x)])
    above = np.array([ink[np.arange(height)[:, None] < y].sum() for y in heights]) / ink.sum()
    inside = (heights.min() > _FREE) & (heights.max() < height - 1 - _FREE)
    tight = len(curves) == 1 and bool(ink[: _FREE + 1].any() and ink[-_FREE - 1 :].any())
    return bool(inside and not tight and ((above > _ONE_SIDE) | (above < 1 - _ONE_SIDE)).all())


def _runs(seen: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    """Level runs of at least `length` pixels; a fifth of one may be missing."""
    dense = cv2.blur(255 * seen, (length, 1)) > 0.8 * 255
    along = np.ones((1, length), np.uint8)
    near = cv2.dilate(seen, np.ones((1, 5), np.uint8))
    runs = cv2.bitwise_and(cv2.dilate(dense.astype(np.uint8), along), near)
    return np.asarray(cv2.morphologyEx(runs, cv2.MORPH_CLOSE, along), np.uint8)


def _curve(labels: NDArray[np.int32], box: NDArray[np.int32], number: int) -> NDArray[np.float64]:
    """Height of a component along the picture's width, 0 to 1, as a polynomial of degree 2, highest power first.

    Where it is thicker than usual, ink lies on it, and it does not count.
    """
    left, top, span, tall = box[:4]
    seen = labels[top : top + tall, left : left + span] == number
    thick = seen.sum(axis=0)
    column = np.flatnonzero((thick > 0) & (thick <= np.median(thick[thick > 0])))
    middle = (np.arange(tall) @ seen)[column] / thick[column] + top
    return np.polyfit((left + column) / labels.shape[1], middle, 2)


def _evenly(curves: NDArray[np.float64], height: int) -> tuple[NDArray[np.float64], bool]:
    """Add the curves [n, 3] that are missing from an even print, in between and beyond, and tell whether it is one."""
    middles = curves @ [0.25, 0.5, 1.0]
    curves = curves[np.argsort(middles)]
    gaps = np.diff(np.sort(middles))
    if len(gaps) < _FEWEST or np.median(gaps) < _LEAST_STEP:
        return curves, False
    steps = gaps / np.median(gaps)
    whole = np.rint(steps)
    if (np.abs(steps - whole) > _EVEN).any() or not whole.all():
        return curves, False
    rank = np.concatenate([[0], whole.cumsum()])
    model = np.polyfit(rank, curves, 2 if len(rank) > 5 else 1)
    beyond = int(height / np.median(gaps))
    ranks = np.setdiff1d(np.arange(-beyond, int(rank[-1]) + beyond + 1), rank)
    return np.concatenate([curves, np.vander(ranks, len(model)) @ model]), True


def _draw(mask: NDArray[np.uint8], curves: NDArray[np.float64], thickness: int) -> None:
    """Draw curves through the whole picture."""
    at = np.linspace(0, 1, 33)
    heights = curves @ np.stack([at**2, at, np.ones_like(at)])
    x = at * (mask.shape[1] - 1)
    lines = [np.stack([x, y], axis=1).round().astype(np.int32) for y in heights]
    cv2.polylines(mask, lines, False, 1, max(1, thickness))
