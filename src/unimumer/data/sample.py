"""The unit every dataset gives: a picture, its label, and who it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from unimumer.errors import UnimumerError

MAX_NAME = 200
"""Bytes of an id; file systems take 255, suffix included."""


class DataError(UnimumerError):
    """A dataset that cannot be used; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled picture."""

    id: str
    image: Path
    """The picture; of a sample with `ink`, the name it will have once drawn."""
    label: str
    """Space-tokenized LaTeX, or as its owner writes it; empty when unknown or still to be read from `ink`."""
    ink: bytes | None = None
    """InkML that the picture is drawn from; None when there is a picture."""
    turns: tuple[str, str] | None = None
    """Question and answer of a conversation that is taken as it is, instead of one made from the label."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An expression left out, and why."""

    id: str
    """As a file name can be shown: odd characters are escaped in an id that is refused for them."""
    reason: str
    label: str = ""
    """As its owner writes it, where that was read."""


def fault(id: str) -> str:
    """Why an id cannot name a file or stand in a list of captions; empty when it can."""
    if id.strip(" .") == "" or id != id.strip():
        return "the id is empty, dots, or begins or ends with a space"
    if any(c in "/\\:\ufeff" or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in id):
        return "the id holds a character that a file name or a list cannot"
    return "the id is too long for a file name" if len(id.encode()) > MAX_NAME else ""


def named(items: Iterable[Sample | Rejected]) -> Iterator[Sample | Rejected]:
    """The items, those refused whose id is no name or was given before, in whatever case.

    Conversations taken as they are may share a picture, and so an id. Holds all ids: some hundred bytes for each
    expression.
    """
    seen: set[str] = set()
    for item in items:
        if isinstance(item, Rejected):
            yield item
            continue
        wrong, folded = fault(item.id), item.id.casefold()
        if wrong:
            yield Rejected(ascii(item.id)[1:-1], wrong, item.label)
        elif folded in seen and item.turns is None:
            yield Rejected(item.id, "the id occurs twice", item.label)
        else:
            seen.add(folded)
            yield item
