"""Reads text, JSON, JSON lines and tables, and says of every error in which file, line and column it is; hashes."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn, TextIO

from unimumer.errors import UnimumerError

MAX_LINE = 1 << 20
"""Characters of a line; far above any record, it bounds what a malformed file makes us hold."""
_NO_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN|\d{1000,}')
"""Finds, past the strings, what Python's parser refuses without a place: constants that JSON lacks, endless numbers."""


class FileError(UnimumerError):
    """A file that cannot be read or written; the message names it, and the place in it."""


class Place(NamedTuple):
    """Where something stands in a file, for messages."""

    path: Path
    line: int
    """From 1."""
    item: int | None = None
    """Number of the item in a JSON list, from 0."""
    column: int | None = None
    """From 1; None for the line as a whole."""

    def __str__(self) -> str:
        """Write `FILE: item 3, line 14, column 2`."""
        parts = ("item", self.item), ("line", self.line), ("column", self.column)
        return f"{self.path}: {', '.join(f'{name} {number}' for name, number in parts if number is not None)}"

    def error(self, what: str) -> FileError:
        """Return the error that something is wrong here."""
        return FileError(f"{self}: {what}")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn the failure to read a file into a FileError."""
    try:
        yield
    except UnicodeDecodeError:
        with readable(path):
            place = _undecodable(path)
        raise place.error("not UTF-8 text") from None
    except (OSError, EOFError, zlib.error) as error:
        raise FileError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _undecodable(path: Path) -> Place:
    """Where a file is not UTF-8; the column counts bytes."""
    with _opened(path) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return Place(path, number, column=error.start + 1)
    return Place(path, 1)


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, a byte order mark dropped, line ends as they are. Raises FileError."""
    with readable(path):
        return path.read_bytes().decode("utf-8-sig")


def sha256(path: Path) -> str:
    """SHA-256 of a file of any size, hexadecimal. Raises FileError."""
    with readable(path), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_json(path: Path) -> Any:
    """What a JSON file holds. Raises FileError, with line and column."""
    return parse_json(read_text(path), path)


def read_object(path: Path) -> dict[str, Any]:
    """The object that a JSON file holds. Raises FileError for anything else."""
    content = read_json(path)
    if not isinstance(content, dict):
        raise FileError(f"{path}: expected a JSON object")
    return content


def read_list(path: Path) -> list[Any]:
    """The list that a JSON file holds. Raises FileError for anything else."""
    content = read_json(path)
    if not isinstance(content, list):
        raise FileError(f"{path}: expected a JSON list")
    return content


def read_json_lines(path: Path) -> Iterator[tuple[Place, Any]]:
    """Yield what the lines of a file hold, each a JSON text; empty lines are passed over. Raises FileError."""
    for place, line in read_lines(path):
        yield place, parse_json(line, path, place.line)


def read_table(path: Path, *, spaces: bool = False) -> Iterator[tuple[Place, str, str]]:
    """Yield id and value of each line `id<TAB>value`, without the space around them; empty lines are passed over.

    A line without a tab has an empty id; with `spaces`, white space then parts it instead, and a line of one word is
    an id without a value. Whether ids may come twice, or values be empty, is the caller's to say. Raises FileError
    when the file cannot be read.
    """
    for place, line in read_lines(path):
        id, tab, value = line.partition("\t")
        if not tab:
            id, value = (*line.split(None, 1), "", "")[:2] if spaces else ("", line)
        yield place, id.strip(), value.strip()


def _opened(path: Path) -> IO[bytes]:
    """A file's bytes, unpacked where its name ends in `.gz`."""
    if path.suffix != ".gz":
        return path.open("rb")
    import gzip  # late: few read such files

    return gzip.open(path)  # type: ignore[return-value]  # it reads as any other


def read_lines(path: Path) -> Iterator[tuple[Place, str]]:
    """Yield the lines of a UTF-8 file, also `.gz`, that are not empty, one in memory at a time. Raises FileError."""
    with readable(path), TextIOWrapper(_opened(path), encoding="utf-8-sig", newline="\n") as stream:
        number = 0
        while line := stream.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE:
                raise Place(path, number).error(f"longer than {MAX_LINE:,} characters")
            if line.strip():
                yield Place(path, number), line


