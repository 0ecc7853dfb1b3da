"""Lays out an expression anew after parts of it were replaced; all relations that did not change stay as written.

Coordinates are those of the template's own ink. What grows pushes what stands to its right, lengthens its fraction
bar, stretches its radical sign and its brackets, and moves the scripts of a bracket that grew.
"""

from __future__ import annotations

from dataclasses import dataclass

from unimumer.compose.tree import Box, InkItem, InkRow, InkSpan, pairs, union

Part = tuple[int, int, float, float, float, float, float, float]
"""Symbols `first` to `last`, and where they go: x to a x + b max(x - k, 0) + c and y to d y + e, as (a, k, b, c, d, e).

`b` lengthens what lies to the right of `k`, as the bar of a radical sign.
"""


@dataclass(slots=True)
class InkPiece:
    """Placed ink with its tokens; `size` and `axis` are those of its row."""

    tokens: list[str]
    parts: list[Part]
    box: Box
    size: float
    axis: float

    def moved(self, scale: float, x: float, y: float) -> InkPiece:
        """Scaled about the origin, then shifted."""
        if scale == 1.0 and x == 0.0 and y == 0.0:
            return self
        parts = [
            (first, last, scale * a, k, scale * b, scale * c + x, scale * d, scale * e + y)
            for first, last, a, k, b, c, d, e in self.parts
        ]
        left, top, right, bottom = self.box
        box = (scale * left + x, scale * top + y, scale * right + x, scale * bottom + y)
        return InkPiece(self.tokens, parts, box, scale * self.size, scale * self.axis + y)


Edits = dict[InkRow, list[tuple[int, int, InkPiece]]]
"""By row, which items (`start` to `stop`, in order, not overlapping) give way to which piece."""


def cut(tokens: list[str], row: InkRow, start: int, stop: int) -> InkPiece:
    """Some items of a row, as they are."""
    items = row.items[start:stop]
    first, last = items[0], items[-1]
    box = union([item.box for item in items])
    parts = [unmoved(first.first, last.last)]
    return InkPiece(tokens[first.start : last.stop], parts, box, row.size, row.axis)


def joined(pieces: list[InkPiece], size: float, axis: float) -> InkPiece:
    """Placed pieces as one, their tokens in order."""
    tokens = [token for piece in pieces for token in piece.tokens]
    parts = [part for piece in pieces for part in piece.parts]
    return InkPiece(tokens, parts, union([piece.box for piece in pieces]), size, axis)


