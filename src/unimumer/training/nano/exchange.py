"""Makes new expressions of old ones: symbols change to kindred ones, in ink by other hands, and the label follows.

The training collections hold the same few thousand expressions again and again, each by several writers. A model can
learn them by heart, and did: it reads held-out writers well and new expressions badly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KINDRED = (
    tuple("0123456789"),
    ("a", "c", "e", "m", "n", "o", "r", "s", "u", "v", "w", "x", "z", r"\alpha", r"\sigma", r"\pi"),
    ("b", "d", "h", "k", "t", r"\theta", r"\lambda"),
    ("g", "j", "p", "q", "y", r"\beta", r"\gamma", r"\phi", r"\mu"),
    tuple("ABCEFGHILMNPRSTVXY"),
    ("+", r"\times", r"\pm", r"\div"),
    ("=", r"\leq", r"\geq", r"\neq"),
)
"""Symbols that may stand for each other: of one kind, and of one height above and depth below the line."""


@dataclass(frozen=True, slots=True)
class Written:
    """One expression in ink, a row a point."""

    label: str
    points: NDArray[np.float32]
    stroke: NDArray[np.int32]
    symbol: NDArray[np.int32]
    symbol_class: NDArray[np.int16]


Pick = Callable[[int], NDArray[np.int64] | None]
"""Gives the points of some written symbol of a class, as indices into the corpus, or None where there is none."""


def exchange(
    written: Written,
    classes: tuple[str, ...],
    pick: Pick,
    points: NDArray[np.float32],
    stroke: NDArray[np.int32],
    random: np.random.Generator,
) -> Written:
    """Exchange every symbol of some classes for one of a kindred class, all of a class for the same.

    `points` and `stroke` are the corpus that `pick` points into. Only classes that occur in the label as often as in
    the ink change, so that ink and label stay together.
    """
    change = _choose(written, classes, random)
    parts = [_exchange_one(written, s, change, pick, points, stroke) for s in _symbols(written)]
    label = {classes[old]: classes[new] for old, new in change.items()}
    joined = [np.concatenate(column) for column in zip(*parts)]
    return Written(" ".join(label.get(token, token) for token in written.label.split()), *_renumber(*joined))


def _choose(written: Written, classes: tuple[str, ...], random: np.random.Generator) -> dict[int, int]:
    """New class of each class that changes."""
    tokens = Counter(written.label.split())
    number = {name: i for i, name in enumerate(classes)}
    first = np.unique(written.symbol, return_index=True)[1]
    inked = Counter(classes[c] for c in written.symbol_class[first].tolist() if c >= 0)
    change = {}
    for group in KINDRED:
        known = [name for name in group if name in number]
        for name in known:
            if inked[name] and inked[name] == tokens[name] and random.random() < 0.7:
                change[number[name]] = number[known[random.integers(len(known))]]
    return change


def _symbols(written: Written) -> Iterator[NDArray[np.int64]]:
    """Points of each symbol."""
    return (np.flatnonzero(written.symbol == s) for s in np.unique(written.symbol))


def _exchange_one(
    written: Written,
    members: NDArray[np.int64],
    change: dict[int, int],
    pick: Pick,
    points: NDArray[np.float32],
    stroke: NDArray[np.int32],
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int16]]:
    old = int(written.symbol_class[members[0]])
    new = change.get(old, old)
    instance = pick(new) if new != old else None
    if instance is None:
        fields = (written.points, written.stroke, written.symbol, written.symbol_class)
        return tuple(field[members] for field in fields)  # type: ignore[return-value]
    place, ink = written.points[members], points[instance]
    ratio = float(np.ptp(place, axis=0).max()) / max(float(np.ptp(ink, axis=0).max()), 1e-6)
    moved = (ink - _middle(ink)) * ratio + _middle(place)
    count, symbol = len(instance), written.symbol[members[0]]
    # Stroke numbers need only differ from the neighbors'; `_renumber` makes them consecutive.
    strokes = 100_000 * (1 + int(symbol)) + stroke[instance]
    return moved.astype(np.float32), strokes.astype(np.int32), np.full(count, symbol), np.full(count, new)


def _middle(points: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((points.min(axis=0) + points.max(axis=0)) / 2, np.float32)


def _renumber(
    points: NDArray[np.float32], stroke: NDArray[np.int32], symbol: NDArray[np.int32], symbol_class: NDArray[np.int16]
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int16]]:
    """Order by stroke and number strokes and symbols from 0."""
    order = np.argsort(stroke, kind="stable")
    stroke = np.unique(stroke[order], return_inverse=True)[1].astype(np.int32)
    symbol = np.unique(symbol[order], return_inverse=True)[1].astype(np.int32)
    return points[order], stroke, symbol, symbol_class[order].astype(np.int16)