def parse_json(text: str, path: Path, line: int = 1) -> Any:
    """What a JSON text holds, which begins on that line of a file. Raises FileError, with line and column."""
    try:
        return json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        at, what = json_fault(error, text)
        column = at - text.rfind("\n", 0, at)
        raise Place(path, line + text.count("\n", 0, at), column=column).error(what) from None


def refuse_constant(name: str) -> NoReturn:
    """Refuse `NaN` and `Infinity`, which Python's parser takes and JSON does not have (RFC 8259, 6)."""
    raise ValueError(f"not JSON: {name} is no number")


def refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object with a key twice, of which Python's parser takes the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return found


def json_fault(error: ValueError | RecursionError, text: str) -> tuple[int, str]:
    """Offset in a JSON text at which it cannot be parsed, and why."""
    if isinstance(error, json.JSONDecodeError):
        return error.pos, f"not JSON: {error.msg}"
    if isinstance(error, RecursionError):
        return 0, "not usable JSON: nested too deeply"
    found = next((found for found in _NO_JSON.finditer(text) if found[0][0] != '"'), None)
    what = str(error) if str(error).startswith("not JSON") else "not usable JSON: a number is too long"
    return found.start() if found else 0, what


_BLOCK = 1 << 16
_SPACE = " \t\r\n"


def read_objects(path: Path) -> Iterator[tuple[Place, dict[str, object]]]:
    """Yield the objects of a JSON list in a UTF-8 file, each with its place, in order.

    Raises FileError for anything else, with the item that is wrong; those before it were given. An object may have
    `MAX_LINE` characters.
    """
    with readable(path), path.open(encoding="utf-8-sig") as stream:
        yield from _Items(stream, path).read()


class _Items:
    """A window on the text: `_text[_at:]` is what has been read and not yet used."""

    def __init__(self, stream: TextIO, path: Path) -> None:
        self._stream, self._path = stream, path
        self._text, self._at, self._index = "", 0, 0
        self._line, self._line_start, self._counted = 1, 0, 0
        """The line at offset `_counted`, and where it starts: below 0 once its beginning is out of the window."""
        self._decoder = json.JSONDecoder(parse_constant=refuse_constant)

    def read(self) -> Iterator[tuple[Place, dict[str, object]]]:
        if self._next() != "[":
            raise FileError(f"{self._path}: not a JSON list")
        self._at += 1
        more = self._next() != "]"
        while more:
            yield self._object()
            more = self._next() == ","
            if more:
                self._at += 1
            self._index += 1
        if self._next() != "]":
            raise self._place().error('expected "," or the end of the list before it')
        self._at += 1
        if self._next():
            raise self._place().error("text after the end of the list")

    def _object(self) -> tuple[Place, dict[str, object]]:
        if (start := self._next()) != "{":
            raise self._place().error("not a JSON object" if start else "the file ends before the list")
        while True:
            try:
                item, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                # Perhaps only the end is missing; doubling the window keeps the retries linear.
                held, at = len(self._text) - self._at, error.pos - self._at
                if held > MAX_LINE:
                    raise self._place().error(f"not JSON, or longer than {MAX_LINE:,} characters") from None
                if not self._more(max(held, _BLOCK)):
                    raise self._place(at).error(json_fault(error, "")[1]) from None
            except (RecursionError, ValueError) as error:
                at, what = json_fault(error, self._text[self._at :])
                raise self._place(self._at + at).error(what) from None
            else:
                place, self._at = self._place(), end
                return Place(place.path, place.line, place.item), item

    def _place(self, at: int | None = None) -> Place:
        """The place at an offset, or of what comes next; offsets asked for only grow."""
        at = self._at if at is None else at
        if lines := self._text.count("\n", self._counted, at):
            self._line += lines
            self._line_start = self._text.rfind("\n", self._counted, at) + 1
        self._counted = at
        return Place(self._path, self._line, self._index, at - self._line_start + 1)

    def _next(self) -> str:
        """Pass over white space and give the next character without using it; "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_BLOCK):
                return ""

    def _more(self, size: int) -> bool:
        block = self._stream.read(size)
        self._place()
        self._text = self._text[self._at :] + block
        self._line_start, self._counted, self._at = self._line_start - self._at, 0, 0
        return bool(block)
