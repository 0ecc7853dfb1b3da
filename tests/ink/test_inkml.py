from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.ink import Ink, InkError, InkSymbol, MathNode, read_inkml, write_inkml
from unimumer.ink.inkml import MAX_BYTES, MAX_DEPTH

Make = Callable[..., bytes]

# HAMEX, expressmatch and ISICAL: MathML ids made of the name and a number, two decimal channels.
HAMEX = rb"""<ink xmlns="http://www.w3.org/2003/InkML">
<traceFormat><channel name="X" type="decimal"/><channel name="Y" type="decimal"/></traceFormat>
<annotation type="truth">$\frac{1}{u}$</annotation><annotation type="writer">w7</annotation>
<annotationXML type="truth" encoding="Content-MathML">
<math xmlns='http://www.w3.org/1998/Math/MathML'><mfrac xml:id="_1">
<mn xml:id="1_1">1</mn><mi xml:id="u_1">u</mi></mfrac></math></annotationXML>
<trace id="0">
5 0, 5 4
</trace>
<trace id="1">
0 6, 10 6
</trace>
<trace id="2">
4 8.5, 6 8.5
</trace>
<traceGroup xml:id="3"><annotation type="truth">Segmentation</annotation>
<traceGroup xml:id="4"><annotation type="truth">1</annotation><traceView traceDataRef="0"/>
<annotationXML href="1_1"/></traceGroup>
<traceGroup xml:id="5"><annotation type="truth">-</annotation><traceView traceDataRef="1"/>
<annotationXML href="_1"/></traceGroup>
<traceGroup xml:id="6"><annotation type="truth">u</annotation><traceView traceDataRef="2"/>
<annotationXML href="u_1"/></traceGroup>
</traceGroup></ink>"""

# MathBrush: no traceFormat, ids `0:` `1:`, trace groups named alike.
MATHBRUSH = rb"""<ink xmlns="http://www.w3.org/2003/InkML"><annotation type="truth"> e </annotation>
<annotationXML type="truth" encoding="Content-MathML"><math xmlns="http://www.w3.org/1998/Math/MathML">
<mi xml:id="0:">e</mi></math></annotationXML>
<trace id="0">1 2, 3 4</trace>
<traceGroup xml:id="-- Segmentation Data --"><annotation type="truth">Segmentation</annotation>
<traceGroup xml:id="0:"><annotation type="truth">e</annotation><traceView traceDataRef="0"/>
<annotationXML href="0:"/></traceGroup></traceGroup></ink>"""

# MfrDB: three channels with the time as the third, MathML without a namespace of its own.
MFRDB = rb"""<?xml version="1.0" encoding="utf-8"?>
<ink xmlns="http://www.w3.org/2003/InkML"><traceFormat><channel name="X" type="integer" units="pt" />
<channel name="Y" type="integer" units="pt" /><channel name="T" type="integer" units="ms" /></traceFormat>
<annotation type="truth">$\sum$</annotation><annotationXML type="truth" encoding="Presentation-MathML">
<math><mo xml:id="\sum_1">sum</mo></math></annotationXML>
<trace id="0">242 291 296885, 243 290 296948</trace>
<traceGroup xml:id="1"><annotation type="truth">Segmentation</annotation><traceGroup xml:id="2">
<annotation type="truth">\sum</annotation><traceView traceDataRef="0" /><annotationXML href="\sum_1" />
</traceGroup></traceGroup></ink>"""


def test_hamex_style() -> None:
    ink = read_inkml(HAMEX, "a")
    assert [stroke.tolist() for stroke in ink.strokes] == [
        [[5, 0], [5, 4]],
        [[0, 6], [10, 6]],
        [[4, 8.5], [6, 8.5]],
    ]
    assert all(stroke.dtype == np.float32 for stroke in ink.strokes)
    assert [(s.name, s.strokes, s.node_id) for s in ink.symbols] == [
        ("1", (0,), "1_1"),
        ("-", (1,), "_1"),
        ("u", (2,), "u_1"),
    ]
    assert ink.annotations["truth"] == r"$\frac{1}{u}$"
    assert ink.annotations["writer"] == "w7"
    assert ink.layout is not None
    fraction = ink.layout.children[0]
    assert (fraction.tag, fraction.id) == ("mfrac", "_1")
    assert [(c.tag, c.id, c.text) for c in fraction.children] == [("mn", "1_1", "1"), ("mi", "u_1", "u")]


def test_mathbrush_style() -> None:
    ink = read_inkml(MATHBRUSH, "b")
    assert ink.symbols[0].node_id == "0:"
    assert ink.layout is not None
    assert ink.layout.children[0].id == "0:"


