"""How large somebody wrote."""

from __future__ import annotations

import numpy as np

from unimumer.ink.model import Ink

UNTYPICAL = frozenset(
    (
        *"-.,'|=1()/[]+",
        *(r"\sqrt", r"\prime", r"\cdot", r"\cdots", r"\ldots", r"\int", r"\sum", r"\lim", r"\sin", r"\cos", r"\tan"),
        *(r"\log", r"\rightarrow", r"\infty", r"\leq", r"\geq", r"\div", r"\pm", r"\neq", r"\lt", r"\gt", r"\{", r"\}"),
    )
)
"""Symbols whose size says little about the size of the writing."""


def typical_size(ink: Ink) -> float:
    """Middle of the larger sides of the symbols, in units of ink; strange sizes by nature are left out.

    Where there are no others, they count; where no symbols are marked, each stroke counts as one. 0.0 for ink
    of no extent.
    """
    groups = [(symbol.name, symbol.strokes) for symbol in ink.symbols]
    groups = groups or [("", (stroke,)) for stroke in range(len(ink.strokes))]
    sides = [(name, _larger_side(ink, strokes)) for name, strokes in groups]
    typical = [side for name, side in sides if name not in UNTYPICAL] or [side for _, side in sides]
    return float(np.median(typical)) if typical else 0.0


def _larger_side(ink: Ink, strokes: tuple[int, ...]) -> float:
    return float(np.ptp(np.concatenate([ink.strokes[i] for i in strokes]), axis=0).max())
