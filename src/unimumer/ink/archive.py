"""Ink files one by one from a folder, a .zip, a .tar (also .gz, .bz2, .xz) or one file; none is unpacked."""

from __future__ import annotations

import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from unimumer.ink.inkml import MAX_BYTES, read_inkml
from unimumer.ink.model import Ink, InkError

_UNREADABLE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,  # a compression method of zip that Python lacks
    RuntimeError,  # an encrypted member of a zip
    ValueError,  # a damaged tar header: negative sizes, names that do not decode
)


def read_inks(path: Path) -> Iterator[tuple[str, Ink | InkError]]:
    """Yield (id, ink) of every InkML file below `path`, or (id, error) of one that cannot be read.

    Raises InkError only when `path` itself is missing or is not a readable archive, so that one bad file does
    not end the run and is not lost either.
    """
    for id, data in read_files(path):
        try:
            yield id, read_inkml(data, id)
        except InkError as error:
            yield id, error


def read_files(path: Path, suffix: str = ".inkml", folder: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield (stem, content) of every file below `path` whose name ends in `suffix`.

    With `folder` only of those in a folder of that name, at any depth. The order is the archive's, or a folder's
    sorted names. Content is cut at `MAX_BYTES + 1` bytes, so that a compression bomb takes no more memory and a
    reader still sees that it is too large. Folders in names, `..` and drive letters included, are dropped from
    the stem. Raises InkError when `path` is missing or not a readable archive.
    """
    if not path.exists():
        raise InkError(f"no such file or folder: {path}")

    def wanted(name: str) -> bool:
        return name.endswith(suffix) and (not folder or folder in _plain(name).parent.parts)

    try:
        for name, data in _members(path, wanted):
            yield _plain(name).stem, data
    except _UNREADABLE as error:
        raise InkError(f"{path} is not a readable folder, .zip or .tar archive: {error}") from None


def _plain(name: str) -> PurePosixPath:
    return PurePosixPath(name.replace("\\", "/"))


def _members(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in _files_below(path):
            if wanted(file.relative_to(path).as_posix()):
                with file.open("rb") as stream:
                    yield file.name, stream.read(MAX_BYTES + 1)
    elif wanted(path.as_posix()):
        with path.open("rb") as stream:
            yield path.name, stream.read(MAX_BYTES + 1)
    elif zipfile.is_zipfile(path):
        yield from _zip_members(path, wanted)
    else:
        yield from _tar_members(path, wanted)


def _files_below(folder: Path) -> Iterator[Path]:
    """Files by their sorted names, one folder's names in memory at a time."""
    for name in sorted(os.listdir(folder)):
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            yield from _files_below(path)
        elif path.is_file():
            yield path


def _zip_members(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if wanted(info.filename):
                with archive.open(info) as stream:
                    yield info.filename, stream.read(MAX_BYTES + 1)


def _tar_members(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path, "r|*") as archive:
        for info in archive:
            # A stream keeps its index of members for seeking back, which nobody does here.
            archive.members = []  # type: ignore[attr-defined]
            stream = archive.extractfile(info) if info.isfile() and wanted(info.name) else None
            if stream is not None:
                yield info.name, stream.read(MAX_BYTES + 1)
