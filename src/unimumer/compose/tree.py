"""The tree of an expression whose symbols are tied to its label: rows, what stands in them, and their boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from unimumer.latex import Fraction, Node, Radical, Row, Scripts, Symbol, parse

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; y grows downwards."""
BRACKETS = {"(": ")", "[": "]", r"\{": r"\}"}
RELATIONS = frozenset(("=", "<", ">", r"\leq", r"\geq", r"\neq", r"\rightarrow", r"\in"))


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

    def __post_init__(self) -> None:
        """Let the items know where they are."""
        for item in self.items:
            item.up = self

    @property
    def children(self) -> list[InkRow]:
        """The rows in its items."""
        parts = [part for item in self.items for part in (item, item.base) if part]
        return [row for part in parts for row in part.slots.values()]


class NoTree(Exception):
    """The label is not of the plain kind that ink has, or the ink is not where it says."""


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box around all."""
    left, top, right, bottom = zip(*boxes)
    return min(left), min(top), max(right), max(bottom)


def read_tree(label: str, first: Callable[[int], int], boxes: Sequence[Box], offset: int) -> InkRow:
    """The tree of a normalized label, whose tokens ink is tied to.

    Raises NoTree, also where the ink does not stand as the label says, and LatexError for what is no label.
    `first(t)` numbers the first symbol of token `t` or after; `boxes[s - offset]` is the box of symbol `s`.
    """
    reader = _Reader(first, boxes, offset)
    tree = reader.row(parse(label), "line", marks=0)
    if reader.at != label.count(" ") + 1 or not _is_plausible(tree):
        raise NoTree
    return tree


class _Reader:
    """Walks the nodes of a label in the order of its tokens, counting them: `at` is the next one."""

    def __init__(self, first: Callable[[int], int], boxes: Sequence[Box], offset: int) -> None:
        self.first, self.boxes, self.offset, self.at = first, boxes, offset, 0

    def row(self, nodes: Row, kind: str, marks: int = 1) -> InkRow:
        """A row, in braces, or brackets, of so many tokens."""
        self.at += marks
        start = self.at
        items = [self._item(node) for node in nodes]
        row = InkRow(*self._span(start), kind, items)
        self.at += marks
        return row

    def _span(self, start: int) -> tuple[int, int, int, int, Box]:
        first, last = self.first(start), self.first(self.at)
        if first == last:
            raise NoTree
        return first, last, start, self.at, union(self.boxes[first - self.offset : last - self.offset])

    def _item(self, node: Node) -> InkItem:
        if isinstance(node, Scripts):
            return self._scripts(node)
        start, slots = self.at, {}
        self.at += 1
        match node:
            case Symbol(token):
                kind = "leaf"
            case Fraction(r"\frac" as token, above, below):
                kind, slots = "frac", {"num": self.row(above, "num"), "den": self.row(below, "den")}
            case Radical(radicand, index):
                kind, token = "root", r"\sqrt"
                slots = {"idx": self.row(index, "idx")} if index else {}
                slots["rad"] = self.row(radicand, "rad")
            case _:
                raise NoTree
        span = self._span(start)
        return InkItem(*span, kind, token, self.boxes[span[0] - self.offset], slots)

    def _scripts(self, node: Scripts) -> InkItem:
        if node.base is None:
            raise NoTree
        start, base, slots = self.at, self._item(node.base), {}
        self.at += node.limits
        for name, row in zip(("under", "over") if node.limits else ("sub", "sup"), (node.sub, node.sup)):
            if row is not None:
                self.at += 1
                slots[name] = self.row(row, name)
        return InkItem(*self._span(start), "scripts", base.token, base.mark, slots, base)


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


def _is_plausible(row: InkRow) -> bool:
    """Whether everything in the row stands where its label says; some ink is tied to its label the wrong way."""
    across = [_middle((item.base or item).box)[0] for item in row.items]
    if any(right < left for left, right in pairwise(across)):
        return False
    return all(_is_in_place(item) for item in row.items) and all(_is_plausible(child) for child in row.children)


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
