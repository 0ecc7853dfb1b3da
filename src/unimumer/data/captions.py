"""Caption files: the labels of one set of pictures, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from unimumer.data.files import read_text, write_text
from unimumer.data.sample import DataError

_BOM = "\ufeff"
"""Byte order mark, dropped on reading."""


def read_captions(path: Path) -> dict[str, str]:
    """Labels by id, in the order of the file, tokens separated by one space.

    A line is `id<TAB>label`, or `id label` with any white space as CoMER reads it (an id with spaces needs
    the tab). Empty lines are passed over. Raises DataError, with the line, for one without a label and for an
    id that occurs twice.
    """
    captions: dict[str, str] = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        id, label = _parts(line)
        if not id or not label:
            raise DataError(f"{path}: line {number}: expected an id, a tab and a label")
        if id in captions:
            raise DataError(f"{path}: line {number}: id {id!r} occurs twice")
        captions[id] = label
    return captions


def iter_captions(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, id and label of every line but empty ones, a line in memory at a time; read as by `read_captions`.

    An id may come twice, and id and label may be empty. Raises DataError when the file cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, *_parts(line)
    except UnicodeDecodeError:
        raise DataError(f"{path}: not UTF-8 text") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def write_captions(path: Path, captions: Mapping[str, str]) -> None:
    """Write `id<TAB>label` lines that `read_captions` reads back.

    Raises DataError for an id or a label that such a line cannot hold, and when the file cannot be written.
    """
    lines = [_line(id, label, path) for id, label in captions.items()]
    write_text(path, "".join(lines))


def _line(id: str, label: str, path: Path) -> str:
    line = f"{id}\t{label}"
    if not id or not label or "\n" in line or line.startswith(_BOM) or _parts(line) != (id, label):
        raise DataError(f"{path}: id {id!r} with label {label!r} cannot be written as a line of captions")
    return f"{line}\n"


def _parts(line: str) -> tuple[str, str]:
    id, tab, label = line.partition("\t")
    if not tab:
        id, label = (*line.split(None, 1), "", "")[:2]
    return id.strip(), " ".join(label.split())
