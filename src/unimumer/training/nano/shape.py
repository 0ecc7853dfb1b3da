"""The size of a Nano model and of what it sees."""

from __future__ import annotations

from dataclasses import dataclass

from unimumer.engines.pictures import Scale

SYMBOL_PIXELS = 30.0
"""Typical size of a stroke in a training picture, pixels, by `ink.picture.stroke_size`."""
MAX_ROWS, MAX_COLUMNS = 8, 48
"""Largest picture, in cells; larger ink is shrunk to fit."""
SCALE = Scale(33.6, MAX_ROWS, MAX_COLUMNS)
"""The scale at which pictures are read. `imaging.symbol_size` sees the pen's width too and is about 9 % larger than the
measure of strokes by which training pictures are drawn, so this is `SYMBOL_PIXELS` with a little to spare."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Widths and depths; everything else follows from the architecture. The default has 6 million parameters."""

    vocabulary: int
    vision_depth: int = 6
    vision_width: int = 192
    vision_heads: int = 3
    vision_hidden: int = 576
    text_depth: int = 4
    text_width: int = 256
    text_heads: int = 4
    text_kv_heads: int = 2
    text_hidden: int = 704
    rope_theta: float = 10000.0

    @property
    def head(self) -> int:
        """Width of one attention head of the text model."""
        return self.text_width // self.text_heads

    @property
    def sections(self) -> tuple[int, int, int]:
        """How many rotary frequencies turn with time, row and column; they sum to half a head."""
        spatial = self.head * 3 // 16
        return self.head // 2 - 2 * spatial, spatial, spatial
