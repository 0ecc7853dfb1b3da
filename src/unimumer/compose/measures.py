"""How people space their writing: gaps, sizes and offsets of rows, as measured in the trees of real ink.

Every measure is kept as it was found, never as a mean: what is laid out by them spreads as real ink does. Lengths are
in sizes of the row that holds the item; y grows downwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.tree import BRACKETS, RELATIONS, InkItem, InkRow, pairs

Measure = tuple[float, ...]
_GROUPS = {
    **dict.fromkeys("0123456789", "digit"),
    **dict.fromkeys(("+", "-", r"\times", r"\div", r"\pm"), "operator"),
    **dict.fromkeys(RELATIONS, "relation"),
    **dict.fromkeys(BRACKETS, "open"),
    **dict.fromkeys(BRACKETS.values(), "close"),
    **dict.fromkeys((",", "."), "comma"),
    **dict.fromkeys((r"\sum", r"\int"), "big"),
    **dict.fromkeys((r"\lim", r"\sin", r"\cos", r"\tan", r"\log"), "function"),
}
OTHER = "letter"
"""The group of what is in no other: letters."""
_USUAL = (0.03, 0.97)
"""What is beyond these quantiles is taken for ink that is tied to its label the wrong way."""

_ENOUGH = 5
"""Measures to draw from, at least."""


def group_of(token: str) -> str:
    """Which symbols keep like distances to their neighbors."""
    return _GROUPS.get(token, OTHER)


class Measures:
    """Real measures by what they are of."""

    def __init__(self, rows: Iterable[InkRow]) -> None:
        """Measure the rows of a library."""
        found: defaultdict[tuple[str, ...], list[Measure]] = defaultdict(list)
        for row in rows:
            if row.size > 0:
                _gaps(row, found)
                _brackets(row, found)
                for item in row.items:
                    _item(item, row, found)
        self._found = {key: _usual(measures) for key, measures in found.items()}

    def draw(self, key: tuple[str, ...], at: float, usual: Measure) -> Measure:
        """The measure at the quantile `at`, 0 to 1, of the first component; `usual` where too few were found."""
        some = self._found.get(key, ())
        return some[min(int(at * len(some)), len(some) - 1)] if len(some) >= _ENOUGH else usual

    def gap(self, left: str, right: str, at: float) -> float:
        """Distance between two neighbors in a row, of these groups."""
        for key in (("gap", left, right), ("gap", left, ""), ("gap", "", right)):
            if len(self._found.get(key, ())) >= _ENOUGH:
                return self.draw(key, at, ())[0]
        return self.draw(("gap", "", ""), at, (0.4,))[0]


def _usual(measures: Sequence[Measure]) -> list[Measure]:
    """Sorted, without those of which any component is out of the way."""
    values = np.array(measures)
    return sorted(map(tuple, values[between(values, _USUAL)].tolist()))


def between(values: NDArray[np.float64], shares: tuple[float, float]) -> NDArray[np.bool_]:
    """Which rows of `values` [n, k] are between these quantiles in every component: [n]."""
    low, high = (np.quantile(values, share, axis=0) for share in shares)
    return np.asarray(((values >= low) & (values <= high)).all(axis=1))


def _gaps(row: InkRow, found: defaultdict[tuple[str, ...], list[Measure]]) -> None:
    for one, other in pairwise(row.items):
        gap = ((other.box[0] - one.box[2]) / row.size,)
        left = one.kind if one.kind != "leaf" else group_of(one.token)
        base = other.base or other
        right = base.kind if base.kind != "leaf" else group_of(base.token)
        for key in ((left, right), (left, ""), ("", right), ("", "")):
            found["gap", *key].append(gap)


def _brackets(row: InkRow, found: defaultdict[tuple[str, ...], list[Measure]]) -> None:
    """How far brackets reach above and below what they hold."""
    for start, stop in pairs(row):
        inner = [item.box for item in row.items[start + 1 : stop]]
        if inner:
            top, bottom = min(box[1] for box in inner), max(box[3] for box in inner)
            for mark in (row.items[start].mark, row.items[stop].mark):
                found[("bracket",)].append(((top - mark[1]) / row.size, (mark[3] - bottom) / row.size))


def _item(item: InkItem, row: InkRow, found: defaultdict[tuple[str, ...], list[Measure]]) -> None:
    size, mark = row.size, item.mark
    if item.kind == "frac":
        middle, widest = (mark[1] + mark[3]) / 2, 0.0
        for name, slot in item.slots.items():
            gap = middle - slot.box[3] if name == "num" else slot.box[1] - middle
            off = (slot.box[0] + slot.box[2] - mark[0] - mark[2]) / 2
            found[(name,)].append((slot.size / size, gap / size, off / size))
            widest = max(widest, slot.box[2] - slot.box[0])
        found[("bar",)].append(((mark[2] - mark[0] - widest) / size, (middle - row.axis) / size))
    elif item.kind == "root":
        slot = item.slots["rad"]
        edges = (slot.box[1] - mark[1], mark[3] - slot.box[3], mark[2] - slot.box[2])
        found[("rad",)].append((slot.size / size, *(edge / size for edge in edges)))
    elif item.base is not None:
        _item(item.base, row, found)
        _scripts(item, row, found)


def _scripts(item: InkItem, row: InkRow, found: defaultdict[tuple[str, ...], list[Measure]]) -> None:
    """Scripts at the side by their line, relative to that of the row or to the edge of a tall base; limits by edges."""
    assert item.base is not None
    base, size = item.base.box, row.size
    tall = item.base.kind != "leaf" or group_of(item.token) in ("close", "big")
    for name, slot in item.slots.items():
        low = name in ("sub", "under")
        ratio, edge = slot.size / size, base[3] if low else base[1]
        if name in ("sub", "sup"):
            dy = slot.axis - (edge if tall else row.axis)
            found[name, "tall" if tall else "plain"].append((ratio, (slot.box[0] - base[2]) / size, dy / size))
        elif slot.box[0] > (base[0] + base[2]) / 2 and slot.box[1] < base[3] and slot.box[3] > base[1]:
            found[name, item.token, "side"].append((ratio, (slot.box[0] - base[2]) / size, (slot.axis - edge) / size))
        else:
            gap = slot.box[1] - base[3] if low else base[1] - slot.box[3]
            off = (slot.box[0] + slot.box[2] - base[0] - base[2]) / 2
            found[name, item.token, "straight"].append((ratio, gap / size, off / size))
