"""Writes files and folders that are there whole or not at all, whenever the process is killed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from unimumer.files.reading import FileError


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Turn the failure to write a file into a FileError."""
    try:
        yield
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror or error}") from None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the name to write a file under; at the end it gets the name `path`, all at once and on the disk.

    When the body fails, the file at `path` stays as it was. What is there and is no file, such as `/dev/stdout`, is
    written in place. Raises FileError when the file cannot be written, the writing in the body included.
    """
    in_place = path.exists() and not path.is_file()
    # A suffix of its own: what a killed process leaves is no `*.json` to anybody.
    part = path if in_place else path.with_name(f".{path.name}.{os.getpid()}.part")
    with writable(path):
        try:
            yield part
            if not in_place:
                with part.open("r+b") as stream:
                    os.fsync(stream.fileno())
                os.replace(part, path)
        finally:
            if not in_place:
                part.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all. Raises FileError."""
    with replacing(path) as part:
        part.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with `\\n` as line end on every system, whole or not at all. Raises FileError."""
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise FileError(f"{path}: {error.object[error.start]!r} is not a character of UTF-8") from None
    write_bytes(path, data)


def write_json(path: Path, content: object, *, indent: int = 2, end: str = "\n") -> None:
    """Write JSON, whole or not at all. Raises FileError, also for NaN and infinity, which JSON does not have."""
    try:
        text = json.dumps(content, indent=indent, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise FileError(f"{path}: cannot be written: {error}") from None
    # A lone surrogate, which UTF-8 cannot hold, comes out as its JSON escape.
    write_bytes(path, (text + end).encode("utf-8", "backslashreplace"))


def check_free(paths: Iterable[Path], force: bool) -> None:
    """Raise FileError when one of the paths is taken and may not be replaced."""
    taken = None if force else next((path for path in paths if os.path.lexists(path)), None)
    if taken is not None:
        raise FileError(f"{taken} exists; use --force to replace it")


def swap(new: Path, place: Path) -> None:
    """Move a file or folder to a place on the same file system; what was there is removed.

    The old one is moved aside before, and removed after: between the two moves `standing` finds it.
    Raises FileError; the old one is then back in its place.
    """
    aside = _aside(place)
    with writable(place):
        if os.path.lexists(place) and (place.is_dir() or new.is_dir()):  # a file replaces a file at once
            _remove(aside)
            os.replace(place, aside)
        try:
            os.replace(new, place)
        except OSError:
            if os.path.lexists(aside):
                os.replace(aside, place)
            raise
        _remove(aside)


def standing(place: Path) -> Path:
    """The place itself, or where a kill in the middle of `swap` left what was there."""
    aside = _aside(place)
    return aside if aside.exists() and not place.exists() else place


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.old")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
