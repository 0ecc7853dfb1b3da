"""A typeset expression as SVG and as PNG."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from io import BytesIO
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unimumer.latex import Row
from unimumer.typeset.font import Glyph, is_missing, outline, units_per_em
from unimumer.typeset.layout import Box, Layout, TypesetError, typeset

MARGIN = 0.1  # em of white around the ink
_STROKE = 0.06  # em; how thick what strikes out is
_MAX_PIXELS = 16_000_000
_SMOOTH = 4  # pixels are counted in this many parts each way


def to_svg(expression: str | Row | Layout, size: float = 32, colors: Mapping[int, str] | None = None) -> str:
    """An SVG of the expression, `size` pixels an em, in the color of the text around it.

    `colors` gives tokens another color, by their index in `to_latex(row).split()`. What the font has no glyph for, as
    Chinese, is written as text, in whatever font the viewer has.
    """
    layout = expression if isinstance(expression, Layout) else typeset(expression)
    width, height = layout.width + 2 * MARGIN, layout.ascent + layout.descent + 2 * MARGIN
    marks = "".join(_mark(box, (colors or {}).get(box.token)) for box in layout.boxes)
    view = f"{-MARGIN:g} {-layout.ascent - MARGIN:.3f} {width:.3f} {height:.3f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * size:.2f}" height="{height * size:.2f}" '
        f'viewBox="{view}" fill="currentColor">{marks}</svg>'
    )


def _mark(box: Box, color: str | None) -> str:
    fill = f' fill="{escape(color)}"' if color else ""
    shape = box.shape
    if isinstance(shape, Glyph):
        if is_missing(shape):
            return f'<text x="{box.x:.3f}" y="{box.y:.3f}" font-size="{box.size:.3f}"{fill}>{escape(box.text)}</text>'
        place = f"translate({box.x:.3f} {box.y:.3f}) scale({box.size / units_per_em():.6f})"
        return f'<path transform="{place}"{fill} d="{glyph_path(shape)}"/>'
    if shape == "rule":
        size = f'width="{box.right - box.left:.3f}" height="{box.bottom - box.top:.3f}"'
        return f'<rect x="{box.left:.3f}" y="{box.top:.3f}" {size}{fill}/>'
    corners = " ".join(f"{x:.3f},{y:.3f}" for x, y in _stroke(box))
    return f'<polygon points="{corners}"{fill}/>'


@cache
def glyph_path(shape: Glyph) -> str:
    """The outline in font units, y down, as the `d` of an SVG path; empty for what the font has no glyph for."""
    if is_missing(shape):
        return ""
    commands = [operator.path(0, 0, 1) for part in outline(shape) for operator in part]
    joined = "".join("Z" + command if command[0] == "M" and at else command for at, command in enumerate(commands))
    return joined.strip() + ("Z" if joined else "")


def _stroke(box: Box) -> list[tuple[float, float]]:
    start, end = (box.bottom, box.top) if box.shape == "rising" else (box.top, box.bottom)
    half = _STROKE / 2
    return [(box.left, start - half), (box.right, end - half), (box.right, end + half), (box.left, start + half)]


def to_png(expression: str | Row | Layout, size: float = 64) -> bytes:
    """A PNG of the expression in black on white, `size` pixels an em.

    Raises TypesetError when that would be more than 16 million pixels. What the font has no glyph for is an empty
    frame.
    """
    layout = expression if isinstance(expression, Layout) else typeset(expression)
    width = round((layout.width + 2 * MARGIN) * size)
    height = round((layout.ascent + layout.descent + 2 * MARGIN) * size)
    if not 0 < width * height <= _MAX_PIXELS:
        raise TypesetError(f"expected a smaller picture than {width} x {height} pixels; ask for fewer pixels an em")
    ink = np.zeros((height * _SMOOTH, width * _SMOOTH), np.uint8)
    scale = size * _SMOOTH
    origin = np.array([MARGIN, layout.ascent + MARGIN])
    for box in layout.boxes:
        for part in _polygons(box):
            corners = [np.rint((contour + origin) * scale * 256).astype(np.int32) for contour in part]
            cv2.fillPoly(ink, corners, 255, cv2.LINE_8, 8)
    gray = 255 - cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA)
    buffer = BytesIO()
    Image.fromarray(gray).save(buffer, "PNG")
    return buffer.getvalue()


def _polygons(box: Box) -> list[list[NDArray[np.float64]]]:
    """Contours in em, y down; those of one part cut holes into each other."""
    shape = box.shape
    if isinstance(shape, Glyph):
        place = np.array([box.x, box.y])
        return [[contour * box.size + place for contour in part] for part in _flat(shape)]
    if shape == "rule":
        x, y = (box.left, box.right), (box.top, box.bottom)
        return [[np.array([(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])])]]
    return [[np.array(_stroke(box))]]


@cache
def _flat(shape: Glyph) -> list[list[NDArray[np.float64]]]:
    """The outline as polygons in em, y down."""
    flip = np.array([1, -1]) / units_per_em()
    return [[np.array(contour) * flip for contour in _contours(part)] for part in outline(shape)]


def _contours(operators: list[Any]) -> list[list[tuple[float, float]]]:
    contours: list[list[tuple[float, float]]] = []
    for operator in operators:
        points = [(point.x, point.y) for point in operator.points()[0]]
        if type(operator).__name__ == "Moveto":
            contours.append(points)
        else:
            contours[-1] += _curve(contours[-1][-1], *points)
    return contours


def _curve(start: tuple[float, float], *control: tuple[float, float], steps: int = 8) -> list[tuple[float, float]]:
    """Points of a line, or of a Bézier curve of any degree, behind its start, by de Casteljau's rule."""
    t = np.linspace(0, 1, 1 + (steps if len(control) > 1 else 1))[1:, None, None]
    line = np.array([(start, *control)])
    while line.shape[1] > 1:
        line = line[:, :-1] * (1 - t) + line[:, 1:] * t
    return [(x, y) for x, y in line[:, 0].tolist()]
