"""Reads InkML (W3C, 2011) as CROHME writes it: traces, symbol groups, MathML truth, annotations."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from unimumer.ink.model import Ink, InkError, MathNode, Stroke, Symbol
from unimumer.ink.points import to_stroke

MAX_BYTES = 4 * 2**20
MAX_POINTS = 1_000_000
MAX_DEPTH = 120
"""Nesting of XML elements; CROHME's MathML, nested rightwards, brings it to 52 at most."""

_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"


def read_inkml(data: bytes, id: str) -> Ink:
    """Read one InkML document.

    `id` names the ink, usually the file's stem. Raises InkError when the document is too large, is not
    well-formed XML, uses a DTD or entities, nests too deeply, has no stroke, or has a coordinate that is not
    a finite number.
    """
    root = _parse(data, id)
    traces = [element for element in root.iter() if _local(element) == "trace"]
    if not traces:
        raise InkError(f"{id}: no <trace> in the InkML")
    points = _points(traces, id)
    index = {trace.get("id") or trace.get(_XML_ID) or str(i): i for i, trace in enumerate(traces)}
    return Ink(id, points, tuple(_symbols(root, index, id)), _layout(root), _annotations(root))


def _parse(data: bytes, id: str) -> Element:
    if len(data) > MAX_BYTES:
        raise InkError(f"{id}: InkML of {len(data)} bytes; at most {MAX_BYTES} are read")
    try:
        root: Element = fromstring(_decoded(data), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise InkError(f"{id}: not readable as InkML: {_reason(error)}") from None
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


def _reason(error: Exception) -> str:
    return "a DTD or an entity is not allowed" if isinstance(error, DefusedXmlException) else str(error)


def _depth(root: Element) -> int:
    depth, level = 0, [root]
    while level:
        depth += 1
        level = [child for element in level for child in element]
    return depth


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _points(traces: list[Element], id: str) -> tuple[Stroke, ...]:
    texts = [trace.text or "" for trace in traces]
    if sum(text.count(",") + 1 for text in texts) > MAX_POINTS:
        raise InkError(f"{id}: more than {MAX_POINTS} points")
    return tuple(_trace(text, f"{id}: trace {i}") for i, text in enumerate(texts))


def _trace(text: str, where: str) -> Stroke:
    """Points of one `<trace>`: `x y[ t], x y[ t], …`; only the first two channels, X and Y, are kept."""
    rows = [row.split()[:2] for row in text.split(",") if row.strip()]
    try:
        values = [float(value) for row in rows for value in row]
    except ValueError:
        values = []
    if len(values) != 2 * len(rows) or any(len(row) != 2 for row in rows):
        raise InkError(f"{where}: points must be numbers, `x y` separated by commas")
    return to_stroke(values, where)


def _symbols(root: Element, index: dict[str, int], id: str) -> Iterator[Symbol]:
    """Innermost trace groups: each is one symbol."""
    for group in root.iter():
        views = [view for view in group if _local(view) == "traceView"]
        if _local(group) != "traceGroup" or not views:
            continue
        try:
            strokes = tuple(index[view.get("traceDataRef", "")] for view in views)
        except KeyError as error:
            raise InkError(f"{id}: a symbol refers to trace {error}, which the file does not have") from None
        name = next((c.text or "" for c in group if _local(c) == "annotation" and c.get("type") == "truth"), "")
        href = next((c.get("href", "") for c in group if _local(c) == "annotationXML"), "")
        yield Symbol(name.strip(), strokes, href)


def _layout(root: Element) -> MathNode | None:
    math = next((element for element in root.iter() if _local(element) == "math"), None)
    return None if math is None else _math_node(math)


def _math_node(element: Element) -> MathNode:
    children = tuple(_math_node(child) for child in element)
    return MathNode(_local(element), element.get(_XML_ID) or "", (element.text or "").strip(), children)


def _annotations(root: Element) -> dict[str, str]:
    found = (child for child in root if _local(child) == "annotation")
    return {child.get("type", ""): (child.text or "").strip() for child in found}
