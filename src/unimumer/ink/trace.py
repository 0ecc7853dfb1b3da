"""Reads the points of an InkML trace: values by their trace format, explicit, as differences, or in hexadecimal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from unimumer.ink.formats import TraceFormat
from unimumer.ink.model import InkError

_VALUE = re.compile(
    r"""\s*(?P<order>[!'"]?)\s*
    (?: (?P<hex>[-+]?\#[0-9A-F]{1,12}(?![0-9A-F]))
      | (?P<number>[-+]?(?:\d+(?:\.\d*)?|(?<![\dA-F.])\.\d+)(?:[eE][-+]?\d+)?)
      | (?P<other>[TF*?]) )\s*""",
    re.VERBOSE,
)
"""One value of a point (W3C InkML 2011, section 3.2.1). A sign or a prefix also parts it from the one before."""

_PLAIN = re.compile(r"(?:[0-9.\s,]|(?<![0-9.])-)*")
"""Text of spaced numbers without prefixes and wildcards, as nearly all files have it; it is read faster."""

_ORDERS = {"!": 0, "'": 1, '"': 2}
"""What a prefix makes of the values of its channel: explicit, first differences, second differences."""


def read_points(text: str, format: TraceFormat, where: str) -> list[float]:
    """The values x, y, x, y, … of a trace, y growing downwards; none for a trace without points.

    Raises InkError, which names the place as `where`, for what is no value of InkML, for a point with more values
    than `format` has channels or without X and Y, for a difference with nothing before it, and for a position that
    is unknown (`?`) or not a number.
    """
    rows = [row for row in text.split(",") if row.strip()]
    columns = (format.channels.index("X"), format.channels.index("Y"))
    if _PLAIN.fullmatch(text):
        try:
            values = [float(row[column]) for row in map(str.split, rows) if _fits(row, format) for column in columns]
        except (ValueError, IndexError):
            values = []
        if values and len(values) == 2 * len(rows):
            return _oriented(values, format)
    return _oriented(list(_decoded(rows, format, columns, where)), format)


def _fits(row: Sequence[object], format: TraceFormat) -> bool:
    return len(row) <= len(format.channels) + len(format.intermittent)


def _oriented(values: list[float], format: TraceFormat) -> list[float]:
    if format.signs == (1, 1):
        return values
    return [value * format.signs[i % 2] for i, value in enumerate(values)]


def _decoded(rows: list[str], format: TraceFormat, columns: tuple[int, int], where: str) -> Iterator[float]:
    """Coordinates of points in any encoding."""
    coders = (_Channel("X"), _Channel("Y"))
    for i, row in enumerate(rows):
        place = f"{where}, point {i}"
        values = _values(row, format, place)
        for column, coder in zip(columns, coders):
            if column >= len(values):
                raise InkError(f"{place}: {len(values)} values, but X and Y are among the channels {format.names}")
            yield coder.position(values[column], place)
        _refuse_lifted(values, format, place)


def _values(row: str, format: TraceFormat, place: str) -> list[re.Match[str]]:
    """Values of one point. A colon, with which drafts of InkML begin the intermittent channels, parts them too."""
    regular, _, intermittent = row.partition(":")
    found = [_split(part, place) for part in (regular, intermittent)]
    values = found[0] + found[1]
    if not _fits(values, format):
        hint = "; points are parted by commas" if "\n" in row.strip() else ""
        raise InkError(f"{place}: {len(values)} values, but the channels are {format.names}{hint}")
    return values


def _split(text: str, place: str) -> list[re.Match[str]]:
    values, end = [], 0
    while end < len(text.rstrip()):
        value = _VALUE.match(text, end)
        if value is None:
            raise InkError(f"{place}: `{text[end:].strip()[:20]}` is not a value of InkML; points must be numbers")
        values.append(value)
        end = value.end()
    return values


def _refuse_lifted(values: list[re.Match[str]], format: TraceFormat, place: str) -> None:
    """Channel S tells whether the tip is on the paper; a trace that lifts it in the middle is not cut here."""
    if "S" in format.channels:
        column = format.channels.index("S")
        if column < len(values) and values[column]["other"] == "F":
            raise InkError(f"{place}: the channel S says that the pen is off the paper; this is not supported")


class _Channel:
    """One coordinate along a trace: how its values are given, where it is and how it moves."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._order = 0
        self._value: float | None = None
        self._velocity: float | None = None
        self._acceleration = 0.0

    def position(self, match: re.Match[str], place: str) -> float:
        """The position that the next value gives; without a prefix it is read as the one before (section 3.2.1)."""
        self._order = _ORDERS.get(match["order"], self._order)
        if match["other"] and match["other"] != "*":
            raise InkError(f"{place}: {self._name} is `{match['other']}`, not a number")
        self._move(None if match["other"] else _number(match))
        if self._value is None:
            raise InkError(f"{place}: {self._name} is a difference or a wildcard with nothing before it to go on from")
        return self._value

    def _move(self, number: float | None) -> None:
        """Take in a number, or go on as before for None; the value is None where there is nothing to go on from."""
        if self._order == 0:
            if number is not None:
                self._value, self._velocity = number, None
            return
        if self._order == 1:
            self._velocity, self._acceleration = self._velocity if number is None else number, 0.0
        elif self._velocity is not None:
            self._acceleration = self._acceleration if number is None else number
            self._velocity += self._acceleration
        known = self._value is not None and self._velocity is not None
        self._value = self._value + self._velocity if known else None  # type: ignore[operator]


def _number(match: re.Match[str]) -> float:
    return float(int(match["hex"].replace("#", ""), 16) if match["hex"] else match["number"])