def test_mfrdb_style_keeps_x_and_y_of_three_channels() -> None:
    ink = read_inkml(MFRDB, "c")
    assert ink.strokes[0].tolist() == [[242, 291], [243, 290]]
    assert ink.layout is not None
    assert ink.layout.children[0].text == "sum"


def test_ink_without_truth_or_symbols_is_only_strokes() -> None:
    ink = read_inkml(b"<ink><trace>1 2, 3 4</trace><trace>5 6</trace></ink>", "d")
    assert (len(ink.strokes), ink.symbols, ink.layout, ink.annotations) == (2, (), None, {})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    declared = {"utf-16-be": "utf-16", "utf-8-sig": "utf-8"}.get(encoding, encoding)
    text = f'<?xml version="1.0" encoding="{declared}"?><ink><annotation type="truth">é</annotation>'
    bom = b"\xfe\xff" if encoding == "utf-16-be" else b""
    data = bom + (text + "<trace>1 2</trace></ink>").encode(encoding)
    assert read_inkml(data, "e").annotations["truth"] == "é"


def test_undeclared_latin_1_is_read() -> None:
    ink = read_inkml(b'<ink><annotation type="truth">a\xb7b</annotation><trace>1 2</trace></ink>', "f")
    assert ink.annotations["truth"] == "a·b"


@pytest.mark.parametrize(
    ("traces", "complaint"),
    [
        ("", "no <trace>"),
        ("<trace></trace><trace> , </trace>", "no <trace> with ink"),
        ('<trace type="penUp">1 2</trace>', "no <trace> with ink"),
        ("<definitions><trace>1 2</trace></definitions>", "no <trace> with ink"),
        ('<trace type="indeterminate">1 2</trace>', "trace 0: a trace of type 'indeterminate'"),
        ("<trace>1 2</trace><trace>1 2, 3</trace>", "trace 1, point 1: 1 values"),
        ('<trace id="a">1 2</trace><trace id="a">3 4</trace>', "two traces.* named 'a'"),
        ('<trace continuation="end" priorRef="#b">1 2</trace>', "refers to trace 'b'"),
        ("<trace>1 1e308</trace>", "not a finite number"),
        ("<trace>1e999 1</trace>", "not a finite number"),
    ],
)
def test_unusable_traces_are_refused(traces: str, complaint: str) -> None:
    with pytest.raises(InkError, match=f"^bad: .*{complaint}"):
        read_inkml(f"<ink>{traces}</ink>".encode(), "bad")


def test_what_the_pen_did_not_write_is_no_ink() -> None:
    ink = read_inkml(
        b"""<ink><definitions><trace xml:id="unused">7 7</trace><trace xml:id="used">8 8</trace>
        <traceGroup xml:id="all"><trace>9 9</trace></traceGroup></definitions>
        <trace type="penDown">1 2</trace><trace type="penUp">1 2, 3 4</trace><trace xml:id="tap"/><trace>3 4</trace>
        <traceGroup><annotation type="truth">x</annotation><traceView traceDataRef="#tap"/><traceView
        traceDataRef="#used"/></traceGroup>
        <traceGroup><annotation type="truth">lost</annotation><traceView traceDataRef="#tap"/></traceGroup>
        <traceView><annotation type="truth">y</annotation><traceView traceDataRef="#all"/></traceView></ink>""",
        "p",
    )
    assert [stroke.tolist() for stroke in ink.strokes] == [[[8, 8]], [[9, 9]], [[1, 2]], [[3, 4]]]
    assert [(symbol.name, symbol.strokes) for symbol in ink.symbols] == [("x", (0,)), ("y", (1,))]


def test_a_trace_goes_on_where_its_continuation_says() -> None:
    ink = read_inkml(
        b"""<ink><trace xml:id="a" continuation="begin">1 2</trace><trace xml:id="b">5 6</trace>
        <trace xml:id="c" continuation="middle" priorRef="#a">2 3, '1'1</trace>
        <trace continuation="end" priorRef="#c">4 4</trace>
        <traceGroup><traceView traceDataRef="#c"/></traceGroup></ink>""",
        "c",
    )
    assert [stroke.tolist() for stroke in ink.strokes] == [[[1, 2], [2, 3], [3, 4], [4, 4]], [[5, 6]]]
    assert ink.symbols[0].strokes == (0,)


@pytest.mark.parametrize("reference", ["0", "#0"])
def test_references_with_and_without_a_hash(reference: str) -> None:
    document = HAMEX.replace(b'traceDataRef="0"', f'traceDataRef="{reference}"'.encode())
    assert read_inkml(document, "h").symbols[0].strokes == (0,)


