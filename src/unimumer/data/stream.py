"""Reads a JSON list one object at a time, so that a file of any length takes the same memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from unimumer.data.sample import DataError

MAX_ITEM = 1 << 20
"""Characters of one object; far above any record, it bounds what a malformed file makes us hold."""

_BLOCK = 1 << 16
_SPACE = " \t\r\n"


def read_objects(path: Path) -> Iterator[dict[str, object]]:
    """Give the objects of a file that is a JSON list of objects, in UTF-8, in order.

    Raises DataError for anything else, with the index of the item that is wrong; those before it were given.
    """
    try:
        with path.open(encoding="utf-8-sig") as stream:
            yield from _Items(stream, str(path)).read()
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error


class _Items:
    """A window on the text: `_text[_at:]` is what has been read and not yet used."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream, self._name = stream, name
        self._text, self._at, self._index = "", 0, 0
        self._decoder = json.JSONDecoder()

    def read(self) -> Iterator[dict[str, object]]:
        self._expect("[", f"{self._name}: not a JSON list")
        more = self._next() != "]"
        while more:
            yield self._object()
            more = self._next() == ","
            if more:
                self._at += 1
            self._index += 1
        self._expect("]", f'{self._name}: item {self._index}: expected "," or the end of the list before it')
        if self._next():
            raise DataError(f"{self._name}: text after the end of the list")

    def _object(self) -> dict[str, object]:
        where = f"{self._name}: item {self._index}"
        if (start := self._next()) != "{":
            raise DataError(f"{where}: {'not a JSON object' if start else 'the file ends before the list'}")
        while True:
            try:
                item, self._at = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                # Perhaps only the end is missing; doubling the window keeps the retries linear.
                held = len(self._text) - self._at
                if held > MAX_ITEM:
                    raise DataError(f"{where}: not JSON, or longer than {MAX_ITEM:,} characters") from error
                if not self._more(max(held, _BLOCK)):
                    raise DataError(f"{where}: not JSON: {error.msg}") from error
            except (RecursionError, ValueError) as error:
                raise DataError(f"{where}: nested too deeply or a number too long") from error
            else:
                return dict(item)

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
        self._text, self._at = self._text[self._at :] + block, 0
        return bool(block)

    def _expect(self, mark: str, complaint: str) -> None:
        if self._next() != mark:
            raise DataError(complaint)
        self._at += 1
