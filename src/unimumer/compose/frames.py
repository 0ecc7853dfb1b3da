"""Learns from the ink how large each symbol is written, and how high, and from that the size and line of every row.

A row of size s on the line y has a symbol of class k with the larger side s * large[k], its middle at
y + s * high[k]. Both sides are fitted in turn. So a symbol, or a whole row, can move to another row and keep its
relative size: `x` stays smaller than `X`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.tree import InkItem, InkRow

_ROUNDS = 5
_TRUST = 4.0
"""Of what the size of the row around says about a row's size: so many times a symbol of average reliability."""


def fit_frames(
    rows: Sequence[InkRow], box: NDArray[np.float32], symbol_class: NDArray[np.integer], classes: int
) -> NDArray[np.float32]:
    """Set `size` and `axis` of every row; return the size and axis where each symbol stands [symbols, 2].

    `rows` are numbered as they come, outer ones before inner ones. A symbol of no row keeps the size 1 and its middle.
    """
    frame = np.stack([np.ones(len(box)), (box[:, 1] + box[:, 3]) / 2], axis=1).astype(np.float32)
    if not rows:
        return frame
    row, symbol = np.array([(r.number, s) for r in rows for s in on_line(r)], np.int64).T
    kind = symbol_class[symbol].astype(np.int64)
    sides = (box[symbol, 2:] - box[symbol, :2]).max(axis=1)
    large, known = np.log(np.maximum(sides, 1e-3)), sides > 1e-3
    size = _fit_sizes(rows, row, kind, large, known, classes)
    size /= np.median(size[[r.kind == "line" for r in rows]])
    axis = _fit_axes(len(rows), row, kind, frame[symbol, 1].astype(np.float64), size, classes)
    for r, s, y in zip(rows, size.tolist(), axis.tolist()):
        r.size, r.axis = s, y
    frame[symbol] = np.stack([size[row], axis[row]], axis=1)
    return frame


def class_frames(
    frame: NDArray[np.float32], box: NDArray[np.float32], symbol_class: NDArray[np.integer], classes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Of each class the median larger side and the median height above the line, in row sizes, and how many there are.

    `frame` [symbols, 2] is what `fit_frames` returned. A class that does not occur has the size 1 and the height 0.
    """
    large, high, count = np.ones(classes), np.zeros(classes), np.zeros(classes, np.int64)
    side = (box[:, 2:] - box[:, :2]).max(axis=1) / frame[:, 0]
    offset = ((box[:, 1] + box[:, 3]) / 2 - frame[:, 1]) / frame[:, 0]
    for kind in np.unique(symbol_class[symbol_class >= 0]).tolist():
        of_kind = symbol_class == kind
        count[kind] = of_kind.sum()
        large[kind], high[kind] = np.median(side[of_kind]), np.median(offset[of_kind])
    return large, high, count


def on_line(row: InkRow) -> list[int]:
    """The symbols on the line of a row itself, bars and signs included."""
    leaves = (item.base or item for item in row.items)
    return [s for item in leaves for s in range(item.first, item.last if item.kind == "leaf" else item.first + 1)]


def _around(row: InkRow) -> int:
    """The number of the row that the item of this one stands in, -1 for a whole expression."""
    node: InkRow | InkItem | None = row.up
    while isinstance(node, InkItem):
        node = node.up
    return node.number if node else -1


def _fit_sizes(
    rows: Sequence[InkRow],
    row: NDArray[np.int64],
    kind: NDArray[np.int64],
    large: NDArray[np.float64],
    known: NDArray[np.bool_],
    classes: int,
) -> NDArray[np.float64]:
    """Sizes of the rows; one with little to tell by takes after the row around it."""
    outer = np.array([_around(r) for r in rows])
    names = sorted({r.kind for r in rows})
    place = np.array([names.index(r.kind) for r in rows])
    size, weight = np.zeros(len(rows)), known.astype(np.float64)
    for _ in range(_ROUNDS):
        expected = _mean(kind, large - size[row], weight, classes)
        off = large - size[row] - expected[kind]
        spread = _mean(kind, off**2, known.astype(np.float64), classes)
        weight = known / (0.02 + spread[kind])
        inside = np.where(outer >= 0, size[outer], 0.0)
        smaller = _mean(place, size - inside, np.ones(len(rows)), len(names))
        trust = _TRUST * (1 + (outer < 0))
        total = np.bincount(row, weight * (large - expected[kind]), len(rows))
        size = (total + trust * (inside + smaller[place])) / (np.bincount(row, weight, len(rows)) + trust)
    return np.asarray(np.exp(size))


def _fit_axes(
    rows: int,
    row: NDArray[np.int64],
    kind: NDArray[np.int64],
    middle: NDArray[np.float64],
    size: NDArray[np.float64],
    classes: int,
) -> NDArray[np.float64]:
    high, weight = np.zeros(classes), np.ones(len(row))
    axis = _mean(row, middle, weight, rows)
    for _ in range(_ROUNDS):
        offset = (middle - axis[row]) / size[row]
        high = _mean(kind, offset, weight, classes)
        weight = 1 / (0.01 + _mean(kind, (offset - high[kind]) ** 2, np.ones(len(row)), classes)[kind])
        axis = _mean(row, middle - size[row] * high[kind], weight, rows)
    return axis


def _mean(
    group: NDArray[np.int64], value: NDArray[np.float64], weight: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    total = np.bincount(group, weight * value, count)
    return np.asarray(total / np.maximum(np.bincount(group, weight, count), 1e-9))
