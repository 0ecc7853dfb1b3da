"""The tree of an expression whose symbols are tied to its label: rows, what stands in them, and their boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; y grows downwards."""
BRACKETS = {"(": ")", "[": "]", r"\{": r"\}"}
RELATIONS = frozenset(("=", "<", ">", r"\leq", r"\geq", r"\neq", r"\rightarrow", r"\in"))
_MARKS = frozenset(("}", "]", "_", "^", r"\limits"))


@dataclass(slots=True, eq=False)
class InkSpan:
    """A stretch of the label with its ink: symbols `first` to `last` and tokens `start` to `stop`, ends excluded."""

    first: int
    last: int
    start: int
    stop: int
    box: Box


@dataclass(slots=True, eq=False)
class InkItem(InkSpan):
    """What stands in a row: a `leaf`, a `frac`, a `root`, or `scripts` at a base."""

    kind: str
    token: str
    """Of the leaf, the construct, or the base."""
    mark: Box
    """Of the leaf, the bar of the fraction or the sign of the root alone."""
    slots: dict[str, InkRow]
    base: InkItem | None = None
    up: InkRow | InkItem | None = None

    def __post_init__(self) -> None:
        """Let the rows in it, and its base, know where they are."""
        for row in self.slots.values():
            row.up = self
        if self.base is not None:
            self.base.up = self


@dataclass(slots=True, eq=False)
class InkRow(InkSpan):
    """Items from left to right, written of one size along one line."""

    kind: str
    """`line` for a whole expression, else the place: num, den, rad, idx, sub, sup, under, over."""
    items: list[InkItem]
    up: InkItem | None = None
    number: int = -1
    """Among all rows of a library."""
    size: float = 1.0
    axis: float = 0.0
    children: list[InkRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Let the items know where they are, and gather the rows in them."""
        for item in self.items:
            item.up = self
            for part in (item, item.base):
                self.children += part.slots.values() if part else ()


class NoTree(Exception):
    """The label is not of the plain kind that ink has."""


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box around all."""
    left, top, right, bottom = zip(*boxes)
    return min(left), min(top), max(right), max(bottom)


class Reader:
    """Reads one label with its ink to a tree."""

    def __init__(self, tokens: Sequence[str], first: Callable[[int], int], boxes: Sequence[Box], offset: int) -> None:
        """`first(t)` numbers the first symbol of token `t` or after; `boxes[s - offset]` is the box of symbol `s`."""
        self.tokens, self.first, self.boxes, self.offset = tokens, first, boxes, offset

    def read(self) -> InkRow:
        """The tree. Raises NoTree."""
        row, stop = self._row(0, "line")
        if stop != len(self.tokens):
            raise NoTree
        return row

    def _span(self, start: int, stop: int) -> tuple[int, int, int, int, Box]:
        first, last = self.first(start), self.first(stop)
        if first == last:
            raise NoTree
        return first, last, start, stop, union(self.boxes[first - self.offset : last - self.offset])

    def _row(self, start: int, kind: str) -> tuple[InkRow, int]:
        items, t = [], start
        while t < len(self.tokens) and (self.tokens[t] not in _MARKS or (kind != "idx" and self.tokens[t] == "]")):
            item, t = self._item(t)
            items.append(item)
        return InkRow(*self._span(start, t), kind, items), t

    def _item(self, start: int) -> tuple[InkItem, int]:
        token = self.tokens[start]
        kind, slots, t = "leaf", {}, start + 1
        if token == r"\frac":
            kind = "frac"
            for name in ("num", "den"):
                slots[name], t = self._group(t, name, "{", "}")
        elif token == r"\sqrt":
            kind = "root"
            if self._at(t) == "[":
                slots["idx"], t = self._group(t, "idx", "[", "]")
            slots["rad"], t = self._group(t, "rad", "{", "}")
        elif token in ("{", *_MARKS - {"]"}):
            raise NoTree
        mark = self.boxes[self.first(start) - self.offset]
        item = InkItem(*self._span(start, t), kind, token, mark, slots)
        return self._scripted(item, t) if self._at(t) in (r"\limits", "_", "^") else (item, t)

    def _scripted(self, base: InkItem, t: int) -> tuple[InkItem, int]:
        limits = self._at(t) == r"\limits"
        t += limits
        slots: dict[str, InkRow] = {}
        while (mark := self._at(t)) in ("_", "^"):
            name = {"_": ("sub", "under"), "^": ("sup", "over")}[mark][limits]
            if name in slots:
                raise NoTree
            slots[name], t = self._group(t + 1, name, "{", "}")
        return InkItem(*self._span(base.start, t), "scripts", base.token, base.mark, slots, base), t

    def _group(self, t: int, kind: str, opening: str, closing: str) -> tuple[InkRow, int]:
        if self._at(t) != opening:
            raise NoTree
        row, t = self._row(t + 1, kind)
        if self._at(t) != closing:
            raise NoTree
        return row, t + 1

    def _at(self, t: int) -> str:
        return self.tokens[t] if t < len(self.tokens) else ""


def pairs(row: InkRow) -> list[tuple[int, int]]:
    """Items that are matching brackets, inner ones first."""
    found, open_ = [], []
    for i, item in enumerate(row.items):
        leaf = item if item.kind == "leaf" else item.base
        if leaf is None or leaf.kind != "leaf":
            continue
        if item.kind == "leaf" and leaf.token in BRACKETS:
            open_.append(i)
        elif open_ and BRACKETS[row.items[open_[-1]].token] == leaf.token:
            found.append((open_.pop(), i))
    return found


def is_plausible(row: InkRow) -> bool:
    """Whether everything in the row stands where its label says; some ink is tied to its label the wrong way."""
    across = [_middle((item.base or item).box)[0] for item in row.items]
    if any(right < left for left, right in pairwise(across)):
        return False
    return all(_is_in_place(item) for item in row.items) and all(is_plausible(child) for child in row.children)


def _is_in_place(item: InkItem) -> bool:
    if item.kind == "frac":
        above, below = item.slots["num"].box, item.slots["den"].box
        beside = any(box[2] < item.mark[0] or box[0] > item.mark[2] for box in (above, below))
        return not beside and _middle(above)[1] < _middle(item.mark)[1] < _middle(below)[1]
    if item.base is None:
        return True
    x, y = _middle(item.base.box)
    for name, slot in item.slots.items():
        fits = slot.box[3] > y if name in ("sub", "under") else _middle(slot.box)[1] < y
        if not fits or (name in ("sub", "sup") and _middle(slot.box)[0] < x):
            return False
    return _is_in_place(item.base)


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
