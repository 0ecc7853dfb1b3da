from __future__ import annotations

import json
from dataclasses import replace

import pytest

from unimumer.engines.base import CheckFinding
from unimumer.export import ExportError
from unimumer.imaging import Flaw
from unimumer.latex import LatexError
from unimumer.recognizer import Reading, Recognition, SchemaError
from unimumer.verify import RankedCandidate, Verified

CHECKED = Verified(
    "x ^ { 2 }", "x 2", (RankedCandidate("x ^ { 2 }", None, True, ("tree",)),), (CheckFinding("count", "agreed"),)
)
RESULT = Recognition(
    r"\frac { x } { 2 } + 1", 0.5, (Reading("x", 0.25),), "fake", (Flaw("cut", "At the border."),), CHECKED
)


def test_every_form_of_one_expression() -> None:
    assert RESULT.latex == r"\frac{x}{2}+1"
    assert RESULT.mathml.startswith("<math ") and "<mfrac><mi>x</mi><mn>2</mn></mfrac>" in RESULT.mathml
    assert r"\frac{x}{2}+1" in RESULT.html and "<m:f>" in RESULT.omml
    assert (RESULT.typst, RESULT.asciimath, RESULT.unicode) == ("frac(x, 2) + 1", "x/2 + 1", "x/2 + 1")
    assert RESULT.svg.startswith("<svg ") and RESULT.png(16).startswith(b"\x89PNG")
    assert RESULT.alternatives[0].mathml.endswith("<mi>x</mi></math>")
    assert Reading.of(r"\dfrac{ab}2 \le x^2", 0.5).tokens == r"\frac { a b } { 2 } \leq x ^ { 2 }"


def test_a_sympy_object() -> None:
    sympy = pytest.importorskip("sympy")
    assert RESULT.sympy().subs({sympy.Symbol("x"): 4}).doit() == 3
    with pytest.raises(ExportError):
        Reading.of(r"1 \pm 2", 0.5).sympy()


def test_what_does_not_parse_is_given_as_it_was_written_and_has_no_other_form() -> None:
    broken = Reading.of(r"\frac { <b>", 0.5)
    assert broken.latex == broken.tokens == r"\frac { <b>" and not broken.well_formed
    with pytest.raises(LatexError):
        _ = broken.mathml


@pytest.mark.parametrize("result", [RESULT, replace(RESULT, confidence=None, checks=None, alternatives=())])
def test_a_dictionary_says_it_all_and_is_read_back(result: Recognition) -> None:
    content = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert Recognition.from_dict(content) == result
    assert content["schema"] == 1 and content["latex"] == r"\frac{x}{2}+1" and content["complete"]
    assert Recognition.from_dict(content | {"added later": 1}) == result


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"schema": None},
        {"tokens": 7},
        {"confidence": "high"},
        {"alternatives": [{}]},
        {"alternatives": None},
        {"warnings": [{"kind": "cut"}]},
        {"checks": {"latex": "x"}},
        {"checks": 3},
    ],
)
def test_another_dictionary_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(SchemaError, match="recognition of schema 1"):
        Recognition.from_dict(RESULT.to_dict() | change)
    with pytest.raises(SchemaError):
        Recognition.from_dict([])  # type: ignore[arg-type]


def test_a_notebook_shows_picture_mathematics_confidence_and_doubts() -> None:
    drawn = replace(RESULT, source=[[[0, 0], [5, 9]], [[3, 0], [3, 40]]])
    shown = drawn._repr_html_()
    assert shown.count("<img ") == 1 and "data:image/png;base64," in shown and "<mfrac>" in shown
    assert "50% sure" in shown and "At the border." in shown
    assert "<img" not in replace(RESULT, source="gone.png")._repr_html_()
    hostile = Reading.of("<script> {", 0.5)
    assert "<script>" not in replace(RESULT, tokens=hostile.tokens)._repr_html_()
