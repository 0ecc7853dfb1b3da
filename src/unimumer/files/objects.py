"""Reads a JSON list one object at a time, so that a file of any length takes the same memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from unimumer.files.reading import MAX_LINE, FileError, Place, json_fault, readable, refuse_constant

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
