"""What ink is: strokes, the symbols they form, and the layout of those symbols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unimumer.errors import UnimumerError

Stroke = NDArray[np.float32]
"""Points of one pen-down movement, [n, 2] as (x, y), n >= 1, y growing downwards, in the device's units."""


class InkError(UnimumerError):
    """Ink that cannot be read; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One written symbol: its name in the ground truth and the strokes that form it."""

    name: str
    """As annotated, mostly LaTeX (`x`, `\\sum`, `\\frac` is written `-`)."""
    strokes: tuple[int, ...]
    """Indices into `Ink.strokes`."""
    node_id: str
    """`MathNode.id` of the leaf or construct it belongs to; empty when the file does not say."""


@dataclass(frozen=True, slots=True)
class MathNode:
    """One element of the presentation MathML that an InkML file carries."""

    tag: str
    """Local name without a namespace: `mrow`, `mi`, `msup`, `mfrac`, …"""
    id: str = ""
    text: str = ""
    children: tuple[MathNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Ink:
    """One handwritten expression."""

    id: str
    """The file's stem, unique across the CROHME collections."""
    strokes: tuple[Stroke, ...]
    symbols: tuple[Symbol, ...] = ()
    layout: MathNode | None = None
    """The MathML truth, `math` element included, or None."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    """Top-level annotations by type: `truth` (TeX as the collection wrote it), `writer`, `UI`, …"""
