"""Ink files one by one from a folder, a .zip, a .tar (also .gz, .bz2, .xz) or one file; none is unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from unimumer.ink.inkml import MAX_BYTES, read_inkml
from unimumer.ink.model import Ink, InkError


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
