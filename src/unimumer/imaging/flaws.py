"""What about a picture makes its reading doubtful, for the person who sent it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from unimumer.imaging.border import is_tight
from unimumer.imaging.scale import INK, symbol_size
from unimumer.imaging.turn import slope

_GAP = 0.5
"""Height of the blank strip between two expressions, in typical symbols, at least."""
_ALONG = 0.4
"""Part of the width of all ink that each of them takes, at least; a limit under a sum takes less."""
_FEWEST = 4
"""Components of each of them, at least, and of writing that has a direction."""
_DARK = 256 - INK
"""Ink from which on it is dark enough to be part of a symbol, as `symbol_size` sees it."""
_SMALL = 9.0
"""Side of a typical symbol, in pixels, below which little is left to be read."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing about a picture, or about what a model answered to it, that makes the reading doubtful."""

    kind: Literal["several", "turned", "cut", "small", "incomplete", "malformed", "uncalibrated"]
    text: str
    """A whole sentence: what it is and what to do."""

    def __str__(self) -> str:
        """The sentence."""
        return self.text


SEVERAL = Flaw("several", "There are several expressions below each other; send one at a time.")
TURNED = Flaw("turned", "The writing is turned; turn the picture upright.")
UPRIGHT = Flaw("turned", "The writing was turned; it was set upright before it was read.")
CUT = Flaw("cut", "Ink reaches the border of the picture; something may be cut off, or belong to another line.")
SMALL = Flaw("small", "The writing is very small; send a larger picture.")


def flaws(ink: NDArray[np.uint8]) -> tuple[Flaw, ...]:
    """What makes the reading of a picture doubtful whose ink is [h, w], as `inked` finds it; nothing without ink."""
    if not (ink >= _DARK).any():
        return ()
    size = symbol_size(255 - ink)
    found = cv2.connectedComponentsWithStats(np.asarray(ink >= _DARK, np.uint8), connectivity=8)
    boxes = np.asarray(found[2], np.int32)
    checks = (
        (SEVERAL, _is_several(boxes[1:], size)),
        (TURNED, len(boxes) > _FEWEST and slope(ink) != 0),
        (CUT, _is_cut(ink) and not is_tight(boxes, ink.shape)),
        (SMALL, size < _SMALL),
    )
    return tuple(flaw for flaw, present in checks if present)


def _is_several(boxes: NDArray[np.int32], size: float) -> bool:
    """Whether the ink lies in rows that are blank between, each long and of several symbols, none a fraction's part."""
    left, top, width, height = boxes[:, :4].T
    order = np.argsort(top)
    bottom = np.maximum.accumulate((top + height)[order])
    starts = np.flatnonzero(top[order][1:] - bottom[:-1] > _GAP * size) + 1
    rows = [row for row in np.split(order, starts) if len(row) >= _FEWEST]
    extents = [int((left + width)[row].max() - left[row].min()) for row in rows]
    if len(rows) < 2 or min(sorted(extents)[-2:]) < _ALONG * np.ptp(np.concatenate([left, left + width])):
        return False
    bars = (width > 4 * height) & (width > 0.5 * sorted(extents)[-2])
    return not bars.any()


def _is_cut(ink: NDArray[np.uint8]) -> bool:
    """Whether dark ink lies on the border of the picture."""
    return bool(np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]]).max() > 127)
