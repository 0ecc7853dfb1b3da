"""Rendered match: right where the usual matching of glyphs is blind, and quick."""

from __future__ import annotations

import statistics
import time

import pytest

from unimumer.metrics import Pair, evaluate
from unimumer.metrics.analysis import analyze
from unimumer.metrics.rendered import render_match

SAME = [
    ("x", "x"),
    ("", ""),
    (r"a \ne b", r"a \neq b"),
    (r"\sin x", "s i n x"),
    (r"\sum _ i x", r"\sum \limits _ { i } x"),
    (r"\left ( \frac 1 2 \right )", r"( \frac { 1 } { 2 } )"),
    (r"( \begin{array}{cc} a & b \end{array} )", r"\begin {pmatrix} a & b \end {pmatrix}"),
]
DIFFERENT = [
    # Measured with the official code: CDM gives 1.0 to each of these four.
    ("x ^ { 2 }", "x _ { 2 }"),
    ("1 0 ^ { 2 }", "1 0 2"),
    (r"\sqrt { a b }", r"\sqrt { a } b"),
    (r"\frac { a } { b } c", r"\frac { a c } { b }"),
    (r"x ^ { 2 ^ { 3 } }", r"x ^ { 2 3 }"),
    (r"\gamma _ { j + 1 }", r"\gamma _ { j _ { + 1 } }"),
    (r"\bar { 1 2 }", r"1 \bar { 2 }"),
    (r"\bar { x }", r"\overline { x }"),
    (r"\begin {matrix} a & b \end {matrix}", "a b"),
    (r"\epsilon", r"\varepsilon"),
    ("a b", "b a"),
    ("x", ""),
]


@pytest.mark.parametrize(("label", "prediction"), SAME)
def test_the_same_ink_at_the_same_place(label: str, prediction: str) -> None:
    assert render_match(label, prediction) == 1.0


@pytest.mark.parametrize(("label", "prediction"), DIFFERENT)
def test_place_and_size_always_count(label: str, prediction: str) -> None:
    for score in (render_match(label, prediction), render_match(prediction, label)):
        assert score is not None and score < 1


def test_the_score_is_the_share_of_glyphs_at_their_place() -> None:
    assert render_match("a + b = c", "a + d = c") == pytest.approx(0.8)
    assert render_match("a + b", "a + b c") == pytest.approx(2 * 3 / 7)
    assert render_match("x ^ { 2 }", "x _ { 2 }") == pytest.approx(0.5)


def test_what_cannot_be_typeset_is_no_match_and_is_not_left_out() -> None:
    assert render_match("x ^ { 2", "x ^ { 2 }") is None
    found = analyze(
        evaluate([Pair("a", "x", "x"), Pair("b", "x ^ {", "y"), Pair("c", "}", "}")]), rendered=True
    ).rendered
    assert found is not None and (found["match"].value, found["match"].n) == (pytest.approx(2 / 3), 3)


def test_a_pair_takes_less_than_20_ms(published: dict[str, list[str]]) -> None:
    texts = published.get("N3_pred.json:gt", published["built-in"])[:200]
    spent = []
    for text in texts:
        start = time.process_time()
        render_match(text, f"{text} + x")
        spent.append(time.process_time() - start)
    assert statistics.median(spent) < 0.02
