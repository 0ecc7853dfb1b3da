"""Composes new expressions of written ones: grafts into their slots, pieces cut out of them, rows joined by a sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from unimumer.compose.arrange import Arrangement, InkPiece, cut, joined, unmoved
from unimumer.compose.formulas import FormulaPool, WeightedPool
from unimumer.compose.layout import Layouts
from unimumer.compose.library import Expression, Library
from unimumer.compose.tree import BRACKETS, RELATIONS, InkRow, pairs

MIX: Mapping[str, float] = {
    "real": 0.12,
    "exchanged": 0.13,
    "grafted": 0.15,
    "joined": 0.05,
    "cut": 0.05,
    "lone": 0.04,  # without single symbols a model that reads formulas takes a neat 5 for a y
    "laid_out": 0.5,
}
"""Shares of the kinds of training expressions. All but those `UNCHANGED` also have symbols exchanged."""
UNCHANGED = frozenset(("real", "lone", "laid_out"))
"""Kinds whose symbols stay: they hold the language of mathematics, or are drawn evenly as it is."""
MAX_TOKENS = 90
_WIDEST, _TALLEST = 43.0, 7.5
"""Largest composition, in typical symbol sizes; drawn at the usual scale it fills the largest picture."""
_BIG = ("num", "den", "rad", "bracket", "side")
_SMALL = ("sub", "sup")
_OPERATORS = frozenset(("+", "-", r"\times", r"\div", r"\pm", r"\cdot", ","))
_ANY_SLOT = 0.3
"""Share of grafts whose donor is of another kind of slot of the same size, as a numerator under a root."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Items `start` to `stop` of a row of an expression: what can be cut out, or give way to something else."""

    expression: Expression
    row: InkRow
    start: int
    stop: int
    kind: str

    def piece(self) -> InkPiece:
        """Its items as they are."""
        return cut(self.expression.tokens, self.row, self.start, self.stop)

    @property
    def ink(self) -> tuple[int, int]:
        """Its symbols, from the first to before the last."""
        return self.row.items[self.start].first, self.row.items[self.stop - 1].last

    @property
    def length(self) -> float:
        """The natural log of its number of symbols, and half a symbol."""
        first, last = self.ink
        return float(np.log(last - first + 0.5))


@dataclass(frozen=True, slots=True)
class _Sign:
    """A relation or operator between two items of a row: one symbol, and its distances to them, in row sizes."""

    piece: InkPiece
    before: float
    after: float


