"""Pieces of a formula while it is put together: sizes in em, y up from the baseline, parts placed in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from unimumer.typeset.font import Glyph, glyph

Shape: TypeAlias = "Glyph | Literal['rule', 'rising', 'falling']"


class Piece:
    """A shape, or parts at places; `width` is the advance."""

    __slots__ = ("ascent", "descent", "parts", "shape", "size", "token", "width")

    def __init__(
        self, width: float, ascent: float, descent: float, shape: Shape | None = None, size: float = 1, token: int = -1
    ) -> None:
        """`descent` is positive below the baseline; a shape is drawn `size` em large for `token`."""
        self.width = width
        self.ascent = ascent
        self.descent = descent
        self.parts: list[tuple[float, float, Piece]] = []
        self.shape = shape
        self.size = size
        self.token = token

    @property
    def slant(self) -> float:
        """How far a superscript moves to the right."""
        return self.shape.slant * self.size if isinstance(self.shape, Glyph) else 0

    def put(self, part: Piece, x: float, y: float = 0) -> None:
        """Place a part, its baseline raised by `y`, and grow to hold it."""
        self.parts.append((x, y, part))
        self.width = max(self.width, x + part.width)
        self.ascent = max(self.ascent, y + part.ascent)
        self.descent = max(self.descent, part.descent - y)

    def placed(self, x: float = 0, y: float = 0) -> Iterator[tuple[float, float, Piece]]:
        """All pieces with a shape, and where they come to stand."""
        if self.shape is not None:
            yield x, y, self
        for dx, dy, part in self.parts:
            yield from part.placed(x + dx, y + dy)


NOTHING = float("-inf")


def empty() -> Piece:
    """A piece that is to be filled."""
    return Piece(0, NOTHING, NOTHING)


def finished(piece: Piece) -> Piece:
    """A piece that may have stayed empty, with sizes one can reckon with."""
    if piece.ascent == NOTHING:
        piece.ascent = piece.descent = 0
    return piece


def drawn(shape: Glyph, size: float, token: int) -> Piece:
    """One glyph on the baseline."""
    return Piece(shape.advance * size, shape.top * size, -shape.bottom * size, shape, size, token)


def rule(width: float, ascent: float, descent: float, token: int) -> Piece:
    """A filled rectangle."""
    return Piece(width, ascent, descent, "rule", 1, token)


def word(text: str, size: float, token: int) -> Piece:
    """Upright characters of one token side by side."""
    piece = empty()
    for character in text:
        part = drawn(glyph(character), size, token)
        piece.put(part, piece.width)
    return finished(piece)
