"""Glyphs of STIX Two Math and the constants of its MATH table, in em.

The font and its reader come with ziamath; lengths and names are those of the OpenType specification, chapter MATH.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """One glyph: its size in em at one em, y up, and where to find its outline."""

    text: str
    """The character it is drawn for."""
    advance: float
    left: float
    bottom: float
    right: float
    top: float
    slant: float
    """Italic correction: how much farther right a superscript goes."""
    attachment: float
    """Where the middle of an accent comes to stand."""
    source: Any
    """The glyph of the font; several, with offsets, when it is assembled from parts."""


@cache
def _font() -> Any:
    # Imported late: reading the font takes a tenth of a second, and few who import the package typeset anything.
    with warnings.catch_warnings():
        # ziamath 0.13 opens its font by a function that Python 3.11 and 3.12 call deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        from ziamath.mathfont import MathFont

    return MathFont(str(files("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf"))


@cache
def units_per_em() -> float:
    """What one em is in the units of `outline`."""
    return float(_font().info.layout.unitsperem)


@cache
def constants() -> SimpleNamespace:
    """The constants of the MATH table in em, by their names there; percentages as fractions of one."""
    em, values = units_per_em(), vars(_font().math.consts)
    return SimpleNamespace(
        **{name: value / (100 if "Percent" in name else em) for name, value in values.items() if name[0] != "_"}
    )


@cache
def glyph(character: str, style: str = "") -> Glyph:
    """The glyph of a character: upright, in math italic (`it`), or as a large operator (`big`)."""
    found = _font().glyph(_LETTERS.get(character, character) if style == "it" else character)
    if style == "big":
        found = _font().math.variant(found.index, _font().math.consts.displayOperatorMinHeight, vert=True)
    return _measured(character, found)


def is_missing(found: Glyph) -> bool:
    """Whether the font has no such character; what is drawn then is an empty frame."""
    return bool(found.source.index == 0)


@cache
def _sizes(character: str, vertical: bool) -> tuple[float, ...]:
    """Heights, or widths, in which the font has a character, in em; larger ones are assembled."""
    variants = _font().math.listvariants(_font().glyphindex(character), vertical)
    return tuple(sorted(size / units_per_em() for size in variants))


def stretched(character: str, size: float, vertical: bool = True) -> Glyph:
    """The smallest form of a character that is at least `size` em high, or wide; assembled where there is none."""
    fitting = next((have for have in _sizes(character, vertical) if have >= size), None)
    # Assembled glyphs are made for a size in hundredths of an em, so that a page of them has few different ones.
    return _variant(character, fitting if fitting is not None else -(-size * 100 // 1) / 100, vertical)


@cache
def _variant(character: str, size: float, vertical: bool) -> Glyph:
    index = _font().glyphindex(character)
    return _measured(character, _font().math.variant(index, size * units_per_em(), vert=vertical))


def _measured(character: str, found: Any) -> Glyph:
    em, box, math = units_per_em(), found.bbox, _font().math
    slant = (math.italicsCorrection.getvalue(found.index) or 0) / em
    advance = found.advance() / em
    attachment = math.topattachment(found.index)
    middle = (box.xmin + box.xmax) / 2 / em if attachment is None else attachment / em
    return Glyph(character, advance, box.xmin / em, box.ymin / em, box.xmax / em, box.ymax / em, slant, middle, found)


_LETTERS = {
    **{chr(0x61 + i): chr(0x1D44E + i) for i in range(26)},
    **{chr(0x41 + i): chr(0x1D434 + i) for i in range(26)},
    **{chr(0x3B1 + i): chr(0x1D6FC + i) for i in range(25)},
    **dict(zip("∂ϵϑϰϕϱϖ", map(chr, range(0x1D715, 0x1D71C)))),
    "h": "ℎ",
    "ı": "\U0001d6a4",
    "ȷ": "\U0001d6a5",
}


def outline(found: Glyph) -> list[list[Any]]:
    """The outline in font units, one list of path operators a part; parts may overlap."""
    parts = getattr(found.source, "offsets", None)
    if parts is None:
        return [list(found.source.operators)]
    vertical = found.source.vert
    return [
        [operator.xform(1, 0, 0, 1, *((0, offset) if vertical else (offset, 0)), 1, 1) for operator in part.operators]
        for part, offset in zip(found.source.glyphs, parts)
    ]
