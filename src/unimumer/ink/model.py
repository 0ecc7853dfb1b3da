"""What ink is: strokes, the symbols they form, and the layout of those symbols; and what no pen draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unimumer.errors import UnimumerError

Stroke = NDArray[np.float32]
"""Points of one pen-down movement, [n, 2] as (x, y), n >= 1, y growing downwards, in the device's units."""

MAX_COORDINATE = 1e9
"""Largest size of a coordinate: real devices stay below 1e6, and squared distances stay finite in float32."""


class InkError(UnimumerError):
    """Ink that cannot be read; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class InkSymbol:
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
    symbols: tuple[InkSymbol, ...] = ()
    layout: MathNode | None = None
    """The MathML truth, `math` element included, or None."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    """Top-level annotations by type: `truth` (TeX as the collection wrote it), `writer`, `UI`, …"""
    names: tuple[str, ...] = field(default=(), compare=False)
    """Ids of the traces that the strokes were read from, or none."""


def to_stroke(values: Sequence[float], where: str) -> Stroke | None:
    """The stroke [n, 2] of the values x, y, x, y, …; None for no values: a tap that gave no point leaves no ink.

    Raises InkError, which names the place as `where`, for a coordinate that is not a finite number of usable size.
    """
    points = np.array(values, dtype=np.float64).reshape(-1, 2)
    if not (np.abs(points) <= MAX_COORDINATE).all():  # also false for NaN
        raise InkError(f"{where}: a coordinate is not a finite number of at most {MAX_COORDINATE:.0e}")
    return points.astype(np.float32) if len(points) else None
