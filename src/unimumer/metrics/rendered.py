"""Rendered match: whether two texts give the same glyphs at the same places, each typeset without TeX.

It differs from the usual matching of rendered glyphs (CDM) in that a glyph counts only where it stands: its size, its
height over the baseline and its distance from the glyph before it are always checked, so that `x ^ 2` is not `x _ 2`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Levenshtein

from unimumer.errors import UnimumerError
from unimumer.typeset import Box, typeset

_GAP = 0.2
"""How far, in em, distances from glyph to glyph may differ: more than the space beside `\\sin`, less than one between
columns."""
_RISE = 0.1
"""How far, in em of its size, a glyph may stand higher or lower: less than any script does."""
_SIZE = 0.1
"""Sizes that are told apart, in em."""


def render_match(label: str, prediction: str) -> float | None:
    """F1, 0 to 1, of the glyphs and lines that both have at one place: 1 when the renderings are the same.

    None when one of the texts cannot be typeset.
    """
    try:
        ours, theirs = typeset(label).boxes, typeset(prediction).boxes
    except UnimumerError:
        return None
    if not ours or not theirs:
        return float(not ours and not theirs)
    return 2 * sum(_matched(ours, theirs)) / (len(ours) + len(theirs))


def _matched(ours: Sequence[Box], theirs: Sequence[Box]) -> Iterator[bool]:
    """Of every glyph that both have in the same order, whether it stands at the same place.

    What comes before may shift a glyph along the line, so its place is reckoned from the glyph before it where that is
    the same on both sides, and else is taken for granted.
    """
    before: tuple[int, int] | None = None
    for i, j in _aligned(ours, theirs):
        a, b = ours[i], theirs[j]
        same = abs(a.y - b.y) <= _RISE * a.size and abs(_width(a) - _width(b)) <= _GAP
        if before == (i - 1, j - 1):
            gaps = [side[k].left - side[k - 1].left for side, k in ((ours, i), (theirs, j))]
            same &= abs(gaps[0] - gaps[1]) <= _GAP
        before = i, j
        yield same


def _aligned(ours: Sequence[Box], theirs: Sequence[Box]) -> Iterator[tuple[int, int]]:
    """Pairs of glyphs of one kind and size, in the order of both sides."""
    kinds = [[(box.text, round(box.size / _SIZE)) for box in side] for side in (ours, theirs)]
    for part in Levenshtein.opcodes(*kinds):
        if part.tag == "equal":
            yield from zip(range(part.src_start, part.src_end), range(part.dest_start, part.dest_end))


def _width(box: Box) -> float:
    return box.right - box.left
