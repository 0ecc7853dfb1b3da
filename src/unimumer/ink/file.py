"""Files of ink: one by its ending, or all of a folder, a .zip, a .tar (also .gz, .bz2, .xz); none is unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

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


def read_inks(path: Path) -> Iterator[tuple[str, Ink | InkError]]:
    """Yield (id, ink) of every InkML file below `path`, or (id, error) of one that cannot be read.

    Raises FileError only when `path` itself is missing or is not a sound archive, so that one bad file does not end
    the run and is not lost either.
    """
    for id, data in read_files(path):
        try:
            yield id, read_inkml(data, id)
        except InkError as error:
            yield id, error


def read_files(path: Path, folder: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield (stem, content) of every InkML file below `path`.

    With `folder` only of those in a folder of that name, at any depth. Order, bounds and errors are those of
    `files.read_files`; content is cut at `MAX_BYTES + 1` bytes, which a reader refuses as too large.
    """

    def wanted(name: str) -> bool:
        parts = PurePosixPath(name)
        return parts.suffix.lower() == ".inkml" and (not folder or folder in parts.parent.parts)

    from unimumer.files.archive import read_files as read_any  # late: Python's readers of archives take long to load

    for name, data in read_any(path, wanted, MAX_BYTES + 1):
        yield PurePosixPath(name).stem, data
