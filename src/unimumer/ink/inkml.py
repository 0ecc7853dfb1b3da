"""Reads and writes InkML (W3C, 2011) with what CROHME puts into it: symbol groups, MathML truth, annotations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from unimumer.ink.model import Ink, InkError, InkSymbol, MathNode, Stroke, to_stroke
from unimumer.ink.trace import XML_ID, Contexts, TraceFormat, local_name, read_format, read_points

MAX_BYTES = 4 * 2**20
MAX_POINTS = 1_000_000
MAX_DEPTH = 120
"""Nesting of XML elements; CROHME's MathML, nested rightwards, brings it to 52 at most."""

_NAMESPACE = "http://www.w3.org/2003/InkML"
_MATHML = "http://www.w3.org/1998/Math/MathML"
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold (XML 1.0, section 2.2), and the carriage return, which it would turn into a line feed."""


def read_inkml(data: bytes, id: str) -> Ink:
    """Read one InkML document.

    `id` names the ink, usually the file's stem. Traces of the pen in the air, traces without points, and traces
    among the definitions that nothing refers to are left out. Raises InkError, which says where, when the document
    is too large, is not well-formed XML, uses a DTD or entities, nests too deeply, has no ink, has points that do
    not fit their trace format, or uses what is not supported: indeterminate traces, transforms, parts of traces.
    """
    root = _parse(data, id)
    drawing = _Drawing(root, id)
    if not drawing.strokes:
        raise InkError(f"{id}: no <trace> with ink in the InkML")
    math = next((element for element in root.iter() if local_name(element) == "math"), None)
    layout = None if math is None else _math_node(math)
    about = [child for child in root if local_name(child) == "annotation"]
    annotations = {child.get("type", ""): (child.text or "").strip() for child in about}
    symbols = tuple(_symbols(root, drawing))
    return Ink(id, tuple(drawing.strokes), symbols, layout, annotations, tuple(drawing.names))


def _parse(data: bytes, id: str) -> Element:
    if len(data) > MAX_BYTES:
        raise InkError(f"{id}: InkML of {len(data)} bytes; at most {MAX_BYTES} are read")
    try:
        root: Element = fromstring(_decoded(data), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        why = "a DTD or an entity is not allowed" if isinstance(error, DefusedXmlException) else error
        raise InkError(f"{id}: not readable as InkML: {why}") from None
    if local_name(root) != "ink":
        raise InkError(f"{id}: not InkML: the document is a <{local_name(root)}>")
    if _depth(root) > MAX_DEPTH:
        raise InkError(f"{id}: XML nested deeper than {MAX_DEPTH} elements")
    return root


def _decoded(data: bytes) -> bytes | str:
    """`data`, or its text where it is neither UTF-8 nor says what else it is.

    XML without a declaration is UTF-8 (XML 1.0, 4.3.3); MfrDB0104 holds a Latin-1 middle dot all the same.
    Latin-1 gives every byte a character, so nothing is lost and the parser still judges the result.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"encoding" in data[:200]:
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
    return data


def _depth(root: Element) -> int:
    depth, level = 0, [root]
    while level:
        depth += 1
        level = [child for element in level for child in element]
    return depth


def _shown(element: Element) -> Iterator[Element]:
    """All elements but the definitions, which have no effect until something refers to them."""
    yield element
    for child in element:
        if local_name(child) != "definitions":
            yield from _shown(child)


@dataclass(frozen=True, slots=True)
class _Trace:
    """A `<trace>` as found in the document."""

    element: Element
    format: TraceFormat
    groups: tuple[str, ...]
    """Names of the groups it is in, innermost last."""
    defined: bool
    """Whether it stands among the definitions."""


def _traces(root: Element, id: str) -> Iterator[_Trace]:
    """Every trace with the format that holds for it, in the order of the document."""
    contexts = Contexts(root, id)

    def walk(parent: Element, current: TraceFormat | None, groups: tuple[str, ...], defined: bool) -> Iterator[_Trace]:
        for child in parent:
            name = local_name(child)
            if name == "trace":
                yield _Trace(child, contexts.referred(child, current) or contexts.default, groups, defined)
            elif name == "traceFormat" and not defined:  # CROHME puts it beside the traces
                current = read_format(child, id)
            elif name == "context" and not defined:
                current = contexts.given(child, current)
            elif name not in ("annotation", "annotationXML", "traceFormat", "context"):
                inner = (*groups, child.get(XML_ID, "")) if name == "traceGroup" else groups
                yield from walk(child, contexts.referred(child, current), inner, defined or name == "definitions")

    return walk(root, None, (), False)