class Composer:
    """Makes pieces of the expressions of a library."""

    def __init__(
        self, library: Library, mix: Mapping[str, float], longest: int, formulas: FormulaPool, layouts: Layouts
    ) -> None:
        """`longest` is the largest number of label tokens of what is composed, `formulas` what `layouts` lays out."""
        self.longest, self.formulas, self.layouts = longest, formulas, layouts
        tied = [e for e in library.expressions if e.tree is not None]
        weights = _weights(tied)
        self.slots = {e.member: list(_slots(e)) for e in tied}
        by_kind: dict[str, list[Slot]] = {}
        for slot in (slot for slots in self.slots.values() for slot in slots):
            if slot.row.items[slot.stop - 1].stop - slot.row.items[slot.start].start <= longest:
                by_kind.setdefault(slot.kind, []).append(slot)
        self.donors = {
            kind: WeightedPool(slots, [weights[slot.expression.member] for slot in slots])
            for kind, slots in by_kind.items()
        }
        self.real = [e for e in library.expressions if len(e.tokens) <= longest]
        known = [e for e in self.real if e.tree is not None]
        self.tied = WeightedPool(known, [weights[e.member] for e in known])
        self.signs = [sign for e in tied for sign in _signs(e)]
        self.lone = _lone_symbols(library)
        self.cuts = [kind for kind in (*_BIG, "side") if kind in self.donors]
        possible = {
            "real": True,
            "exchanged": bool(known),
            "grafted": bool(known),
            "joined": "side" in self.donors and bool(self.signs),
            "cut": bool(self.cuts),
            "lone": bool(self.lone.things),
            "laid_out": bool(len(formulas)),
        }
        kinds = [kind for kind in mix if possible[kind]]
        self.kinds = WeightedPool(kinds, [mix[kind] for kind in kinds])

    def compose(self, random: np.random.Generator) -> tuple[str, InkPiece]:
        """A piece, and the kind that it is of."""
        kind = self.kinds.draw(random)
        for _ in range(6):
            found: InkPiece | None = getattr(self, f"_{kind}")(random)
            if found and self._fits(found):
                return kind, found
        return "real", self._real(random)

    def _fits(self, piece: InkPiece) -> bool:
        left, top, right, bottom = piece.box
        small = right - left < _WIDEST * piece.size and bottom - top < _TALLEST * piece.size
        return small and len(piece.tokens) <= self.longest

    def _real(self, random: np.random.Generator) -> InkPiece:
        return whole(self.real[int(random.integers(len(self.real)))])

    def _lone(self, random: np.random.Generator) -> InkPiece:
        token, symbol = self.lone.draw(random)
        return _alone([token], symbol, symbol + 1)

    def _laid_out(self, random: np.random.Generator) -> InkPiece | None:
        drawn = self.formulas.draw(random)
        return self.layouts.lay_out(*drawn) if drawn else None

    def _exchanged(self, random: np.random.Generator) -> InkPiece:
        return whole(self.tied.draw(random))

    def _grafted(self, random: np.random.Generator) -> InkPiece | None:
        """One to three slots, none within another, get new contents."""
        expression = self.tied.draw(random)
        slots = self.slots[expression.member]
        if not slots:
            return None
        chosen: list[Slot] = []
        for i in random.permutation(len(slots))[: 1 + int(random.integers(3))].tolist():
            if not any(_overlap(slots[i], other) for other in chosen):
                chosen.append(slots[i])
        assert expression.tree is not None
        return self._grafts(chosen, random).row(expression.tree)

    def _grafts(self, slots: list[Slot], random: np.random.Generator) -> Arrangement:
        """Their expression with new contents in some slots of it."""
        edits: dict[InkRow, list[tuple[int, int, InkPiece]]] = {}
        for slot in sorted(slots, key=lambda slot: slot.start):
            donor = self._donor(slot, random)
            edits.setdefault(slot.row, []).append((slot.start, slot.stop, donor.piece()))
        return Arrangement(slots[0].expression.tokens, edits)

    def _donor(self, slot: Slot, random: np.random.Generator) -> Slot:
        """Of the same kind, mostly; of four the one whose length is closest to about that of the slot."""
        kind = slot.kind
        kin = next((kinds for kinds in (_BIG, _SMALL) if kind in kinds), None)
        if kin and random.random() < _ANY_SLOT:
            kind = kin[int(random.integers(len(kin)))]
        pool = self.donors.get(kind) or self.donors[slot.kind]
        wanted = slot.length + random.normal(0.15, 0.6)
        return min((pool.draw(random) for _ in range(4)), key=lambda donor: abs(donor.length - wanted))

    def _cut(self, random: np.random.Generator) -> InkPiece | None:
        slot = self.donors[self.cuts[int(random.integers(len(self.cuts)))]].draw(random)
        first, last = slot.ink
        return None if last - first < 2 and random.random() < 0.8 else slot.piece()

    def _joined(self, random: np.random.Generator) -> InkPiece | None:
        """Two or three pieces with a sign between; each as large as the first."""
        made = self._side(random)
        for _ in range(1 + int(random.random() < 0.25)):
            other, sign = self._side(random), self.signs[int(random.random() * len(self.signs))]
            if other.tokens[0] in ("+", "-", r"\pm") and sign.piece.tokens[0] in _OPERATORS:
                return None
            made = _with_sign(made, sign, other)
        return made

    def _side(self, random: np.random.Generator) -> InkPiece:
        """A side of a relation, as written or with a graft in it."""
        slot = self.donors["side"].draw(random)
        inner = [s for s in self.slots[slot.expression.member] if s.row is not slot.row and _within(s, slot)]
        if not inner or random.random() < 0.5:
            return slot.piece()
        grafted = self._grafts([inner[int(random.integers(len(inner)))]], random)
        return grafted.items(slot.row, slot.start, slot.stop)


