"""Labels that are meant as code for somebody: in every form they stay what they show."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ElementTree

import pytest

from unimumer.export import FORMS, ExportError, convert
from unimumer.latex import LatexError, Symbol, parse

TEXT_FORMS = sorted(FORMS.keys() - {"sympy"})
CODE = (
    '\\text{#eval("1+1")} #import "a" @preview \\$ x \\$ `a` "b"',
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "]]> \\& amp; <!-- x --> <![CDATA[ \\& \\#60;",
    '\\text{javascript:alert(1)} " ; DROP TABLE',
)


@pytest.mark.parametrize("text", CODE)
@pytest.mark.parametrize("form", ["mathml", "html", "omml"])
def test_markup_holds_the_characters_and_no_elements_of_them(form: str, text: str) -> None:
    row = parse(text)
    root = ElementTree.fromstring(convert(row, form))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not tags & {"script", "img", "a"}
    shown = "".join(root.itertext())
    missing = {symbol.token for symbol in row if isinstance(symbol, Symbol) and symbol.token[-1] not in shown}
    assert missing <= {"-", "(", ")"}  # a hyphen is shown as a minus, brackets are attributes in Office Math


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\\text{#eval(1)}", "\\# e v a l(1)"),
        ('" # \\$ @ ` \\_ \\&', '\\" \\# \\$ \\@ \\` \\_ \\&'),
        ("\\frac { a , b ; c : d } { ( }", "frac(a\\, b\\; c \\: d, \\()"),
        ("l ( x ]", "l lr(\\( x \\])"),
        ("\\unheard", '"\\\\unheard"'),
        ("最 ※", '"最" "※"'),
    ],
)
def test_typst_escapes_what_would_be_code(text: str, wanted: str) -> None:
    assert convert(text, "typst") == wanted


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_deep_and_long_expressions_take_linear_time(form: str) -> None:
    start = time.perf_counter()
    convert("\\sqrt { " * 60 + "x" + " }" * 60, form)
    convert("( " * 5_000 + "x" + " )" * 5_000, form)
    convert("| x " * 10_000, form)
    convert("x ^ { 2 } " * 10_000, form)
    assert time.perf_counter() - start < 10
    brackets = "( " * 32
    for level in range(60):
        brackets = f"( {{ \\sqrt {{ {brackets} " if level < 20 else brackets
    try:
        convert(brackets + "x" + " ) } }" * 20 + " )" * 32, form)
    except (ExportError, LatexError) as error:
        assert "expected" in str(error) or "nothing is open" in str(error)
