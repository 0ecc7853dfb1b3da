"""Which ids can name a file and stand in a list of captions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from unimumer.data.sample import Rejected, Sample

MAX_NAME = 200
"""Bytes of an id; file systems take 255, suffix included."""


def fault(id: str) -> str:
    """Why an id cannot name a file or stand in a list of captions; empty when it can."""
    if id.strip(" .") == "" or id != id.strip():
        return "the id is empty, dots, or begins or ends with a space"
    if any(c in "/\\:\ufeff" or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in id):
        return "the id holds a character that a file name or a list cannot"
    return "the id is too long for a file name" if len(id.encode()) > MAX_NAME else ""


def named(items: Iterable[Sample | Rejected]) -> Iterator[Sample | Rejected]:
    """The items, those refused whose id is no name or was given before, in whatever case.

    Holds all ids: some hundred bytes for each expression.
    """
    seen: set[str] = set()
    for item in items:
        if isinstance(item, Rejected):
            yield item
            continue
        wrong, folded = fault(item.id), item.id.casefold()
        if wrong:
            yield Rejected(ascii(item.id)[1:-1], wrong, item.label)
        elif folded in seen:
            yield Rejected(item.id, "the id occurs twice", item.label)
        else:
            seen.add(folded)
            yield item
