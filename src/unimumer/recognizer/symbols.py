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
from unimumer.latex.writer import is_bare


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
_ENCLOSING = frozenset([r"\boxed", r"\fbox", r"\textcircled", r"\cancel", r"\bcancel", r"\xcancel", r"\sout"])
"""Accents that are drawn around or across their bodies."""
_FEWER = 0.3
"""Cost of each stroke more or less than a token takes."""
_OVERLAP = 1.5
"""Cost of cutting between strokes that overlap along the axis, for each em."""
_PLACE = 0.08
"""Weight of where a part stands along the axis of a cut, against how long it is there: writing drifts."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A token that is written, or parts that stand together."""

    box: NDArray[np.float64]
    """[4]: where it is typeset."""
    strokes: int
    """How many strokes it takes."""
    token: int = -1
    """Index of the token where it is a single one."""
    axis: Literal[0, 1] | None = None
    """Its parts stand one after the other, 0 from left to right, 1 from top to bottom; None: the first, a token, stands
    around the second, as a root does."""
    parts: tuple[_Part, ...] = ()


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
    part = _Planner(tokens, expected).row(row)
    if part is None or not 0 < len(boxes) <= MOST:
        return ()
    found = dict(_match(part, boxes, np.arange(len(boxes))))
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
    """Walks a tree in the order of its tokens, as `typeset` does, and turns it into parts.

    Where the tree leaves a choice, the typeset boxes tell how parts stand to each other.
    """

    def __init__(self, tokens: list[str], expected: dict[int, NDArray[np.float64]]) -> None:
        self.tokens, self.expected, self.at = tokens, expected, 0

    def row(self, row: Row) -> _Part | None:
        parts = []
        for place, node in enumerate(row):
            if place and isinstance(node, Scripts) and node.base is None:
                self.at += 2
            parts.append(self.node(node))
        return _group(0, *parts)

    def leaf(self) -> _Part | None:
        """The next token, where it is one that is drawn."""
        at, self.at = self.at, self.at + 1
        return _Part(self.expected[at], _STROKES.get(self.tokens[at], 1), at) if at in self.expected else None

    def within(self, row: Row | None, brackets: int = 1) -> _Part | None:
        """A row with so many tokens on either side of it, its braces."""
        if row is None:
            return None
        self.at += brackets
        part = self.row(row)
        self.at += brackets
        return part

    def option(self, row: Row | None) -> _Part | None:
        return self.within(row or None, 2 if row and "]" in to_latex(row).split() else 1)

    def node(self, node: Node) -> _Part | None:
        if isinstance(node, Scripts):
            return self.scripts(node)
        if isinstance(node, Environment):
            return self.environment(node)
        sign = self.leaf()
        match node:
            case Fraction(r"\frac", above, below):
                return _group(1, sign, self.within(above), self.within(below))
            case Fraction(_, above, below):
                return _group(None, sign, _group(1, self.within(above), self.within(below)))
            case Radical(radicand, index):
                return _group(None, sign, _group(0, self.option(index), self.within(radicand)))
            case Accent(command, body):
                return _group(None if command in _ENCLOSING else 1, sign, self.within(body, 1 - is_bare(node)))
            case Stack(_, mark, base):
                return _group(1, self.within(mark), self.within(base))
            case Arrow(_, above, below):
                return _group(1, sign, self.option(below), self.within(above))
            case Symbol():
                return sign
        raise TypeError(f"where a {type(node).__name__} stands is not known")

    def scripts(self, node: Scripts) -> _Part | None:
        core = None if node.base is None else self.node(node.base)
        self.at += node.limits
        parts = []
        for script in (node.sub, node.sup):
            self.at += script is not None
            parts.append(self.within(script))
        middle = 0.0 if core is None else float(core.box[::2].mean())
        if core is not None and any(part is not None and part.box[0] >= middle for part in parts):
            return _group(0, core, _group(1, *parts))
        return _group(1, core, *parts)

    def environment(self, node: Environment) -> _Part | None:
        begin = self.leaf()
        self.at += 1 + (2 + len(node.columns) if node.name in WITH_COLUMNS else 0)
        lines = []
        for cells in node.rows:
            parts = []
            for cell in cells:
                self.at += 2 * (self.tokens[self.at : self.at + 2] == ["{", "}"])
                parts.append(self.row(cell))
                self.at += 1
            lines.append(_group(0, *parts))
        self.at -= 1  # behind the last cell stands the end, and no mark
        end = self.leaf()
        self.at += not node.name.startswith("\\")
        return _group(0, begin, _group(1, *lines), end)


