"""Reads the points of an InkML trace: by their format, explicit, as differences, or in hexadecimal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from xml.etree.ElementTree import Element

from unimumer.ink.model import InkError

XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_MAX_REFERENCES = 20
"""Contexts that may be built on each other; more is a circle."""

_DEFAULT_FORMAT = Element("traceFormat")
_DEFAULT_FORMAT.extend([Element("channel", name="X"), Element("channel", name="Y")])
_DEFAULT_CONTEXT = Element("context")
_DEFAULT_CONTEXT.append(_DEFAULT_FORMAT)
_DEFAULTS = {"traceFormat": _DEFAULT_FORMAT, "context": _DEFAULT_CONTEXT, "inkSource": _DEFAULT_CONTEXT}


@dataclass(frozen=True, slots=True)
class TraceFormat:
    """Where a trace's points have their X and Y (W3C InkML 2011, section 3.1)."""

    channels: tuple[str, ...] = ("X", "Y")
    """Names of the regular channels, which every point has, in order."""
    intermittent: tuple[str, ...] = ()
    """Names of the channels that a point may leave out; their values follow those of the regular ones."""
    signs: tuple[int, int] = (1, 1)
    """-1 for X that grows to the left and for Y that grows upwards, both marked `orientation="-ve"`."""

    @property
    def names(self) -> str:
        """All channels, for error texts."""
        return " ".join(self.channels + self.intermittent)


def read_format(element: Element, where: str) -> TraceFormat:
    """The format that a `<traceFormat>` element describes.

    Raises InkError when it has no X or no Y among its regular channels, has one twice, or gives one of them a
    mapping or a unit of its own, which is not applied here.
    """
    regular = [child for child in element if local_name(child) == "channel"]
    rest = [c for child in element if local_name(child) == "intermittentChannels" for c in child]
    channels = tuple(channel.get("name", "") for channel in regular)
    if channels.count("X") != 1 or channels.count("Y") != 1:
        raise InkError(f"{where}: a traceFormat must have one channel X and one Y; this one has {' '.join(channels)}")
    plane = [regular[channels.index(name)] for name in "XY"]
    if plane[0].get("units") != plane[1].get("units"):
        raise InkError(f"{where}: channels X and Y in different units are not supported")
    mappings = [m for channel in [element, *plane] for m in channel if local_name(m) == "mapping"]
    if any(mapping.get("type") != "identity" for mapping in mappings):
        raise InkError(f"{where}: a traceFormat with a mapping is not supported")
    intermittent = tuple(channel.get("name", "") for channel in rest if local_name(channel) == "channel")
    x, y = (-1 if channel.get("orientation") == "-ve" else 1 for channel in plane)
    return TraceFormat(channels, intermittent, (x, y))


def local_name(element: Element) -> str:
    """Name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


class Contexts:
    """The trace formats that the contexts of a document give its traces (W3C InkML 2011, section 4)."""

    def __init__(self, root: Element, id: str) -> None:
        """`id` names the ink in errors. Raises InkError for a canvas transform, which is not applied here."""
        self._root, self._id = root, id
        self._named = {(local_name(e), e.get(XML_ID)): e for e in root.iter() if e.get(XML_ID)}
        transforms = (m for e in root.iter() if local_name(e) == "canvasTransform" for m in e)
        if any(local_name(m) == "mapping" and m.get("type") != "identity" for m in transforms):
            raise InkError(f"{id}: a canvasTransform is not supported")

    @cached_property
    def default(self) -> TraceFormat:
        """Format of traces that no context covers: X Y, or what the document defines if it defines only one.

        By the standard a definition counts where it is referred to; files that define one and refer to none mean it.
        """
        of_canvas = {f for e in self._root.iter() if local_name(e) == "canvas" for f in e}
        formats = [e for e in self._root.iter() if local_name(e) == "traceFormat" and e not in of_canvas]
        return read_format(formats[0], self._id) if len(formats) == 1 else TraceFormat()

    def referred(self, element: Element, current: TraceFormat | None) -> TraceFormat | None:
        """Format of a trace or a group of traces: its `contextRef`'s, or the current one."""
        reference = element.get("contextRef")
        if reference is None:
            return current
        return self.given(self._target("context", reference), None)

    def given(self, context: Element, current: TraceFormat | None, references: int = 0) -> TraceFormat | None:
        """Format that a `<context>` gives: its own, that of the one it is built on, or the current one."""
        if references > _MAX_REFERENCES:
            raise InkError(f"{self._id}: contexts refer to each other in a circle")
        if (own := self._own(context)) is not None:
            return read_format(own, self._id)
        if (base := context.get("contextRef")) is not None:
            return self.given(self._target("context", base), None, references + 1)
        return current

    def _own(self, context: Element) -> Element | None:
        """The `<traceFormat>` in a context, in its ink source, or where one of the two refers to."""
        if (format := self._part("traceFormat", context)) is not None:
            return format
        source = self._part("inkSource", context)
        return None if source is None else self._part("traceFormat", source)

    def _part(self, name: str, of: Element) -> Element | None:
        if (reference := of.get(f"{name}Ref")) is not None:
            return self._target(name, reference)
        return next((child for child in of if local_name(child) == name), None)

    def _target(self, name: str, reference: str) -> Element:
        if reference.startswith("#Default"):  # DefaultContext, DefaultTraceFormat: X and Y, by the standard
            return _DEFAULTS[name]
        try:
            return self._named[name, reference.removeprefix("#")]
        except KeyError:
            raise InkError(f"{self._id}: a {name} is referred to as {reference!r}, which the file lacks") from None


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
