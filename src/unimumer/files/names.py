"""What files are called: hidden ones, paths from Windows, pictures with and without their suffix."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from unimumer.files.reading import readable

PICTURE_SUFFIXES = (".jpg", ".png", ".jpeg", ".bmp", ".webp", ".jfif")
"""Of the pictures that `imaging` reads, in the order in which they are looked for; compared in lower case."""
_LITTER = frozenset({"__macosx", "thumbs.db", "desktop.ini"})


def is_hidden(path: str | PurePosixPath) -> bool:
    """Whether a relative path is, or lies in, what its owner does not see: `.x`, and what systems leave behind."""
    return any(part.startswith(".") or part.casefold() in _LITTER for part in PurePosixPath(path).parts)


def slashed(path: str) -> str:
    """A path as written on any system, with slashes."""
    return path.replace("\\", "/")


def find_file(root: Path, written: str) -> Path:
    """The file that a list means by a path, taken from `root`: as written, else as written on Windows."""
    exact = root / written
    return exact if "\\" not in written or exact.exists() else root / slashed(written)


def picture_stem(written: str) -> str:
    """The id that a list means by the name or path of a picture: without folders, and without a picture's suffix.

    Other dots stay: `eq.1` is an id, `eq.1.png` its picture.
    """
    name = slashed(written).rpartition("/")[2]
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in PICTURE_SUFFIXES else name


def list_folder(folder: Path, suffixes: tuple[str, ...], recursive: bool = False) -> tuple[list[Path], list[Path]]:
    """List the files of a folder that end in one of `suffixes`, and apart from them what else there is; both sorted.

    Hidden files and folders, the litter of systems and editors, are neither. Folders within are entered when
    `recursive`; otherwise, or when they cannot be read, they are among the others.
    """
    found: list[Path] = []
    others: list[Path] = []
    unreadable: list[OSError] = []
    for root, inner, names in os.walk(folder, onerror=unreadable.append):
        shown = [Path(root) / name for name in names if not is_hidden(name)]
        found += (path for path in shown if path.name.lower().endswith(suffixes))
        others += (path for path in shown if not path.name.lower().endswith(suffixes))
        inner[:] = [name for name in inner if not is_hidden(name)]
        if not recursive:
            others += [Path(root) / name for name in inner]
            break
    return sorted(found), sorted([*others, *(Path(error.filename) for error in unreadable)])


def walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder by their sorted names, but hidden ones; links to folders are not followed.

    One folder's names are in memory at a time. Raises FileError for a folder that cannot be read.
    """
    with readable(folder):
        names = sorted(os.listdir(folder))
    for name in names:
        path = folder / name
        if is_hidden(name):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from walk(path)
        elif path.is_file():
            yield path
