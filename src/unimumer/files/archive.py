"""Reads archives and folders file by file without trusting them; every command that takes an archive reads it here.

What is refused: names that are absolute, have a drive letter, a `..` or a character no file name may have; links and
devices; two names that are one file on some system (upper and lower case, Unicode forms), and a name below a file;
more data than the archive can honestly hold; encrypted members; an archive that is damaged or cut off anywhere. See
also the documentation of `tarfile` and `zipfile`.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from unimumer.files.names import is_hidden, slashed, walk
from unimumer.files.reading import FileError, readable

_DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    NotImplementedError,  # a form of zip that Python lacks
    RuntimeError,  # an encrypted member of a zip
    ValueError,  # a damaged header: negative sizes, names that do not decode
    OSError,
)
"""What reading an archive, or one of its members, raises when it is damaged."""
_PACKED: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
"""What opens a compressed tar, by its first bytes."""
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""First bytes of a zip, and of an empty one. Python looks at the end, where a tar may hold a zip."""
_BLOCK = 1 << 18
_MAX_PATH = 1024
_MAX_HEADER = 1 << 20
"""Bytes of an extended header of a tar, which is read as a whole."""
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)
"""Names that Windows keeps for devices, with whatever suffix."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold."""

    files: int = 2_000_000
    ratio: int = 100
    """Unpacked size over the archive's: real data, InkML the most, stays below 15."""
    free: int = 64 * 2**20
    """Bytes that are allowed whatever the ratio."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive, to be read before the next is asked for."""

    name: str
    """Checked, with slashes; below the folder it is unpacked to."""
    is_folder: bool
    _archive: Path
    _open: Callable[[], IO[bytes]]

    def blocks(self) -> Iterator[bytes]:
        """Yield the content piece by piece. Raises FileError when it is damaged."""
        with _sound(self._archive), self._open() as stream:
            while block := stream.read(_BLOCK):
                yield block

    def read(self, most: int) -> bytes:
        """The first bytes of the content, at most so many. Raises FileError when they are damaged."""
        with _sound(self._archive), self._open() as stream:
            return stream.read(most)


