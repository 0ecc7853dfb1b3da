"""Finds the expressions of a page: which parts of its ink belong together, and in which order they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from unimumer.imaging.scale import symbol_size

_BESIDE = 2.2
"""Largest gap between neighbors on a line, in typical symbols."""
_SHARED = 0.25
"""They share so much of the height of the lower one, at least."""
_NEAR = 0.3
"""What is so near, in typical symbols, belongs together wherever it stands: dots, accents, scripts."""
_BAR = 1.3
"""A fraction's bar is so wide, in typical symbols, at least, and reaches up and down by `_REACH` of them."""
_REACH = 1.3
_TALL, _LIMIT = 1.5, 0.5
"""A sum or integral is so high, and its limits so near, in typical symbols."""
_LARGE, _FARTHEST = 0.9, 3.0
"""On a line of large writing neighbors may be farther apart: so many times the lower one's height, up to this."""
_LONE, _SCRIPT = 3, 0.8
"""A group of so few parts is a script where it stands so near beside another, in typical symbols."""
_DOT = 0.4
"""Smaller ones are dots, accents and primes of what they stand so near, also above it."""
_GUTTER = 1.5
"""Width of the blank strip between two columns, in typical symbols."""
_SPECK = 0.3
"""What is smaller and belongs to nothing is no expression, in typical symbols."""
_FINE = 24.0
"""Side of a typical symbol, in pixels of a shrunk page's ink, from which on nothing is gained by looking again."""
_MARGIN = 0.3
"""Paper kept around an expression, in typical symbols."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundExpression:
    """One expression of a page."""

    box: tuple[int, int, int, int]
    """Left, top, right, bottom of its ink in pixels of the page."""
    picture: NDArray[np.uint8]
    """The page there, without the ink of its neighbors, [h, w, 3]."""
    ink: NDArray[np.uint8] | None
    """Its ink out of the page's, as `inked` finds it; None where the page was shrunk so much that looking again shows
    more."""


def find_expressions(page: NDArray[np.uint8], ink: NDArray[np.uint8]) -> list[FoundExpression]:
    """The expressions of a page [h, w, 3] whose ink is [h', w'], as `inked` finds it, in reading order."""
    size = symbol_size(255 - ink)
    labels, boxes = _components(ink)
    fine = ink.shape == page.shape[:2] or size >= _FINE
    expressions = []
    for members in group_expressions(boxes, size):
        around = _union(boxes[members]) + _MARGIN * size * np.array([-1, -1, 1, 1])
        expressions.append(_cut(page, ink if fine else None, labels, members + 1, boxes[members], around))
    return expressions


def components(ink: NDArray[np.uint8], width: int, height: int) -> NDArray[np.float64]:
    """The boxes [n, 4] of the connected parts of ink, as `inked` finds it, in pixels of its picture's size."""
    return np.asarray(_components(ink)[1] * np.tile([width / ink.shape[1], height / ink.shape[0]], 2))