class Arrangement:
    """One template with its edits."""

    def __init__(self, tokens: list[str], edits: Edits) -> None:
        """`tokens` is the label of the template."""
        self.tokens, self.edits = tokens, edits
        self.touched: set[InkSpan] = set()
        for row in edits:
            node: InkRow | InkItem | None = row
            while node is not None and node not in self.touched:
                self.touched.add(node)
                node = node.up

    def row(self, row: InkRow) -> InkPiece:
        """The row with all changes in it."""
        return self.items(row, 0, len(row.items))

    def items(self, row: InkRow, start: int, end: int) -> InkPiece:
        """Some items of a row with all changes in them."""
        if row not in self.touched:
            return cut(self.tokens, row, start, end)
        edits = {start: (stop, piece) for start, stop, piece in self.edits.get(row, ())}
        opening = {closing: start for start, closing in pairs(row)}
        pieces: dict[int, InkPiece] = {}
        i, shift = start, 0.0
        while i < end:
            left = row.items[i].box[0] + shift
            if i in edits:
                stop, new = edits[i]
                piece = _fitted(new, row, left)
            else:
                stop, grown = i + 1, _growth(row, pieces, opening[i], i) if opening.get(i) in pieces else _SAME
                if grown != _SAME:
                    pieces[opening[i]] = _stretched(pieces[opening[i]], *grown)
                piece = self._item(row.items[i], row, grown)
                piece = piece.moved(1.0, left - piece.box[0], 0.0)
            pieces[i] = piece
            shift = piece.box[2] - union([item.box for item in row.items[i:stop]])[2]
            i = stop
        return joined(list(pieces.values()), row.size, row.axis)

    def _item(self, item: InkItem, row: InkRow, grown: tuple[float, float]) -> InkPiece:
        """An item with all changes in it, its top and bottom edge moved if it is a bracket."""
        if item not in self.touched and grown == _SAME:
            return as_is(self.tokens, item, row)
        if item.kind == "leaf":
            return _stretched(as_is(self.tokens, item, row), *grown)
        if item.kind == "frac":
            return self._fraction(item, row)
        return self._root(item, row) if item.kind == "root" else self._scripts(item, row, grown)

    def _fraction(self, item: InkItem, row: InkRow) -> InkPiece:
        """The bar is as much longer than what is longest above or below as it was."""
        bar, slots = item.mark, item.slots
        new = {name: self.row(slot) for name, slot in slots.items()}
        widest = max(_width(piece.box) for piece in new.values())
        over = _width(bar) - max(_width(slot.box) for slot in slots.values())
        length = widest + min(max(over, 0.1 * row.size), row.size)
        ratio = length / max(_width(bar), 1e-3)
        box = (bar[0], bar[1], bar[0] + length, bar[3])
        sign: Part = (item.first, item.first + 1, ratio, 0.0, 0.0, bar[0] * (1 - ratio), 1.0, 0.0)
        pieces = [InkPiece([r"\frac"], [sign], box, row.size, row.axis)]
        for (name, slot), edge in zip(slots.items(), (3, 1)):
            spare = (length - _width(new[name].box)) / 2
            off = min(max(_middle(slot.box) - _middle(bar), -spare), spare)
            x = _middle(box) + off - _middle(new[name].box)
            pieces.append(_braced(new[name].moved(1.0, x, slot.box[edge] - new[name].box[edge])))
        return joined(pieces, row.size, row.axis)

    def _root(self, item: InkItem, row: InkRow) -> InkPiece:
        """The sign is stretched to cover the radicand as it did; its hook keeps its width."""
        slot, sign = item.slots["rad"], item.mark
        new = self.row(slot)
        new = new.moved(1.0, slot.box[0] - new.box[0], 0.0)
        ahead = max(sign[2] - slot.box[0], 1e-3)
        longer = max(_width(new.box) - _width(slot.box), -0.9 * ahead)
        old = InkPiece([r"\sqrt"], [unmoved(item.first, item.first + 1)], sign, row.size, row.axis)
        up, down = new.box[1] - slot.box[1], new.box[3] - slot.box[3]
        stretched = _stretched(old, up, down)
        first, last, a, _, _, c, d, e = stretched.parts[0]
        box = (sign[0], stretched.box[1], sign[2] + longer, stretched.box[3])
        parts: list[Part] = [(first, last, a, slot.box[0], longer / ahead, c, d, e)]
        pieces = [InkPiece([r"\sqrt"], parts, box, row.size, row.axis)]
        if "idx" in item.slots:
            index = self.row(item.slots["idx"]).moved(1.0, 0.0, (up + down) / 2)
            pieces.append(InkPiece(["[", *index.tokens, "]"], index.parts, index.box, index.size, index.axis))
        return joined([*pieces, _braced(new)], row.size, row.axis)

    def _scripts(self, item: InkItem, row: InkRow, grown: tuple[float, float]) -> InkPiece:
        """Scripts keep their distance from the base; what is set above or below it keeps to its middle."""
        assert item.base is not None
        base = self._item(item.base, row, grown)
        base = base.moved(1.0, item.base.box[0] - base.box[0], 0.0)
        old, longer = item.base.box, base.box[2] - item.base.box[2]
        up, down = base.box[1] - old[1], base.box[3] - old[3]
        pieces, limits = [base], [r"\limits"] if {"under", "over"} & item.slots.keys() else []
        for name, slot in item.slots.items():
            new, low = self.row(slot), name in ("sub", "under")
            stacked = old[0] < _middle(slot.box) < old[2]
            x = longer / 2 + _middle(slot.box) - _middle(new.box) if stacked else longer + slot.box[0] - new.box[0]
            if low:  # what grew may not reach up into the line, nor down into it from above
                y = down + (slot.box[1] - new.box[1] if stacked else max(0.0, slot.box[1] - new.box[1]))
            else:
                y = up + (slot.box[3] - new.box[3] if stacked else min(0.0, slot.box[3] - new.box[3]))
            new = _braced(new.moved(1.0, x, y))
            pieces.append(InkPiece([*limits, "_" if low else "^", *new.tokens], new.parts, new.box, new.size, new.axis))
            limits = []
        return joined(pieces, row.size, row.axis)


_SAME = (0.0, 0.0)


def unmoved(first: int, last: int) -> Part:
    """Symbols where they are."""
    return first, last, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0


def as_is(tokens: list[str], span: InkSpan, row: InkRow) -> InkPiece:
    """One item of a row as it is."""
    return InkPiece(tokens[span.start : span.stop], [unmoved(span.first, span.last)], span.box, row.size, row.axis)


def _fitted(piece: InkPiece, row: InkRow, left: float) -> InkPiece:
    """Of the size of a row, on its line, from `left` on."""
    scale = row.size / piece.size
    return piece.moved(scale, left - scale * piece.box[0], row.axis - scale * piece.axis)


def _growth(row: InkRow, pieces: dict[int, InkPiece], opening: int, closing: int) -> tuple[float, float]:
    """How far the upper and the lower edge of what is between two brackets moved."""
    inner = [piece.box for i, piece in pieces.items() if opening < i < closing]
    if not inner:
        return _SAME
    new, old = union(inner), union([item.box for item in row.items[opening + 1 : closing]])
    return new[1] - old[1], new[3] - old[3]


def _stretched(piece: InkPiece, up: float, down: float) -> InkPiece:
    """One symbol whose upper and lower edge move; it keeps a least height."""
    left, top, right, bottom = piece.box
    height = max(bottom + down - top - up, 0.6 * min(piece.size, bottom - top), 1e-3)
    middle, ratio = (top + up + bottom + down) / 2, height / max(bottom - top, 1e-3)
    shift = middle - ratio * (top + bottom) / 2
    parts = [(*part[:6], ratio * part[6], ratio * part[7] + shift) for part in piece.parts]
    return InkPiece(
        piece.tokens, parts, (left, middle - height / 2, right, middle + height / 2), piece.size, piece.axis
    )


def _braced(piece: InkPiece) -> InkPiece:
    return InkPiece(["{", *piece.tokens, "}"], piece.parts, piece.box, piece.size, piece.axis)


def _width(box: Box) -> float:
    return box[2] - box[0]


def _middle(box: Box) -> float:
    return (box[0] + box[2]) / 2
