"""Finds where each token of a reading was written: which strokes, or which parts of a picture, form it.

The model does not say, so geometry does. The reading is typeset; its tree says what stands beside, above or around
what; and from the whole down to the single symbol, ink is cut where the pieces fit best what is expected of each part:
its box, the number of its strokes, and gaps between parts. A cut keeps the order of the strokes along its axis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unimumer.errors import UnimumerError
from unimumer.ink import Ink, without_strays
from unimumer.ink.tie import written_tokens
from unimumer.latex import Accent, Arrow, Environment, Fraction, Node, Radical, Row, Scripts, Stack, Symbol, to_latex
from unimumer.latex.commands import WITH_COLUMNS


@dataclass(frozen=True, slots=True)
class WrittenSymbol:
    """One token of a reading where it is written."""

    token: str
    index: int
    """Place among the tokens of the reading."""
    box: tuple[float, float, float, float]
    """Left, top, right, bottom: pixels of the upright picture, or units of the ink."""
    strokes: tuple[int, ...] = ()
    """Indices of its strokes in the ink that was given; none for a picture."""


Boxes: TypeAlias = NDArray[np.float64]
"""[n, 4]: left, top, right, bottom, y downwards."""

MOST = 400
"""Strokes, or connected pieces of a picture, of one expression."""
_TWO = r"+ = i j t x f k T H A E F 4 5 \times \leq \geq \neq \pi \pm \rightarrow \exists ! ; : ?"
_THREE = r"\ldots \cdots \sin \cos \tan \log \lim \div \in \theta"
_STROKES = {**dict.fromkeys(_TWO.split(), 2), **dict.fromkeys(_THREE.split(), 3)}
"""How many strokes a token takes; others take one."""
_FEWER = 0.3
"""Cost of each stroke more or less than a token takes."""
_OVERLAP = 1.5
"""Cost of cutting between strokes that overlap along the axis, for each em."""
_PLACE = 0.08
"""Weight of where a part stands along the axis of a cut, against how long it is there: writing drifts."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One token that is written."""

    token: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Parts one after the other along an axis, 0 from left to right, 1 from top to bottom."""

    axis: Literal[0, 1]
    parts: tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class _Around:
    """A token written around something, as a root is."""

    token: int
    inner: _Part


_Part: TypeAlias = "_Leaf | _Group | _Around"


def find_symbols(row: Row, boxes: Boxes) -> tuple[WrittenSymbol, ...]:
    """The written tokens of a reading, each with those of the strokes, or components, with these boxes that form it.

    A token that nothing is left for, as where two symbols touch in a picture, has the box where it would stand. More
    boxes than `MOST` are noise or a page, and would take minutes: they give none. Raises as `typeset` does for what
    cannot be typeset.
    """
    from unimumer.typeset import typeset  # late: it takes a while to load, and few ask for symbols

    expected: dict[int, NDArray[np.float64]] = {}
    for box in typeset(row).boxes:
        one = np.array([box.left, box.top, box.right, box.bottom])
        seen = expected.get(box.token, one)
        expected[box.token] = np.concatenate([np.minimum(seen[:2], one[:2]), np.maximum(seen[2:], one[2:])])
    tokens = to_latex(row).split()
    part = _Planner(tokens, expected).row(row, 0)
    found: dict[int, tuple[int, ...]] = {}
    if part is None or not 0 < len(boxes) <= MOST:
        return ()
    _Matcher(tokens, expected, boxes).match(part, np.arange(len(boxes)), found)
    whole, ink = _union([*expected.values()]), _union(boxes)
    symbols = []
    for index in sorted(expected):
        own = found.get(index, ())
        place = _union(boxes[list(own)]) if own else _mapped(expected[index], whole, ink)
        left, top, right, bottom = place.tolist()
        symbols.append(WrittenSymbol(tokens[index], index, (left, top, right, bottom), own))
    return tuple(symbols)


def find_in_ink(row: Row, ink: Ink) -> tuple[WrittenSymbol, ...]:
    """The written tokens of a reading of ink with their strokes; what was left out as a stray is nobody's."""
    kept = {id(stroke) for stroke in without_strays(ink)[0].strokes}
    at = [number for number, stroke in enumerate(ink.strokes) if id(stroke) in kept]
    boxes = np.array([[*ink.strokes[one].min(axis=0), *ink.strokes[one].max(axis=0)] for one in at], np.float64)
    return tuple(
        replace(symbol, strokes=tuple(at[one] for one in symbol.strokes)) for symbol in find_symbols(row, boxes)
    )


