"""The members of a .zip or .tar archive one by one, in one form."""

from __future__ import annotations

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Literal

DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression method of zip that Python lacks
    RuntimeError,  # an encrypted member of a zip
    ValueError,  # a damaged header: negative sizes, names that do not decode
)
"""What reading an archive, or one of its members, raises when it is damaged."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member, to be read before the next is asked for."""

    name: str
    """As written; not to be trusted."""
    kind: Literal["file", "folder", "other"]
    open: Callable[[], IO[bytes]]


def members(archive: Path) -> Iterator[Member]:
    """The members in the archive's order. Raises one of `DAMAGED` when it is damaged or is no archive."""
    yield from _zipped(archive) if zipfile.is_zipfile(archive) else _tarred(archive)


def _zipped(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as content:
        for info in content.infolist():
            mode = info.external_attr >> 16
            regular = stat.S_IFMT(mode) in (0, stat.S_IFREG, stat.S_IFDIR)
            kind: Literal["file", "folder"] = "folder" if info.is_dir() else "file"
            # `orig_filename` keeps what a NUL byte in the name would hide.
            yield Member(info.orig_filename, kind if regular else "other", partial(content.open, info))


def _tarred(archive: Path) -> Iterator[Member]:
    with tarfile.open(archive, "r|*", tarinfo=_Header) as content:
        for info in content:
            content.members = []  # type: ignore[attr-defined]  # or all headers stay in memory
            kind: Literal["file", "folder", "other"] = "folder" if info.isdir() else "other"
            yield Member(info.name, "file" if info.isreg() else kind, partial(_stream, content, info))


class _Header(tarfile.TarInfo):
    """A header that must be whole: Python takes a broken one, or none, after the first for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) == tarfile.BLOCKSIZE and not any(buf):
                raise  # the mark of the end
            raise tarfile.ReadError(f"cut off or damaged: {error}") from None


def _stream(content: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = content.extractfile(info)
    assert stream is not None
    return stream
