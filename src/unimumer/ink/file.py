"""Reads one file of ink, InkML or stroke JSON, by its ending."""

from __future__ import annotations

from pathlib import Path

from unimumer.ink.inkml import MAX_BYTES, read_inkml
from unimumer.ink.model import Ink, InkError
from unimumer.ink.strokes import read_strokes

INK_READERS = {".inkml": read_inkml, ".json": read_strokes}
"""Reader of each kind of ink file, by the file's ending."""


def read_ink(path: Path) -> Ink:
    """Read the ink in `path`, whose ending must be one of `INK_READERS`. Raises InkError when it cannot be read."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InkError(f"the file cannot be read: {error.strerror}") from None
    return INK_READERS[path.suffix.lower()](data, path.stem)