def _components(ink: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Which component each pixel belongs to, 0 for paper, and their boxes: left, top, right, bottom."""
    found = cv2.connectedComponentsWithStats(np.asarray(ink > 50, np.uint8), connectivity=8)
    stats = np.asarray(found[2], np.float64)[1:]
    return np.asarray(found[1], np.int32), np.concatenate([stats[:, :2], stats[:, :2] + stats[:, 2:4]], axis=1)


def group_expressions(boxes: NDArray[np.float64], size: float) -> list[NDArray[np.int64]]:
    """Which components or strokes form each expression, in reading order.

    `boxes` [n, 4] are left, top, right and bottom, y downwards; `size` is the side of a typical symbol in their unit.
    """
    groups = [np.flatnonzero(part) for part in _connected(_links(boxes / size))]
    groups = _joined(_within(groups, boxes), boxes / size)
    sides = [np.ptp(_union(boxes[group]).reshape(2, 2), axis=0).max() for group in groups]
    if max(sides, default=0.0) > _SPECK * size:
        groups = [group for group, side in zip(groups, sides) if side > _SPECK * size]
    places = np.array([_union(boxes[group]) for group in groups]).reshape(-1, 4) / size
    return [groups[at] for at in _order(places, list(range(len(groups))))]


def _links(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """[n, n]: which two belong to one expression for sure; lengths are in typical symbols."""
    left, top, right, bottom = boxes.T
    width, height = right - left, bottom - top
    gap_x = np.maximum(left[:, None] - right[None], left[None] - right[:, None])
    gap_y = np.maximum(top[:, None] - bottom[None], top[None] - bottom[:, None])
    low = np.minimum(height[:, None], height[None])
    beside = (gap_x < _BESIDE) & (-gap_y > _SHARED * low)
    near = (gap_x < _NEAR) & (gap_y < _NEAR)
    middle = (left + right) / 2
    over = (middle[None] > left[:, None] - _NEAR) & (middle[None] < right[:, None] + _NEAR)
    flat = (width > _BAR) & (height < 0.25 * width) & (height < 1)
    alike = np.abs(width[:, None] - width[None]) < 0.4 * np.maximum(width[:, None], width[None])
    double = (flat[:, None] & flat[None] & alike & over & (gap_y < _REACH) & (gap_y > -1)).copy()
    np.fill_diagonal(double, False)
    bar = flat & ~double.any(axis=1)
    fraction = bar[:, None] & over & (gap_y < _REACH)
    small = np.maximum(width, height) < 1
    limit = ((height > _TALL) & (width < 1.5 * height))[:, None] & small[None] & over & (gap_y < _LIMIT)
    links = beside | near | double | fraction | limit
    return np.asarray(links | links.T)


def _connected(links: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """The connected parts of a symmetric graph, as masks."""
    parts = []
    left = np.ones(len(links), np.bool_)
    while left.any():
        part = np.zeros(len(links), np.bool_)
        new = part.copy()
        new[np.argmax(left)] = True
        while new.any():
            part |= new
            new = links[new].any(axis=0) & ~part
        left &= ~part
        parts.append(part)
    return parts


def _within(groups: list[NDArray[np.int64]], boxes: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Join what lies within another: groups most of whose box is in that of a larger one."""
    groups = sorted(groups, key=lambda group: -np.prod(_size(boxes[group])))
    kept: list[NDArray[np.int64]] = []
    for group in groups:
        box = _union(boxes[group])
        for at, other in enumerate(kept):
            around = _union(boxes[other])
            shared = np.minimum(box[2:], around[2:]) - np.maximum(box[:2], around[:2])
            if (shared > 0).all() and np.prod(shared) > 0.6 * np.prod(_size(boxes[group])):
                kept[at] = np.concatenate([other, group])
                break
        else:
            kept.append(group)
    return kept


def _joined(groups: list[NDArray[np.int64]], boxes: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Join groups of one line that large writing sets farther apart, and lone scripts with what they stand beside."""
    while len(groups) > 1:
        places = np.array([_union(boxes[group]) for group in groups])
        left, top, right, bottom = places.T
        gap_x = np.maximum(left[:, None] - right[None], left[None] - right[:, None])
        gap_y = np.maximum(top[:, None] - bottom[None], top[None] - bottom[:, None])
        height = bottom - top
        low = np.minimum(height[:, None], height[None])
        wide = np.clip(low * _LARGE, _BESIDE, _FARTHEST)
        line = (gap_x < wide) & (-gap_y > 0.5 * low)
        lone = np.array([len(group) for group in groups]) <= _LONE
        script = lone[:, None] & (gap_x < _SCRIPT) & (gap_x > -0.5) & (gap_y < _LIMIT)
        script |= (np.maximum(right - left, height) < _DOT)[:, None] & (gap_x < _LIMIT) & (gap_y < _SCRIPT)
        found = np.argwhere(np.triu(line | script | script.T, 1))
        if not len(found):
            break
        first, second = min(found.tolist(), key=lambda pair: float(gap_x[pair[0], pair[1]]))
        groups[first] = np.concatenate([groups[first], groups.pop(second)])
    return groups


def _size(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    box = _union(boxes)
    return np.maximum(box[2:] - box[:2], 1e-6)


def _union(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _order(places: NDArray[np.float64], at: list[int]) -> list[int]:
    """Reading order: columns with several lines each from left to right, else rows from top to bottom."""
    if len(at) < 2:
        return at
    columns = _cuts(places, at, 0, _GUTTER)
    if len(columns) > 1 and all(len(column) > 1 for column in columns):
        return [one for column in columns for one in _order(places, column)]
    rows = _cuts(places, at, 1, 0.0)
    if len(rows) > 1:
        return [one for row in rows for one in _order(places, row)]
    if len(columns) > 1:
        return [one for column in columns for one in _order(places, column)]
    return sorted(at, key=lambda one: (places[one, 1] + places[one, 3], places[one, 0]))


def _cuts(places: NDArray[np.float64], at: Sequence[int], axis: int, gap: float) -> list[list[int]]:
    """Parts of what is `at` along an axis, where nothing lies between them over at least `gap`."""
    ordered = sorted(at, key=lambda one: places[one, axis])
    parts = [[ordered[0]]]
    end = places[ordered[0], axis + 2]
    for one in ordered[1:]:
        if places[one, axis] > end + gap:
            parts.append([])
        parts[-1].append(one)
        end = max(end, places[one, axis + 2])
    return parts


def _cut(
    page: NDArray[np.uint8],
    ink: NDArray[np.uint8] | None,
    labels: NDArray[np.int32],
    members: NDArray[np.int64],
    boxes: NDArray[np.float64],
    around: NDArray[np.float64],
) -> FoundExpression:
    """One expression out of the page, paper laid over what belongs to others."""
    height, width = page.shape[:2]
    scale = np.array([width / labels.shape[1], height / labels.shape[0]])
    left, top = np.maximum(0, np.floor(around[:2] * scale)).astype(int)
    right, bottom = np.minimum([width, height], np.ceil(around[2:] * scale)).astype(int)
    picture = page[top:bottom, left:right].copy()
    rows = np.minimum((np.arange(top, bottom) / scale[1]).astype(int), labels.shape[0] - 1)
    columns = np.minimum((np.arange(left, right) / scale[0]).astype(int), labels.shape[1] - 1)
    there = labels[np.ix_(rows, columns)]
    foreign = (there > 0) & ~np.isin(there, members)
    if foreign.any():
        side = 2 * int(np.ceil(2 * scale.max())) + 1
        own = cv2.dilate(np.isin(there, members).astype(np.uint8), np.ones((side, side), np.uint8)) > 0
        hidden = (cv2.dilate(foreign.astype(np.uint8), np.ones((side, side), np.uint8)) > 0) & ~own
        picture[hidden] = np.median(picture[~hidden & (there == 0)], axis=0)
    box = (_union(boxes) * np.tile(scale, 2)).round().astype(int).tolist()
    own_ink = None if ink is None else _own(ink, labels, members, around)
    return FoundExpression((box[0], box[1], box[2], box[3]), picture, own_ink)


def _own(
    ink: NDArray[np.uint8], labels: NDArray[np.int32], members: NDArray[np.int64], around: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """The ink within a box that is nearer to an expression's components than to others, without these."""
    left, top = np.maximum(0, np.floor(around[:2])).astype(int)
    right, bottom = np.minimum(ink.shape[::-1], np.ceil(around[2:])).astype(int)
    there, cut = labels[top:bottom, left:right], ink[top:bottom, left:right]
    own = cv2.dilate(np.isin(there, members).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return np.where(own & ((there == 0) | np.isin(there, members)), cut, 0).astype(np.uint8)
