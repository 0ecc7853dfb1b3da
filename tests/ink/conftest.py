"""Small InkML documents of our own, in the manner of each CROHME collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

import pytest

MakeInkml = Callable[..., bytes]


@pytest.fixture
def make_inkml() -> MakeInkml:
    return _make_inkml


def _make_inkml(
    math: str = "",
    truth: str = "",
    traces: tuple[str, ...] = ("0 0, 10 10",),
    symbols: Mapping[str, tuple[int, ...]] | None = None,
    head: str = "",
) -> bytes:
    """One document; `symbols` maps a name, which is also its MathML id, to its traces."""
    parts = ['<ink xmlns="http://www.w3.org/2003/InkML">', head]
    if truth:
        parts.append(f'<annotation type="truth">{escape(truth)}</annotation>')
    if math:
        parts.append(
            '<annotationXML type="truth" encoding="Content-MathML">'
            f'<math xmlns="http://www.w3.org/1998/Math/MathML">{math}</math></annotationXML>'
        )
    parts += [f'<trace id="{i}">{points}</trace>' for i, points in enumerate(traces)]
    parts.append('<traceGroup xml:id="all"><annotation type="truth">Segmentation</annotation>')
    for name, strokes in (symbols or {}).items():
        views = "".join(f'<traceView traceDataRef="{i}"/>' for i in strokes)
        parts.append(
            f'<traceGroup xml:id="g{escape(name)}"><annotation type="truth">{escape(name)}</annotation>'
            f'{views}<annotationXML href="{escape(name)}"/></traceGroup>'
        )
    parts.append("</traceGroup></ink>")
    return "\n".join(parts).encode()