def strokes_of_symbols(row: Row, ink: Ink) -> list[list[str]] | None:
    """Ids of the strokes of each written token of a reading, in order; None where it cannot be typeset."""
    try:
        found = {symbol.index: symbol.strokes for symbol in find_in_ink(row, ink)}
    except UnimumerError:
        return None
    names = ink.names or tuple(map(str, range(len(ink.strokes))))
    return [[names[one] for one in found.get(index, ())] for index in written_tokens(to_latex(row).split())]


def _union(boxes: Sequence[NDArray[np.float64]] | Boxes) -> NDArray[np.float64]:
    all_ = np.asarray(boxes)
    return np.concatenate([all_[:, :2].min(axis=0), all_[:, 2:].max(axis=0)])


class _Planner:
    """Turns a tree into parts; where it leaves a choice, the typeset boxes tell how they stand to each other."""

    def __init__(self, tokens: list[str], expected: dict[int, NDArray[np.float64]]) -> None:
        self.tokens, self.expected = tokens, expected

    def row(self, row: Row, at: int) -> _Part | None:
        parts = []
        for place, node in enumerate(row):
            if place and isinstance(node, Scripts) and node.base is None:
                at += 2
            parts.append(self.node(node, at))
            at += _length((node,))
        return self.group(0, parts)

    def group(self, axis: Literal[0, 1], parts: Sequence[_Part | None]) -> _Part | None:
        there = [part for part in parts if part is not None]
        if axis == 1:
            there.sort(key=lambda part: float(self.box(part)[1::2].sum()))
        return there[0] if len(there) == 1 else _Group(axis, tuple(there)) if there else None

    def leaf(self, token: int) -> _Leaf | None:
        return _Leaf(token) if token in self.expected else None

    def box(self, part: _Part) -> NDArray[np.float64]:
        return _union([self.expected[token] for token in _tokens(part)])

    def node(self, node: Node, at: int) -> _Part | None:
        match node:
            case Symbol():
                return self.leaf(at)
            case Scripts(base, sub, sup, limits):
                return self.scripts(base, sub, sup, limits, at)
            case Fraction(command, above, below):
                first, second = self.row(above, at + 2), self.row(below, at + 4 + _length(above))
                if command == r"\frac":
                    return self.group(1, [first, self.leaf(at), second])
                return self.around(at, self.group(1, [first, second]))
            case Radical(radicand, index):
                skip = 0 if index is None else _length(index) + 2 + 2 * ("]" in to_latex(index).split())
                option = None if index is None else self.row(index, at + 1 + (skip - _length(index)) // 2)
                return self.around(at, self.group(0, [option, self.row(radicand, at + 2 + skip)]))
            case Accent(command, body):
                inner = self.row(body, at + 1 + (self.tokens[at + 1] == "{"))
                if command in (r"\boxed", r"\fbox", r"\textcircled", r"\cancel", r"\bcancel", r"\xcancel", r"\sout"):
                    return self.around(at, inner)
                return self.group(1, [self.leaf(at), inner])
            case Stack(_, mark, base):
                return self.group(1, [self.row(mark, at + 2), self.row(base, at + 4 + _length(mark))])
            case Arrow(_, above, below):
                skip = 0 if not below else _length(below) + 2 + 2 * ("]" in to_latex(below).split())
                under = self.row(below, at + 1 + (skip - _length(below)) // 2) if below else None
                return self.group(1, [self.leaf(at), under, self.row(above, at + 2 + skip)])
            case Environment():
                return self.environment(node, at)

    def around(self, token: int, inner: _Part | None) -> _Part | None:
        return _Around(token, inner) if inner is not None and token in self.expected else inner or self.leaf(token)

    def scripts(self, base: Node | None, sub: Row | None, sup: Row | None, limits: bool, at: int) -> _Part | None:
        start = at + (0 if base is None else _length((base,))) + limits
        core = None if base is None else self.node(base, at)
        below = None if sub is None else self.row(sub, start + 2)
        above = None if sup is None else self.row(sup, start + 2 + (0 if sub is None else _length(sub) + 3))
        scripts = [part for part in (above, below) if part is not None]
        if core is None or not scripts:
            return self.group(1, [core, *scripts])
        middle = float(self.box(core)[::2].mean())
        if all(self.box(part)[0] < middle for part in scripts):
            return self.group(1, [above, core, below])
        return self.group(0, [core, self.group(1, [above, below])])

    def environment(self, node: Environment, at: int) -> _Part | None:
        start = at + 2 + (2 + len(node.columns) if node.name in WITH_COLUMNS else 0)
        lines = []
        for cells in node.rows:
            parts = []
            for cell in cells:
                start += 2 * (self.tokens[start : start + 2] == ["{", "}"])
                parts.append(self.row(cell, start))
                start += _length(cell) + 1
            lines.append(self.group(0, parts))
        closing = start - 1
        return self.group(0, [self.leaf(at), self.group(1, lines), self.leaf(closing)])


def _length(row: Row) -> int:
    return len(to_latex(row).split())


def _tokens(part: _Part) -> Iterator[int]:
    match part:
        case _Leaf(token):
            yield token
        case _Around(token, inner):
            yield token
            yield from _tokens(inner)
        case _Group(_, parts):
            for one in parts:
                yield from _tokens(one)


class _Matcher:
    """Cuts ink into the parts of a plan."""

    def __init__(self, tokens: list[str], expected: dict[int, NDArray[np.float64]], boxes: Boxes) -> None:
        self.boxes = boxes
        self.expected = expected
        self.count = {token: _STROKES.get(tokens[token], 1) for token in expected}

    def match(self, part: _Part, members: NDArray[np.int64], found: dict[int, tuple[int, ...]]) -> None:
        """Note in `found` which of the strokes `members` belong to each token of a part."""
        if not len(members):
            return
        if isinstance(part, _Leaf):
            found[part.token] = tuple(sorted(int(member) for member in members))
        elif isinstance(part, _Around):
            own = self.outer(part, members)
            found[part.token] = tuple(sorted(int(members[at]) for at in own))
            self.match(part.inner, np.delete(members, own), found)
        else:
            middle = self.boxes[members, part.axis] + self.boxes[members, part.axis + 2]
            members = members[np.argsort(middle, kind="stable")]
            cuts = self.cuts(part, members)
            for one, start, end in zip(part.parts, cuts, cuts[1:]):
                self.match(one, members[start:end], found)

    def target(self, part: _Part) -> NDArray[np.float64]:
        return _union([self.expected[token] for token in _tokens(part)])

    def strokes(self, part: _Part) -> int:
        return sum(self.count[token] for token in _tokens(part))

    def outer(self, part: _Around, members: NDArray[np.int64]) -> list[int]:
        """Which of the strokes are the outer token: one, or one with another flat one, that leave the best rest."""
        whole, ink = self.target(part), _union(self.boxes[members])
        scale = _scale(whole, ink)
        goals = [_mapped(self.target(one), whole, ink) for one in (_Leaf(part.token), part.inner)]
        boxes = self.boxes[members]
        width = boxes[:, 2] - boxes[:, 0]
        wide = np.argsort(-width)[:4]
        best: tuple[float, list[int]] = (np.inf, [0])
        for first in range(len(members)):
            for own in [[first]] + [[first, int(second)] for second in wide if second != first]:
                rest = np.delete(boxes, own, axis=0)
                if not len(rest) and len(own) > 1:
                    continue
                off = np.abs(_union(boxes[own]) - goals[0]).sum() + (
                    np.abs(_union(rest) - goals[1]).sum() if len(rest) else 4 * scale
                )
                cost = off / scale + _FEWER * abs(len(own) - self.count[part.token])
                best = min(best, (float(cost), own))
        return best[1]

    def cuts(self, part: _Group, members: NDArray[np.int64]) -> list[int]:
        """Where to cut the ordered strokes between the parts: k + 1 indices from 0 to n."""
        boxes, axis = self.boxes[members], part.axis
        n = len(members)
        whole, ink = self.target(part), _union(boxes)
        scale = _scale(whole, ink)
        low = np.full((n + 1, n + 1, 2), np.inf)
        high = np.full((n + 1, n + 1, 2), -np.inf)
        for start in range(n):
            low[start, start + 1 :] = np.minimum.accumulate(boxes[start:, :2], axis=0)
            high[start, start + 1 :] = np.maximum.accumulate(boxes[start:, 2:], axis=0)
        length = np.arange(n + 1)[None] - np.arange(n + 1)[:, None]
        before = np.maximum.accumulate(boxes[:, axis + 2])
        after = np.minimum.accumulate(boxes[::-1, axis])[::-1]
        overlap = np.zeros(n + 1)
        overlap[1:n] = np.maximum(0, before[:-1] - after[1:]) / scale
        total = np.full(n + 1, np.inf)
        total[0] = 0.0
        chosen = []
        for one in part.parts:
            goal = _mapped(self.target(one), whole, ink)
            cost = self.fit(low, high, goal, axis) / scale + _FEWER * np.abs(length - self.strokes(one))
            cost = np.where(length > 0, cost, np.where(length == 0, 2.0 + self.strokes(one), np.inf))
            sums = total[:, None] + cost + _OVERLAP * overlap[:, None]
            chosen.append(sums.argmin(axis=0))
            total = sums.min(axis=0)
        ends = [n]
        for before_ in reversed(chosen):
            ends.append(int(before_[ends[-1]]))
        return ends[::-1]

    def fit(
        self, low: NDArray[np.float64], high: NDArray[np.float64], goal: NDArray[np.float64], axis: int
    ) -> NDArray[np.float64]:
        """How far the boxes of all stretches [n + 1, n + 1] are from the one that is expected."""
        with np.errstate(invalid="ignore"):
            size = np.abs((high - low)[..., axis] - (goal[axis + 2] - goal[axis]))
            place = np.abs((high + low)[..., axis] - goal[axis + 2] - goal[axis]) / 2
        across = np.abs(low[..., 1 - axis] - goal[1 - axis]) + np.abs(high[..., 1 - axis] - goal[3 - axis])
        return np.asarray(size + _PLACE * place + across)


def _scale(whole: NDArray[np.float64], ink: NDArray[np.float64]) -> float:
    """Units of ink an em."""
    sides = (ink[2:] - ink[:2]) / np.maximum(whole[2:] - whole[:2], 0.05)
    return float(max(np.sqrt(np.prod(np.maximum(sides, 1e-6))), 1e-6))


def _mapped(box: NDArray[np.float64], whole: NDArray[np.float64], ink: NDArray[np.float64]) -> NDArray[np.float64]:
    """A typeset box where it is expected, when `whole` lies on `ink`."""
    sides = (ink[2:] - ink[:2]) / np.maximum(whole[2:] - whole[:2], 0.05)
    return np.concatenate([(box[:2] - whole[:2]) * sides + ink[:2], (box[2:] - whole[:2]) * sides + ink[:2]])
