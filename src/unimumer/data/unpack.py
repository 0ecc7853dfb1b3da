"""Unpacks an archive of data without trusting it: names are checked, sizes bounded, and all of it comes or nothing.

What is refused: names that are absolute, have a drive letter, a `..` or a character no file name may have; links and
devices; two names that are one file on some system (upper and lower case, Unicode forms), and a name below a file;
more data than the archive can honestly hold; encrypted members. See also the documentation of `tarfile` and `zipfile`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from unimumer.data.layout import LAYOUTS
from unimumer.data.members import DAMAGED, Member, members
from unimumer.data.sample import DataError

FAMILIES = tuple(dict.fromkeys(layout.family for layout in LAYOUTS))
"""Folders of the released data folder."""
_JUNK = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"})
_BLOCK = 1 << 20
_MAX_PATH = 1024
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
    free: int = 256 * 2**20
    """Bytes that are allowed whatever the ratio."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was unpacked."""

    files: int
    size: int
    """Bytes."""
    folders: tuple[str, ...]
    """The families that are now below the data folder, or what else lay at the top."""


def unpack(archive: Path, out: Path, *, force: bool = False, limits: Limits | None = None) -> Unpacked:
    """Unpack a .zip or .tar (also .gz, .bz2, .xz) so that its families lie in the folder `out`.

    A folder that holds all the rest, such as `data/`, is taken off. Everything is unpacked beside its place and moved
    there when all is well; a refused archive leaves nothing. Raises DataError for an archive that is hostile or
    damaged, for a folder that exists already, without `force`, and when nothing can be written.
    """
    try:
        with _workplace(out) as work:
            counts = _extract(archive, work, limits or Limits())
            top = _top(work)
            names = tuple(sorted(os.listdir(top)))
            if not names:
                raise DataError(f"{archive}: no file in it")
            _move(top, out, names, force)
            return Unpacked(counts.files, counts.size, names)
    except DataError:
        raise
    except DAMAGED as error:
        raise DataError(f"{archive}: not a readable .zip or .tar archive: {error}") from None
    except OSError as error:
        raise DataError(f"{error.filename or archive}: cannot be unpacked: {error.strerror or error}") from None


@contextmanager
def _workplace(out: Path) -> Iterator[Path]:
    out.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".unpack-", suffix=".partial", dir=out))
    try:
        yield work / "new"
    finally:
        shutil.rmtree(work, ignore_errors=True)


@dataclass(slots=True)
class _Seen:
    """What came out of the archive so far."""

    archive: Path
    limits: Limits
    names: dict[str, bool] = field(default_factory=dict)
    """Folded path, and whether it is a file."""
    files: int = 0
    size: int = 0

    def place(self, member: Member) -> Path | None:
        """The path of a member, checked; None for one that is passed over."""
        path = self._checked(member.name)
        if _JUNK.intersection(path.parts):
            return None
        if member.kind == "other":
            raise self._error(member.name, "a link or a device")
        if member.kind == "folder":
            self._enter(path, file=False, name=member.name)
        elif path.parts:
            self._enter(path, file=True, name=member.name)
            self.files += 1
        if self.files > self.limits.files:
            raise DataError(f"{self.archive}: more than {self.limits.files:,} files")
        return Path(*path.parts)

    def count(self, size: int) -> None:
        """Add bytes that were unpacked."""
        self.size += size
        most = self.archive.stat().st_size * self.limits.ratio + self.limits.free
        if self.size > most:
            raise DataError(f"{self.archive}: unpacks to more than {most:,} bytes, a compression bomb")

    def _checked(self, name: str) -> PurePosixPath:
        plain = name.replace("\\", "/")
        parts = plain.split("/")
        if plain.startswith("/") or ":" in plain:
            raise self._error(name, "an absolute name or one with a drive letter")
        if ".." in parts:
            raise self._error(name, "a name that leaves the folder")
        if len(plain.encode(errors="surrogateescape")) > _MAX_PATH or any(_odd(part) for part in parts):
            raise self._error(name, "a name that is no file name on every system")
        return PurePosixPath(*(part for part in parts if part not in ("", ".")))

    def _enter(self, path: PurePosixPath, *, file: bool, name: str) -> None:
        parents = [_folded(parent) for parent in path.parents if parent.parts]
        if any(self.names.get(parent) for parent in parents):
            raise self._error(name, "a name below a file")
        folded = _folded(path)
        if folded in self.names and (file or self.names[folded]):
            raise self._error(name, "a name that occurs twice, perhaps in another case")
        self.names.update(dict.fromkeys(parents, False))
        if path.parts:
            self.names[folded] = file

    def _error(self, name: str, what: str) -> DataError:
        return DataError(f"{self.archive}: member {name[:80]!a}: {what}; nothing was unpacked")


def _odd(part: str) -> bool:
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in part) or len(part.encode()) > 255:
        return True
    stem = part.partition(".")[0].rstrip(" ").casefold()
    return stem in _RESERVED or (part not in ("", ".") and part[-1] in " .")


def _folded(path: PurePosixPath) -> str:
    return unicodedata.normalize("NFC", path.as_posix()).casefold()


def _extract(archive: Path, work: Path, limits: Limits) -> _Seen:
    seen = _Seen(archive, limits)
    work.mkdir()
    with tqdm(unit="B", unit_scale=True, desc=archive.name, disable=None) as bar:
        for member in members(archive):
            path = seen.place(member)
            if path is None or not path.parts:
                continue
            if member.kind == "folder":
                (work / path).mkdir(parents=True, exist_ok=True)
                continue
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            with (work / path).open("xb") as out, member.open() as stream:
                while block := stream.read(_BLOCK):
                    seen.count(len(block))
                    out.write(block)
                    bar.update(len(block))
    return seen


def _top(work: Path) -> Path:
    """The folder whose content belongs into the data folder: below folders that hold one folder, no family, alone."""
    top = work
    while [path.name for path in top.iterdir() if path.is_dir()] == os.listdir(top) != []:
        (only, *more) = os.listdir(top)
        if more or only in FAMILIES:
            break
        top = top / only
    return top


def _move(top: Path, out: Path, names: tuple[str, ...], force: bool) -> None:
    taken = next((out / name for name in names if os.path.lexists(out / name)), None)
    if taken is not None and not force:
        raise DataError(f"{taken} exists; use --force to replace it, or another --out")
    old = Path(tempfile.mkdtemp(prefix=".old-", dir=top.parent))
    for name in names:
        if os.path.lexists(out / name):
            (out / name).rename(old / name)
        (top / name).rename(out / name)
