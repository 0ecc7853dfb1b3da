"""Draws an expression the way datasets have it: black on white, its symbols of one typical size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unimumer.ink.model import Ink
from unimumer.ink.raster import draw
from unimumer.ink.size import typical_size

SYMBOL_SIZE = 48
"""Larger side of a typical symbol, in pixels."""
PEN = 3.0
"""Width of the line, in pixels."""
MARGIN = 16
"""White border, in pixels."""
MAX_SIDE = 2000
"""Longest side of a picture, in pixels; longer ink is drawn smaller."""


def picture(ink: Ink) -> NDArray[np.uint8]:
    """Draw ink as a gray picture [height, width], at most `MAX_SIDE` a side.

    Raises InkError when there is nothing to draw.
    """
    extent = float(np.ptp(np.concatenate(ink.strokes), axis=0).max()) if ink.strokes else 0.0
    scale = SYMBOL_SIZE / (typical_size(ink) or extent or 1.0)
    scale = min(scale, (MAX_SIDE - 2 * MARGIN - 2) / (extent or 1.0))
    return draw(ink.strokes, scale, PEN, MARGIN)