def whole(expression: Expression) -> InkPiece:
    """An expression as it was written."""
    if expression.tree is not None:
        return cut(expression.tokens, expression.tree, 0, len(expression.tree.items))
    return _alone(expression.tokens, expression.first, expression.last)


def _alone(tokens: list[str], first: int, last: int) -> InkPiece:
    """Symbols of the library as they were written, in a row of their own."""
    return InkPiece(tokens, [unmoved(first, last)], (0.0, 0.0, 0.0, 0.0), 1.0, 0.0)


def _lone_symbols(library: Library) -> WeightedPool[tuple[str, int]]:
    """Symbols that are a label by themselves, rare classes more often than they are written (square root)."""
    usable = library.single & (library.symbol_class >= 0)
    usable &= ~np.isin(library.symbol_class, [i for i, name in enumerate(library.classes) if name == r"\sqrt"])
    symbols = np.flatnonzero(usable)
    classes = library.symbol_class[symbols]
    weights = 1 / np.sqrt(np.bincount(classes)[classes])
    return WeightedPool([(library.classes[c], s) for c, s in zip(classes.tolist(), symbols.tolist())], weights)


def _with_sign(left: InkPiece, sign: _Sign, right: InkPiece) -> InkPiece:
    """`left`, the sign and `right` on one line, of one size."""
    placed = [left]
    for piece, gap in ((sign.piece, sign.before), (right, sign.after)):
        scale = left.size / piece.size
        x = placed[-1].box[2] + gap * left.size - scale * piece.box[0]
        placed.append(piece.moved(scale, x, left.axis - scale * piece.axis))
    return joined(placed, left.size, left.axis)


def _weights(expressions: Sequence[Expression]) -> dict[int, float]:
    """By member: labels that many have written count less each, rare symbols and constructs more."""
    copies = Counter(" ".join(e.tokens) for e in expressions)
    number = Counter(token for e in expressions for token in set(e.tokens))
    usual = len(expressions) / 25
    return {
        e.member: min(max(1.0, (usual / min(number[t] for t in e.tokens)) ** 0.5), 5.0)
        / copies[" ".join(e.tokens)] ** 0.5
        for e in expressions
    }


def _slots(expression: Expression) -> Iterator[Slot]:
    """All that can be exchanged for something else; an expression without a relation counts as a side itself."""
    assert expression.tree is not None
    rows = [expression.tree]
    while rows:
        row = rows.pop()
        rows += row.children
        spans = [(a + 1, b, "bracket") for a, b in pairs(row) if b > a + 1]
        if row.kind == "line":
            at = [i for i, item in enumerate(row.items) if item.kind == "leaf" and item.token in RELATIONS]
            spans += [(a + 1, b, "side") for a, b in zip([-1, *at], [*at, len(row.items)]) if b > a + 1]
        elif row.kind != "idx":
            spans.append((0, len(row.items), row.kind))
        yield from (Slot(expression, row, *span) for span in spans if _balanced(row, *span[:2]))


def _balanced(row: InkRow, start: int, stop: int) -> bool:
    """Whether every bracket among the items has its partner there."""
    inside = [item.token for item in row.items[start:stop]]
    matched = sum(start <= a and b < stop for a, b in pairs(row))
    return sum(token in BRACKETS or token in BRACKETS.values() for token in inside) == 2 * matched


def _signs(expression: Expression) -> Iterator[_Sign]:
    assert expression.tree is not None
    row = expression.tree
    for i, (before, item, after) in enumerate(zip(row.items, row.items[1:], row.items[2:]), 1):
        if item.kind == "leaf" and (item.token in RELATIONS or item.token in _OPERATORS):
            gaps = ((item.box[0] - before.box[2]) / row.size, (after.box[0] - item.box[2]) / row.size)
            yield _Sign(cut(expression.tokens, row, i, i + 1), *(min(max(gap, 0.1), 1.2) for gap in gaps))


def _within(slot: Slot, other: Slot) -> bool:
    """Whether all symbols of `slot` belong to `other`, of the same expression."""
    return other.ink[0] <= slot.ink[0] and slot.ink[1] <= other.ink[1]


def _overlap(slot: Slot, other: Slot) -> bool:
    return slot.ink[0] < other.ink[1] and other.ink[0] < slot.ink[1]
