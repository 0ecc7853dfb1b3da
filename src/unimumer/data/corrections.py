"""Corrections that the page has kept: from the file that it gives, to labelled ink."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from unimumer.data.labels import normalized
from unimumer.errors import UnimumerError
from unimumer.files import Place, read_json_lines
from unimumer.ink import Ink, read_strokes, write_inkml


def read_corrections(paths: Iterable[Path]) -> tuple[list[Ink], list[str]]:
    """The inks that somebody has said the LaTeX of, oldest first, and of those that cannot be used the reasons.

    A line of a file is an object with `strokes`, the right `latex` and `time` (milliseconds since 1970), as the page's
    settings give it; what was `read`, and by which `model`, is kept as annotations. An ink is named by its content.
    Of several corrections of one ink the last counts, also where a stroke was written since. Raises FileError, with the
    line, for a file that is something else.
    """
    found: list[tuple[int, Ink]] = []
    reasons: list[str] = []
    for path in paths:
        for place, line in read_json_lines(path):
            fields = _fields(line, place)
            try:
                found.append((fields["time"], _labelled(fields, str(place))))
            except UnimumerError as error:
                reasons.append(str(error) if str(error).startswith(str(place)) else f"{place}: {error}")
    found.sort(key=lambda one: one[0])
    return _last([ink for _, ink in found]), reasons


def _fields(line: Any, place: Place) -> dict[str, Any]:
    wanted = {"strokes": list, "latex": str, "time": int}
    if not isinstance(line, dict) or any(type(line.get(name)) is not kind for name, kind in wanted.items()):
        raise place.error("no correction of the page: expected an object with strokes, latex and time")
    return line


def _labelled(fields: dict[str, Any], where: str) -> Ink:
    """The ink with its label. Raises InkError, LatexError or DataError for what cannot be trained on."""
    ink = read_strokes(fields["strokes"], where)
    name = hashlib.sha256(b"|".join(stroke.tobytes() for stroke in ink.strokes)).hexdigest()[:16]
    about = {"truth": f"${normalized(fields['latex'])}$"}
    about |= {kind: text for kind in ("read", "model") if isinstance(text := fields.get(kind), str)}
    ink = replace(ink, id=name, annotations=about)
    write_inkml(ink)  # raises for what a file cannot hold
    return ink


def _last(inks: list[Ink]) -> list[Ink]:
    """The inks of which no later one has all strokes."""
    holders: dict[bytes, set[int]] = defaultdict(set)
    kept = []
    for number, ink in enumerate(reversed(inks)):
        strokes = {stroke.tobytes() for stroke in ink.strokes}
        if not set.intersection(*(holders[stroke] for stroke in strokes)):
            kept.append(ink)
        for stroke in strokes:
            holders[stroke].add(number)
    return kept[::-1]
