"""Pieces of a formula while it is put together: sizes in em, y up from the baseline, parts placed in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from unimumer.typeset.font import Glyph, glyph

Shape: TypeAlias = "Glyph | Literal['rule', 'rising', 'falling']"


NOTHING = float("-inf")


@dataclass(slots=True)
class Piece:
    """A shape, or parts at places; one that is empty yet has no height."""

    width: float = 0
    """The advance."""
    ascent: float = NOTHING
    descent: float = NOTHING
    """Positive below the baseline."""
    shape: Shape | None = None
    """Drawn `size` em large for `token`."""
    size: float = 1
    token: int = -1
    parts: list[tuple[float, float, Piece]] = field(default_factory=list)

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


def put_together(*parts: tuple[Piece, float, float], width: float | None = None) -> Piece:
    """Parts, each with its x and how far its baseline is raised; as wide as they are, or as is said."""
    piece = Piece()
    for part in parts:
        piece.put(*part)
    piece.width = piece.width if width is None else width
    return piece


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
    piece = Piece()
    for character in text:
        part = drawn(glyph(character), size, token)
        piece.put(part, piece.width)
    return finished(piece)
