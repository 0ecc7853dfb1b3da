"""Composes new expressions of written ones: grafts into their slots, pieces cut out of them, rows joined by a sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from unimumer.compose.arrange import Arrangement, Edits, InkPiece, as_is, cut, joined, unmoved
from unimumer.compose.formulas import FormulaPool, WeightedPool
from unimumer.compose.layout import Layouts
from unimumer.compose.library import Expression, Library
from unimumer.compose.tree import BRACKETS, RELATIONS, InkRow, pairs


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of the kinds of training expressions. All but those `UNCHANGED` also have symbols exchanged."""

    real: float = 0.12
    exchanged: float = 0.13
    grafted: float = 0.15
    joined: float = 0.05
    cut: float = 0.05
    lone: float = 0.04
    """A single symbol as the whole expression; without these a model that reads formulas takes a neat 5 for a y."""
    laid_out: float = 0.5

    @property
    def shares(self) -> dict[str, float]:
        """By kind, summing to one."""
        parts = asdict(self)
        total = sum(parts.values())
        return {kind: part / total for kind, part in parts.items()}


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
    symbols: int
    tokens: int

    def piece(self) -> InkPiece:
        """Its items as they are."""
        return cut(self.expression.tokens, self.row, self.start, self.stop)

    @property
    def ink(self) -> tuple[int, int]:
        """Its symbols, from the first to before the last."""
        return self.row.items[self.start].first, self.row.items[self.stop - 1].last


@dataclass(frozen=True, slots=True)
class _Sign:
    """A relation or operator between two items of a row: one symbol, and its distances to them, in row sizes."""

    piece: InkPiece
    before: float
    after: float


class Composer:
    """Makes pieces of the expressions of a library."""

    def __init__(
        self,
        library: Library,
        mix: Mix | None = None,
        longest: int = MAX_TOKENS,
        formulas: FormulaPool | None = None,
        layouts: Layouts | None = None,
    ) -> None:
        """`longest` is the largest number of label tokens of what is composed, `formulas` what `layouts` lays out."""
        self.mix, self.longest, self.formulas, self.layouts = mix or Mix(), longest, formulas, layouts
        tied = [e for e in library.expressions if e.tree is not None]
        self.weights = _weights(tied)
        self.slots = {e.member: _slots(e) for e in tied}
        short = [slot for slots in self.slots.values() for slot in slots if slot.tokens <= longest]
        self.donors: dict[str, WeightedPool[Slot]] = {}
        for kind in {slot.kind for slot in short}:
            of_kind = [slot for slot in short if slot.kind == kind]
            self.donors[kind] = WeightedPool(of_kind, [self.weights[slot.expression.member] for slot in of_kind])
        self.real = [e for e in library.expressions if len(e.tokens) <= longest]
        known = [e for e in self.real if e.tree is not None]
        self.tied = WeightedPool(known, [self.weights[e.member] for e in known])
        signs = [sign for e in tied for sign in _signs(e)]
        self.signs = WeightedPool(signs, [1.0] * len(signs))
        self.lone = _lone_symbols(library)
        possible = {"real": True, "lone": bool(len(self.lone.things)), "laid_out": bool(formulas and layouts)}
        kinds = [kind for kind in self.mix.shares if possible.get(kind, bool(known))]
        self.kinds = WeightedPool(kinds, [self.mix.shares[kind] for kind in kinds])

    def compose(self, random: np.random.Generator) -> tuple[str, InkPiece, int]:
        """Kind, piece, and the expression of the corpus that it was made of (the first of several)."""
        kind = self.kinds.draw(random)
        make = getattr(self, f"_{kind}")
        for _ in range(6):
            found: tuple[InkPiece, int] | None = make(random)
            if found and self._fits(found[0]):
                return kind, *found
        return "real", *self._real(random)

    def _fits(self, piece: InkPiece) -> bool:
        left, top, right, bottom = piece.box
        small = right - left < _WIDEST * piece.size and bottom - top < _TALLEST * piece.size
        return small and len(piece.tokens) <= self.longest

    def _real(self, random: np.random.Generator) -> tuple[InkPiece, int]:
        expression = self.real[int(random.integers(len(self.real)))]
        return whole(expression), expression.member

    def _lone(self, random: np.random.Generator) -> tuple[InkPiece, int]:
        """One symbol by itself; it is made of no expression in particular."""
        token, symbol = self.lone.draw(random)
        return _alone([token], symbol, symbol + 1), -1

    def _laid_out(self, random: np.random.Generator) -> tuple[InkPiece, int] | None:
        """A formula in real ink; it is made of no expression in particular."""
        assert self.formulas is not None and self.layouts is not None
        drawn = self.formulas.draw(random)
        piece = self.layouts.lay_out(*drawn) if drawn else None
        return (piece, -1) if piece else None

    def _exchanged(self, random: np.random.Generator) -> tuple[InkPiece, int]:
        expression = self.tied.draw(random)
        return whole(expression), expression.member

    def _grafted(self, random: np.random.Generator) -> tuple[InkPiece, int] | None:
        expression = self.tied.draw(random)
        slots = self.slots[expression.member]
        if not slots:
            return None
        return self._graft(expression, slots, random), expression.member

    def _graft(self, expression: Expression, slots: list[Slot], random: np.random.Generator) -> InkPiece:
        """One to three slots, none within another, get new contents."""
        chosen: list[Slot] = []
        for i in random.permutation(len(slots))[: 1 + int(random.integers(3))].tolist():
            if not any(_overlap(slots[i], other) for other in chosen):
                chosen.append(slots[i])
        edits: Edits = {}
        for slot in sorted(chosen, key=lambda slot: slot.start):
            donor = self._donor(slot, random)
            piece = donor.piece()
            edits.setdefault(slot.row, []).append((slot.start, slot.stop, piece))
        assert expression.tree is not None
        return Arrangement(expression.tokens, edits).row(expression.tree)

    def _donor(self, slot: Slot, random: np.random.Generator) -> Slot:
        """Of the same kind, mostly; of four the one whose length is closest to about that of the slot."""
        kind = slot.kind
        kin = next((kinds for kinds in (_BIG, _SMALL) if kind in kinds), None)
        if kin and random.random() < _ANY_SLOT:
            kind = kin[int(random.integers(len(kin)))]
        pool = self.donors.get(kind) or self.donors[slot.kind]
        wanted = np.log(slot.symbols + 0.5) + random.normal(0.15, 0.6)
        four = [pool.draw(random) for _ in range(4)]
        return min(four, key=lambda s: abs(np.log(s.symbols + 0.5) - wanted))

    def _cut(self, random: np.random.Generator) -> tuple[InkPiece, int] | None:
        kinds = [kind for kind in (*_BIG, "side") if kind in self.donors]
        if not kinds:
            return None
        pool = self.donors[kinds[int(random.integers(len(kinds)))]]
        slot = pool.draw(random)
        if slot.symbols < 2 and random.random() < 0.8:
            return None
        return slot.piece(), slot.expression.member

    def _joined(self, random: np.random.Generator) -> tuple[InkPiece, int] | None:
        """Two or three pieces with a sign between; each as large as the first."""
        if not len(self.signs.things):
            return None
        made = self._side(random)
        for _ in range(1 + int(random.random() < 0.25)):
            other = self._side(random)
            if not made or not other:
                return None
            sign = self.signs.draw(random)
            if other[0].tokens[0] in ("+", "-", r"\pm") and sign.piece.tokens[0] in _OPERATORS:
                return None
            made = _with_sign(made[0], sign, other[0]), made[1]
        return made

    def _side(self, random: np.random.Generator) -> tuple[InkPiece, int] | None:
        """A side of a relation, as written or with a graft in it."""
        pool = self.donors.get("side")
        if not pool:
            return None
        slot = pool.draw(random)
        expression, row = slot.expression, slot.row
        inner = [s for s in self.slots[expression.member] if s.row is not row and _within(s, slot)]
        if not inner or random.random() < 0.5:
            return slot.piece(), expression.member
        chosen = inner[int(random.integers(len(inner)))]
        donor = self._donor(chosen, random)
        piece = donor.piece()
        arrangement = Arrangement(expression.tokens, {chosen.row: [(chosen.start, chosen.stop, piece)]})
        return arrangement.items(row, slot.start, slot.stop), expression.member


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
    return WeightedPool([(library.classes[c], s) for c, s in zip(classes.tolist(), symbols.tolist())], weights.tolist())


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