def _group(axis: Literal[0, 1] | None, *parts: _Part | None) -> _Part | None:
    """The parts of which something is drawn as one; in their order, those above each other as they are typeset."""
    there = [part for part in parts if part is not None]
    if axis == 1:
        there.sort(key=lambda part: float(part.box[1::2].sum()))
    if len(there) < 2:
        return there[0] if there else None
    box, strokes = _union([part.box for part in there]), sum(part.strokes for part in there)
    return _Part(box, strokes, axis=axis, parts=tuple(there))


def _match(part: _Part, boxes: Boxes, members: NDArray[np.int64]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Which of the strokes `members` with these boxes [strokes, 4] belong to each token of a part."""
    if not len(members):
        return
    if not part.parts:
        yield part.token, tuple(sorted(members.tolist()))
    elif part.axis is None:
        outer, inner = part.parts
        own = _outer(outer, inner, boxes[members])
        yield outer.token, tuple(sorted(members[own].tolist()))
        yield from _match(inner, boxes, np.delete(members, own))
    else:
        middle = boxes[members, part.axis] + boxes[members, part.axis + 2]
        members = members[np.argsort(middle, kind="stable")]
        cuts = _cuts(part, part.axis, boxes[members])
        for one, start, end in zip(part.parts, cuts, cuts[1:]):
            yield from _match(one, boxes, members[start:end])


def _outer(outer: _Part, inner: _Part, boxes: Boxes) -> list[int]:
    """Which of the strokes are the outer token: one, or one with another flat one, that leave the best rest."""
    whole, ink = _union([outer.box, inner.box]), _union(boxes)
    scale = _scale(whole, ink)
    goals = [_mapped(one.box, whole, ink) for one in (outer, inner)]
    wide = np.argsort(boxes[:, 0] - boxes[:, 2])[:4]
    best: tuple[float, list[int]] = (np.inf, [0])
    for first in range(len(boxes)):
        for own in [[first]] + [[first, int(second)] for second in wide if second != first]:
            rest = np.delete(boxes, own, axis=0)
            if not len(rest) and len(own) > 1:
                continue
            off = np.abs(_union(boxes[own]) - goals[0]).sum() + (
                np.abs(_union(rest) - goals[1]).sum() if len(rest) else 4 * scale
            )
            cost = off / scale + _FEWER * abs(len(own) - outer.strokes)
            best = min(best, (float(cost), own))
    return best[1]


def _cuts(part: _Part, axis: Literal[0, 1], boxes: Boxes) -> list[int]:
    """Where to cut the ordered strokes between the parts: k + 1 indices from 0 to n."""
    n = len(boxes)
    ink = _union(boxes)
    scale = _scale(part.box, ink)
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
        off = _misfit(low, high, _mapped(one.box, part.box, ink), axis)
        cost = off / scale + _FEWER * np.abs(length - one.strokes)
        cost = np.where(length > 0, cost, np.where(length == 0, 2.0 + one.strokes, np.inf))
        sums = total[:, None] + cost + _OVERLAP * overlap[:, None]
        chosen.append(sums.argmin(axis=0))
        total = sums.min(axis=0)
    ends = [n]
    for begins in reversed(chosen):
        ends.append(int(begins[ends[-1]]))
    return ends[::-1]


def _misfit(
    low: NDArray[np.float64], high: NDArray[np.float64], goal: NDArray[np.float64], axis: Literal[0, 1]
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