def test_a_view_of_a_part_is_refused() -> None:
    document = HAMEX.replace(b'traceDataRef="0"', b'traceDataRef="0" from="2"')
    with pytest.raises(InkError, match=r"^h: a traceView of a part"):
        read_inkml(document, "h")


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE ink>",
        '<!DOCTYPE ink [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE ink [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE ink SYSTEM "http://127.0.0.1/ink.dtd">',
    ],
)
def test_entities_and_dtds_are_refused(doctype: str) -> None:
    document = f"{doctype}<ink><trace>1 2</trace></ink>".encode()
    with pytest.raises(InkError, match=r"^x: .*a DTD or an entity is not allowed"):
        read_inkml(document, "x")


def test_undefined_entity_is_refused() -> None:
    with pytest.raises(InkError, match="undefined entity"):
        read_inkml(b"<ink><trace>&x;</trace></ink>", "x")


def test_deep_nesting_is_refused_and_allowed_depth_is_read(make_inkml: Make) -> None:
    for depth in (MAX_DEPTH, 200_000):
        data = b"<ink><trace>1 2</trace>" + b"<a>" * depth + b"</a>" * depth + b"</ink>"
        with pytest.raises(InkError, match="nested deeper"):
            read_inkml(data, "deep")
    rows = MAX_DEPTH - 5
    ink = read_inkml(make_inkml("<mrow>" * rows + "<mi>x</mi>" + "</mrow>" * rows), "ok")
    assert ink.layout is not None


def test_huge_documents_are_refused() -> None:
    with pytest.raises(InkError, match="bytes"):
        read_inkml(b"<ink><trace>1 2</trace></ink>" + b" " * MAX_BYTES, "huge")
    with pytest.raises(InkError, match="more than 1000000 points"):
        read_inkml(b"<ink><trace>" + b"1 2," * 1_000_000 + b"1 2</trace></ink>", "many")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"<ink>",
        b"<ink></trace>",
        b"\x00" * 50,
        b"<html><p>no",
        b"\xff\xfe",
        b"<svg><trace>1 2</trace></svg>",
    ],
)
def test_what_is_not_inkml_is_refused(data: bytes) -> None:
    with pytest.raises(InkError, match=r"^n: "):
        read_inkml(data, "n")


def test_unknown_encoding_is_refused() -> None:
    with pytest.raises(InkError, match=r"^n: "):
        read_inkml(b'<?xml version="1.0" encoding="klingon"?><ink><trace>1 2</trace></ink>', "n")


def test_symbol_of_a_missing_trace_is_refused(make_inkml: Make) -> None:
    with pytest.raises(InkError, match="refers to trace '4'"):
        read_inkml(make_inkml(symbols={"x": (4,)}), "n")


def test_every_cut_of_a_file_reads_or_is_refused() -> None:
    for end in range(0, len(HAMEX), 7):
        try:
            read_inkml(HAMEX[:end], "cut")
        except InkError as error:
            assert str(error).startswith("cut: ")
        else:
            raise AssertionError("half a document was read")


def same(one: Ink, other: Ink) -> bool:
    strokes = [(stroke.dtype, stroke.tolist()) for stroke in one.strokes]
    return strokes == [(stroke.dtype, stroke.tolist()) for stroke in other.strokes] and (
        (one.id, one.symbols, one.layout, one.annotations) == (other.id, other.symbols, other.layout, other.annotations)
    )


@pytest.mark.parametrize("document", [HAMEX, MATHBRUSH, MFRDB])
def test_written_inkml_reads_back_the_same(document: bytes) -> None:
    ink = read_inkml(document, "w")
    written = write_inkml(ink)
    assert same(read_inkml(written, "w"), ink)
    assert b"#t0" in written


_COORDINATES = st.floats(-1e9, 1e9, width=32)
_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")).map(str.strip)


@given(
    st.lists(st.lists(st.tuples(_COORDINATES, _COORDINATES), min_size=1, max_size=4), min_size=1, max_size=3),
    _WORDS,
    _WORDS,
)
def test_any_ink_is_written_and_read_back(points: list[list[tuple[float, float]]], name: str, truth: str) -> None:
    strokes = tuple(np.array(stroke, np.float32) for stroke in points)
    layout = MathNode("math", children=(MathNode("mi", "x", truth),))
    ink = Ink("any", strokes, (InkSymbol(name, (0,), "x"),), layout, {"truth": truth})
    assert same(read_inkml(write_inkml(ink), "any"), ink)


@pytest.mark.parametrize("character", ["\0", "\x1b", "\ud800", "\uffff", "\r"])
def test_what_xml_cannot_hold_is_not_written(character: str) -> None:
    ink = Ink("n", (np.zeros((1, 2), np.float32),), annotations={"truth": f"a{character}"})
    with pytest.raises(InkError, match="which InkML cannot hold"):
        write_inkml(ink)
