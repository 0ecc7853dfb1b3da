"""Caption files: the labels of one set of pictures, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from unimumer.data.sample import DataError
from unimumer.files import Place, read_table, write_text

_BOM = "\ufeff"
"""Byte order mark, dropped on reading."""


def read_captions(path: Path) -> dict[str, str]:
    """Labels by id, in the order of the file, tokens separated by one space.

    A line is `id<TAB>label`, or `id label` with any white space as CoMER reads it (an id with spaces needs
    the tab). Empty lines are passed over. Raises FileError, with the line, for one without a label and for an
    id that occurs twice.
    """
    captions: dict[str, str] = {}
    for place, id, label in iter_captions(path):
        if not id or not label:
            raise place.error("expected an id, a tab and a label")
        if id in captions:
            raise place.error(f"id {id!r} occurs twice")
        captions[id] = label
    return captions


def iter_captions(path: Path) -> Iterator[tuple[Place, str, str]]:
    """Place, id and label of every line but empty ones, a line in memory at a time; read as by `read_captions`.

    An id may come twice, and id and label may be empty. Raises FileError when the file cannot be read.
    """
    for place, id, label in read_table(path, spaces=True):
        yield place, id, " ".join(label.split())


def write_captions(path: Path, captions: Mapping[str, str]) -> None:
    """Write `id<TAB>label` lines that `read_captions` reads back.

    Raises DataError for an id or a label that such a line cannot hold, and FileError when the file cannot be written.
    """
    lines = [_line(id, label, path) for id, label in captions.items()]
    write_text(path, "".join(lines))


def _line(id: str, label: str, path: Path) -> str:
    line = f"{id}\t{label}"
    whole = id == id.strip() and "\t" not in id and label == " ".join(label.split())
    if not id or not label or "\n" in line or line.startswith(_BOM) or not whole:
        raise DataError(f"{path}: id {id!r} with label {label!r} cannot be written as a line of captions")
    return f"{line}\n"
