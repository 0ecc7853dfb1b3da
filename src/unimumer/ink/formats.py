"""Trace formats of InkML: which channels a trace's points have, wherever the document says so."""

from __future__ import annotations

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