def _slots(expression: Expression) -> list[Slot]:
    """All that can be exchanged for something else; an expression without a relation counts as a side itself."""
    assert expression.tree is not None
    found, rows = [], [expression.tree]
    while rows:
        row = rows.pop()
        rows += row.children
        spans = [(a + 1, b, "bracket") for a, b in pairs(row) if b > a + 1]
        if row.kind == "line":
            at = [i for i, item in enumerate(row.items) if item.kind == "leaf" and item.token in RELATIONS]
            spans += [(a + 1, b, "side") for a, b in zip([-1, *at], [*at, len(row.items)]) if b > a + 1]
        elif row.kind != "idx":
            spans.append((0, len(row.items), row.kind))
        for start, stop, kind in spans:
            if _balanced(row, start, stop):
                first, last = row.items[start], row.items[stop - 1]
                length = last.last - first.first, last.stop - first.start
                found.append(Slot(expression, row, start, stop, kind, *length))
    return found


def _balanced(row: InkRow, start: int, stop: int) -> bool:
    """Whether every bracket among the items has its partner there."""
    inside = [item.token for item in row.items[start:stop]]
    matched = sum(start <= a and b < stop for a, b in pairs(row))
    return sum(token in BRACKETS or token in BRACKETS.values() for token in inside) == 2 * matched


def _signs(expression: Expression) -> list[_Sign]:
    assert expression.tree is not None
    row, found = expression.tree, []
    for before, item, after in zip(row.items, row.items[1:], row.items[2:]):
        if item.kind == "leaf" and (item.token in RELATIONS or item.token in _OPERATORS):
            gaps = ((item.box[0] - before.box[2]) / row.size, (after.box[0] - item.box[2]) / row.size)
            found.append(_Sign(as_is(expression.tokens, item, row), *(min(max(gap, 0.1), 1.2) for gap in gaps)))
    return found


def _within(slot: Slot, other: Slot) -> bool:
    """Whether all symbols of `slot` belong to `other`, of the same expression."""
    return other.ink[0] <= slot.ink[0] and slot.ink[1] <= other.ink[1]


def _overlap(slot: Slot, other: Slot) -> bool:
    return slot.ink[0] < other.ink[1] and other.ink[0] < slot.ink[1]
