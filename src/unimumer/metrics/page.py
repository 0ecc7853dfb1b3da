"""The report that people look through: one HTML file that needs nothing from elsewhere and runs only its own script."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from unimumer.environment import own_version
from unimumer.errors import UnimumerError
from unimumer.latex import Row, to_latex
from unimumer.metrics.analysis import RENDERED, Report
from unimumer.metrics.details import FAULTS
from unimumer.metrics.edits import Forest, TreeEdit, TreeMark, edits, forest, walk
from unimumer.metrics.evaluation import TITLES, ScoredPair
from unimumer.metrics.report import notes
from unimumer.metrics.schema import SCHEMA, items_record, record
from unimumer.metrics.structure import read
from unimumer.typeset import Box, Layout, glyph_path, typeset

_UNIT = 100
"""Lengths in the page are whole hundredths of an em; outlines of glyphs keep the units of their font."""
_SHAPES = {"rule": -1, "rising": -2, "falling": -3}
_WRITTEN = {"sub": "_", "sup": "^"}
_SYMBOL, _PLACE = 1, 2
"""How a glyph is marked: another symbol, or at another place."""


def to_html(reports: Sequence[Report], pictures: Mapping[str, str] | None = None) -> str:
    """The page of reports with details; `pictures` are `data:` URIs by the path that the items name."""
    glyphs = _Glyphs()
    items = [
        _item(record, item, glyphs) | {"set": number, "picture": (pictures or {}).get(item.pair.image, "")}
        for number, report in enumerate(reports)
        for record, item in zip(items_record(report), report.evaluation.items, strict=True)
    ]
    content = {
        "schema": SCHEMA,
        "unimumer": own_version(),
        "titles": TITLES | RENDERED,
        "faults": FAULTS,
        "sets": [{**record(report, items=False), "notes": list(notes(report))} for report in reports],
        "glyphs": glyphs.outlines,
        "items": items,
    }
    # Inside a script element, `<` could end it; JSON may write it otherwise.
    data = json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    assets = files(__package__) / "assets"
    script, style, page = ((assets / f"report.{kind}").read_text("utf-8") for kind in ("js", "css", "html"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    for name, text in (("DIGEST", digest), ("STYLE", style), ("SCRIPT", script), ("DATA", data)):
        page = page.replace(f"<!--{name}-->", text)
    return page


def _item(found: dict[str, Any], item: ScoredPair, glyphs: _Glyphs) -> dict[str, Any]:
    label, prediction = (None if text is None else read(text) for text in (item.pair.label, item.pair.prediction))
    marks: tuple[dict[int, int], dict[int, int]] = ({}, {})
    if label is not None and prediction is not None and not item.match.notation:
        marks = _differences(label, prediction)
    found["shown"] = glyphs.place(label, marks[0])
    found["answer"] = None if item.score.exact else glyphs.place(prediction, marks[1])
    return found


def _differences(label: Row, prediction: Row) -> tuple[dict[int, int], dict[int, int]]:
    """How tokens of both sides are marked, by their index in `to_latex`."""
    sides = forest(label), forest(prediction)
    way = edits(*sides) or []
    return (
        _marked(label, sides[0], [(edit.wanted, edit) for edit in way if edit.wanted]),
        _marked(prediction, sides[1], [(edit.found, edit) for edit in way if edit.found]),
    )


def _marked(row: Row, marks: Forest, touched: Sequence[tuple[TreeMark, TreeEdit]]) -> dict[int, int]:
    places = _tokens(row, marks)
    found: dict[int, int] = {}
    for mark, edit in touched:
        # What stands in a script, or a cell, is where it is because of it.
        inner = walk((mark,)) if mark.part or mark.name in _WRITTEN else [mark]
        kind = _PLACE if edit.structural else _SYMBOL
        found |= {places[part.at]: kind for part in inner if part.at in places}
    return found


def _tokens(row: Row, marks: Forest) -> dict[int, int]:
    """Index of the token that a mark begins with, by the mark's place; parts of a construct have none."""
    tokens = to_latex(row).split()
    places: dict[int, int] = {}
    at = 0
    for mark in walk(marks):
        wanted = _WRITTEN.get(mark.name) or (mark.name if mark.symbol or mark.name[0] == "\\" else "\\begin")
        if not mark.part and wanted in tokens[at:]:
            places[mark.at] = tokens.index(wanted, at)
            at = places[mark.at] + 1
    return places


class _Glyphs:
    """Outlines that the expressions of a page share."""

    def __init__(self) -> None:
        self.outlines: list[str] = []
        """Paths in font units; `T` and a character for one that the font lacks."""
        self._numbers: dict[str, int] = {}

    def place(self, row: Row | None, marks: Mapping[int, int]) -> list[int] | None:
        """Width, ascent and descent, then number, x, y, size and mark of each glyph; None when it cannot be typeset."""
        try:
            layout = None if row is None else typeset(row)
        except UnimumerError:
            return None
        return None if layout is None else self._flat(layout, marks)

    def _flat(self, layout: Layout, marks: Mapping[int, int]) -> list[int]:
        out = [_whole(layout.width), _whole(layout.ascent), _whole(layout.descent)]
        for box in layout.boxes:
            out += (*self._box(box), marks.get(box.token, 0))
        return out

    def _box(self, box: Box) -> tuple[int, ...]:
        """Number, x, y and size of a glyph; of a line its kind, left, top, width and height."""
        if isinstance(box.shape, str):
            size = box.right - box.left, box.bottom - box.top
            return _SHAPES[box.shape], *map(_whole, (box.left, box.top, *size))
        outline = glyph_path(box.shape) or f"T{box.text}"
        number = self._numbers.setdefault(outline, len(self._numbers))
        if number == len(self.outlines):
            self.outlines.append(outline)
        return number, _whole(box.x), _whole(box.y), _whole(box.size)


def _whole(length: float) -> int:
    return round(length * _UNIT)