def read_files(source: Path, wanted: Callable[[str], bool], most: int) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the files in a folder or an archive, at any depth, that are wanted by their name.

    Names are relative, with slashes; the order is the archive's, or a folder's sorted names. Hidden files are passed
    over. A `source` that is itself wanted is the one file. Content is cut at `most` bytes, so that a reader sees that
    it is too large by asking for one more than it takes. Raises FileError for what is missing, hostile or damaged.
    """
    if source.is_dir():
        for path in walk(source):
            name = path.relative_to(source).as_posix()
            if wanted(name):
                yield name, _beginning(path, most)
    elif wanted(source.name):
        yield source.name, _beginning(source, most)
    else:
        for member in members(source):
            if not member.is_folder and wanted(member.name):
                yield member.name, member.read(most)


def _beginning(path: Path, most: int) -> bytes:
    with readable(path), path.open("rb") as stream:
        return stream.read(most)


def members(archive: Path, limits: Limits | None = None) -> Iterator[Member]:
    """Yield the members of a .zip or .tar (also .gz, .bz2, .xz) in its order, each checked before it is given.

    What systems hide (`__MACOSX`, `._a.png`) is passed over. A zip is checked as a whole before the first member is
    given; of a tar the end is known only at its end, so what was read is not to be kept until then. Raises FileError
    for an archive that is missing, hostile or damaged, and names the member.
    """
    if not archive.is_file():
        raise FileError(f"{archive}: no such file or folder")
    limits = limits or Limits()
    with _sound(archive), archive.open("rb") as stream:
        check = _Check(archive, limits, os.fstat(stream.fileno()).st_size * limits.ratio + limits.free)
        first = stream.read(6)
        stream.seek(0)
        if first.startswith(_ZIP):
            yield from _zipped(stream, check)
        else:
            opener = next((opener for magic, opener in _PACKED.items() if first.startswith(magic)), None)
            yield from _tarred(opener(stream) if opener else stream, check)


@contextmanager
def _sound(archive: Path) -> Iterator[None]:
    """Turn what a damaged archive raises into a FileError."""
    try:
        yield
    except FileError:
        raise
    except _DAMAGED as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        raise FileError(f"{archive}: not a readable .zip or .tar archive: {reason}") from None


@dataclass(slots=True)
class _Check:
    """Judges the members of an archive one after the other."""

    archive: Path
    limits: Limits
    most: int
    """Bytes that it may unpack to."""
    names: dict[str, bool] = field(default_factory=dict)
    """Folded path, and whether it is a file."""
    files: int = 0
    size: int = 0
    """Bytes unpacked so far, or to be unpacked."""

    def enter(self, name: str, is_folder: bool, is_plain: bool) -> PurePosixPath | None:
        """The path of a member; None for one that is passed over."""
        path = self._checked(name)
        if is_hidden(path):
            return None
        if not is_plain:
            raise self.error(name, "a link, a device or a sparse file")
        if path.parts:
            self._enter(path, name, not is_folder)
        self.files += not is_folder
        if self.files > self.limits.files:
            raise FileError(f"{self.archive}: more than {self.limits.files:,} files")
        return path if path.parts else None

    def count(self, size: int) -> None:
        """Add bytes to what is unpacked."""
        self.size += size
        if self.size > self.most:
            raise FileError(f"{self.archive}: unpacks to more than {self.most:,} bytes, a compression bomb")

    def error(self, name: str, what: str) -> FileError:
        """The error that refuses the archive for one member."""
        return FileError(f"{self.archive}: member {name[:80]!a}: {what}; the archive is refused")

    def _checked(self, name: str) -> PurePosixPath:
        plain = slashed(name)
        parts = plain.split("/")
        if plain.startswith("/") or ":" in plain:
            raise self.error(name, "an absolute name or one with a drive letter")
        if ".." in parts:
            raise self.error(name, "a name that leaves the folder")
        if len(plain.encode(errors="surrogateescape")) > _MAX_PATH or any(_odd(part) for part in parts):
            raise self.error(name, "a name that is no file name on every system")
        return PurePosixPath(*(part for part in parts if part not in ("", ".")))

    def _enter(self, path: PurePosixPath, name: str, is_file: bool) -> None:
        folded = unicodedata.normalize("NFC", path.as_posix()).casefold()
        if folded in self.names and (is_file or self.names[folded]):
            raise self.error(name, "a name that occurs twice, perhaps in another case")
        self.names[folded] = is_file
        parent = folded.rpartition("/")[0]
        while parent and parent not in self.names:
            self.names[parent] = False
            parent = parent.rpartition("/")[0]
        if self.names.get(parent):
            raise self.error(name, "a name below a file")


def _odd(part: str) -> bool:
    plain = part.isascii() and part.isprintable()
    if not plain and any(unicodedata.category(character) in ("Cc", "Cs") for character in part):
        return True
    if len(part.encode()) > 255:
        return True
    stem = part.partition(".")[0].rstrip(" ").casefold()
    return stem in _RESERVED or (part not in ("", ".") and part[-1] in " .")


def _zipped(stream: IO[bytes], check: _Check) -> Iterator[Member]:
    with zipfile.ZipFile(stream) as content:
        found = []
        for info in content.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)
            # `orig_filename` keeps what a NUL byte in the name would hide.
            path = check.enter(info.orig_filename, info.is_dir(), kind in (0, stat.S_IFREG, stat.S_IFDIR))
            check.count(info.file_size)
            # Python unpacks other methods without a bound on memory.
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise check.error(info.filename, "packed by a method other than `deflate`; pack it again")
            if path is not None:
                found.append(Member(path.as_posix(), info.is_dir(), check.archive, partial(content.open, info)))
        yield from found


def _tarred(stream: IO[bytes], check: _Check) -> Iterator[Member]:
    bounded: Any = _Bounded(stream, check)
    with tarfile.open(fileobj=bounded, mode="r|", bufsize=_BLOCK, tarinfo=_Header) as content:
        for info in content:
            content.members = []  # type: ignore[attr-defined]  # or all headers stay in memory
            is_plain = (info.isreg() or info.isdir()) and not info.issparse()
            path = check.enter(info.name, info.isdir(), is_plain)
            if path is not None:
                yield Member(path.as_posix(), info.isdir(), check.archive, partial(_extracted, content, info))
        # Python stops at the first empty header, which a damaged archive may have in its middle.
        while block := content.fileobj.read(_BLOCK):
            if block.count(0) != len(block):
                raise tarfile.ReadError("damaged, or two archives in one file: there is data after its end")


class _Bounded:
    """A stream that counts what is unpacked."""

    def __init__(self, stream: IO[bytes], check: _Check) -> None:
        self._stream, self._check = stream, check

    def read(self, size: int) -> bytes:
        block = self._stream.read(size)
        self._check.count(len(block))
        return block


class _Header(tarfile.TarInfo):
    """A header that must be whole: Python takes a broken one, or none, after the first for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) == tarfile.BLOCKSIZE and not any(buf):
                raise  # the mark of the end
            raise tarfile.ReadError(f"cut off or damaged: {error}") from None
        if not header.isfile() and header.size > _MAX_HEADER:
            raise tarfile.ReadError("a header of more than a megabyte")
        return header


def _extracted(content: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = content.extractfile(info)
    assert stream is not None
    return stream
