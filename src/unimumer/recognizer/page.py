"""A page of several expressions: found, read each by itself, and given in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from unimumer.export import convert
from unimumer.imaging import find_expressions, group_expressions, inked
from unimumer.ink import Ink, typical_size, without_strays
from unimumer.recognizer.recognition import SCHEMA, Part, Recognition
from unimumer.recognizer.sources import Opened, Source

_ALIGNING = r"= < > \leq \geq \neq \equiv \approx \sim \Rightarrow \Leftrightarrow \rightarrow"
_RELATIONS = frozenset(_ALIGNING.split())


@dataclass(frozen=True)
class Page:
    """What a page says."""

    parts: tuple[Part, ...]
    """Its expressions in reading order, each with its box."""
    unread: tuple[str, ...] = ()
    """Why expressions that were found could not be read, one sentence each."""

    @property
    def text(self) -> str:
        """A line of LaTeX for each expression."""
        return "\n".join(part.recognition.latex for part in self.parts)

    @property
    def markdown(self) -> str:
        """Each expression as a displayed formula of Markdown."""
        return "\n\n".join(f"$$\n{part.recognition.latex}\n$$" for part in self.parts)

    def latex(self, aligned: bool = False) -> str:
        """Each expression as a displayed formula; all in one, `aligned` at their first relation, if asked for."""
        if not aligned:
            return "\n".join(f"\\[ {part.recognition.latex} \\]" for part in self.parts)
        lines = " \\\\\n".join(_aligned(part.recognition) for part in self.parts)
        return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"

    def to_dict(self) -> dict[str, Any]:
        """All there is to say as JSON values."""
        parts = [{"box": list(part.box), **part.recognition.to_dict()} for part in self.parts]
        return {"schema": SCHEMA, "parts": parts, "unread": list(self.unread)}


def expressions(one: Opened) -> Iterator[tuple[tuple[float, float, float, float], Source | Opened]]:
    """The expressions of a page with their boxes, in reading order: parts of its ink, or of its picture.

    Raises ImageError for a page without ink.
    """
    if one.ink is None:
        seen = inked(one.picture) if one.inked is None else one.inked
        for found in find_expressions(one.picture, seen):
            yield found.box, Opened(found.picture, None, found.ink)
        return
    ink = without_strays(one.ink)[0]
    boxes = np.array([[*stroke.min(axis=0), *stroke.max(axis=0)] for stroke in ink.strokes], np.float64)
    for number, members in enumerate(group_expressions(boxes, typical_size(ink) or 1.0)):
        low, high = boxes[members, :2].min(axis=0), boxes[members, 2:].max(axis=0)
        strokes = tuple(ink.strokes[member] for member in sorted(members))
        yield (*low.tolist(), *high.tolist()), Ink(f"{ink.id}, expression {number + 1}", strokes)


def _aligned(result: Recognition) -> str:
    """The expression with `&` before its first relation that stands in no braces."""
    depth = 0
    tokens = result.tokens.split()
    for at, token in enumerate(tokens):
        depth += (token in ("{", r"\begin")) - (token in ("}", r"\end"))
        if token in _RELATIONS and not depth and result.well_formed:
            return "&".join(convert(" ".join(part), "latex") for part in (tokens[:at], tokens[at:]))
    return result.latex
