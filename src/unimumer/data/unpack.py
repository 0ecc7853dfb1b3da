"""Unpacks an archive of data so that its families lie in the data folder; all of it comes or nothing."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from unimumer.data.layout import LAYOUTS
from unimumer.data.sample import DataError
from unimumer.files import FileError, check_free, swap
from unimumer.files.archive import members

FAMILIES = frozenset(layout.family for layout in LAYOUTS)
"""Folders of the released data folder."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was unpacked."""

    files: int
    size: int
    """Bytes."""
    folders: tuple[str, ...]
    """The families that are now below the data folder, or what else lay at the top."""


def unpack(archive: Path, out: Path, *, force: bool = False) -> Unpacked:
    """Unpack a .zip or .tar (also .gz, .bz2, .xz) so that its families lie in the folder `out`.

    A folder that holds all the rest, such as `data/`, is taken off. Everything is unpacked beside its place and moved
    there when all is well; a refused archive leaves nothing. Raises FileError for an archive that is hostile or
    damaged, for a folder that exists already, without `force`, and when nothing can be written; DataError for an
    archive without a file.
    """
    fresh = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".unpack-", suffix=".partial", dir=out, ignore_cleanup_errors=True
        ) as folder:
            work = Path(folder)
            files, size = _extract(archive, work / "new")
            top = _top(work / "new")
            names = tuple(sorted(os.listdir(top)))
            if not names:
                raise DataError(f"{archive}: no file in it")
            check_free((out / name for name in names), force)
            for name in names:
                swap(top / name, out / name)
            return Unpacked(files, size, names)
    except OSError as error:
        raise FileError(f"{error.filename or out}: cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):  # it stays where something lies in it
            if fresh:
                out.rmdir()


def _extract(archive: Path, work: Path) -> tuple[int, int]:
    """Write all members below `work`; gives the number of files and of their bytes."""
    work.mkdir()
    files = size = 0
    with tqdm(unit="B", unit_scale=True, desc=archive.name, disable=None) as bar:
        for member in members(archive):
            path = work / member.name
            if member.is_folder:
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as out:
                for block in member.blocks():
                    out.write(block)
                    bar.update(len(block))
                    size += len(block)
            files += 1
    return files, size


def _top(work: Path) -> Path:
    """The folder whose content belongs into the data folder: below folders that hold one folder, no family, alone."""
    top = work
    while [path.name for path in top.iterdir() if path.is_dir()] == os.listdir(top) != []:
        (only, *more) = os.listdir(top)
        if more or only in FAMILIES:
            break
        top = top / only
    return top