class _Drawing:
    """The strokes of a document, and which of them each trace and each group of traces gave."""

    def __init__(self, root: Element, id: str) -> None:
        self._id = id
        self.strokes: list[Stroke] = []
        self.names: list[str] = []
        """Of the trace that began each stroke."""
        self._of: dict[str, tuple[int, ...]] = {}
        viewed = {_reference(element, "traceDataRef") for element in _shown(root) if local_name(element) == "traceView"}
        points = 0
        for i, trace in enumerate(_traces(root, id)):
            points += (trace.element.text or "").count(",") + 1
            if points > MAX_POINTS:
                raise InkError(f"{id}: more than {MAX_POINTS} points")
            name = trace.element.get("id") or trace.element.get(XML_ID) or str(i)
            if name in self._of:
                raise InkError(f"{id}: two traces, or a trace and a group, are named {name!r}")
            hidden = trace.defined and viewed.isdisjoint([name, *trace.groups])
            drawn = () if hidden else self._drawn(trace, f"{id}: trace {i}")
            self.names += [name] * (len(self.strokes) - len(self.names))
            for key in (name, *filter(None, trace.groups)):
                self._of[key] = tuple(dict.fromkeys(self._of.get(key, ()) + drawn))

    def viewed(self, view: Element) -> tuple[int, ...]:
        """Indices of the strokes that a `<traceView>` shows; none where all it names is no ink."""
        if view.get("from") or view.get("to"):
            raise InkError(f"{self._id}: a traceView of a part of a trace is not supported")
        return self._named(_reference(view, "traceDataRef"), "a symbol")

    def _named(self, name: str, who: str) -> tuple[int, ...]:
        try:
            return self._of[name]
        except KeyError:
            raise InkError(f"{self._id}: {who} refers to trace {name!r}, which the file does not have") from None

    def _drawn(self, trace: _Trace, where: str) -> tuple[int, ...]:
        """Draw a trace: as a stroke of its own, or as the rest of the one that it continues (section 3.2.1)."""
        if not _is_ink(trace.element, where):
            return ()
        stroke = to_stroke(read_points(trace.element.text or "", trace.format, where), where)
        if stroke is None:
            return ()
        if trace.element.get("continuation") in ("middle", "end"):
            begun = self._named(_reference(trace.element, "priorRef"), where)
            if begun:
                self.strokes[begun[-1]] = np.concatenate([self.strokes[begun[-1]], stroke])
                return begun[-1:]
        self.strokes.append(stroke)
        return (len(self.strokes) - 1,)


def _is_ink(trace: Element, where: str) -> bool:
    """Whether the pen was down; of an indeterminate trace nobody knows."""
    kind = trace.get("type", "penDown")
    if kind not in ("penDown", "penUp"):
        raise InkError(f"{where}: a trace of type {kind!r} does not say where the pen was down; this is not supported")
    return kind == "penDown"


def _reference(element: Element, attribute: str) -> str:
    """Name that a reference within the document gives: `#t0` by the standard, `t0` as CROHME writes it."""
    return element.get(attribute, "").removeprefix("#")


def _symbols(root: Element, drawing: _Drawing) -> Iterator[InkSymbol]:
    """Innermost groups: each is one symbol. Those without ink are left out."""
    for group in _shown(root):
        views = [view for view in group if local_name(view) == "traceView"]
        if local_name(group) not in ("traceGroup", "traceView") or not views:
            continue
        strokes = tuple(stroke for view in views for stroke in drawing.viewed(view))
        name = next((c.text or "" for c in group if local_name(c) == "annotation" and c.get("type") == "truth"), "")
        href = next((c.get("href", "") for c in group if local_name(c) == "annotationXML"), "")
        if strokes:
            yield InkSymbol(name.strip(), strokes, href)


def _math_node(element: Element) -> MathNode:
    children = tuple(_math_node(child) for child in element)
    return MathNode(local_name(element), element.get(XML_ID) or "", (element.text or "").strip(), children)


def write_inkml(ink: Ink) -> bytes:
    """`ink` as InkML in UTF-8, laid out as CROHME lays it out; `read_inkml` gives the same ink back.

    Raises InkError for a name or an annotation with a character that XML cannot hold.
    """
    root = Element("ink", xmlns=_NAMESPACE)
    channels = SubElement(SubElement(root, "context"), "traceFormat")
    for name in "XY":
        SubElement(channels, "channel", name=name, type="decimal")
    for kind, text in ink.annotations.items():
        SubElement(root, "annotation", type=kind).text = text
    if ink.layout is not None:
        truth = SubElement(root, "annotationXML", type="truth", encoding="Content-MathML")
        truth.append(_written(ink.layout))
        truth[0].set("xmlns", _MATHML)
    for i, stroke in enumerate(ink.strokes):
        SubElement(root, "trace", {XML_ID: f"t{i}"}).text = ", ".join(f"{_decimal(x)} {_decimal(y)}" for x, y in stroke)
    if ink.symbols:
        _write_symbols(ink, SubElement(root, "traceGroup"))
    indent(root)
    text = tostring(root, encoding="unicode")
    if bad := _NOT_XML.search(text):
        raise InkError(f"{ink.id}: a name or an annotation has the character {bad[0]!r}, which InkML cannot hold")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _decimal(coordinate: np.float32) -> str:
    """Shortest text that reads back as the same coordinate, without an exponent."""
    return np.format_float_positional(coordinate, trim="-")


def _written(node: MathNode) -> Element:
    element = Element(node.tag, {XML_ID: node.id} if node.id else {})
    element.text = node.text
    element.extend(_written(child) for child in node.children)
    return element


def _write_symbols(ink: Ink, groups: Element) -> None:
    SubElement(groups, "annotation", type="truth").text = "Segmentation"
    for symbol in ink.symbols:
        group = SubElement(groups, "traceGroup")
        SubElement(group, "annotation", type="truth").text = symbol.name
        for stroke in symbol.strokes:
            SubElement(group, "traceView", traceDataRef=f"#t{stroke}")
        if symbol.node_id:
            SubElement(group, "annotationXML", href=symbol.node_id)
