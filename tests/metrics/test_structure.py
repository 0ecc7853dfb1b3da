"""Notation match and ink match, class by class, and their effect on published predictions."""

from __future__ import annotations

import pytest

from unimumer.metrics import Pair, evaluate
from unimumer.metrics.structure import INK, MAX_LENGTH, NOTATION, SPELLINGS, match, same

SAME_NOTATION = [
    (r"{ \frac { 1 } { 2 } }", r"\tfrac { 1 } { 2 }"),
    (r"f ' ( x )", r"f ^ { \prime } ( x )"),
    (r"x ^ { 2 } _ { i }", r"x _ i ^ 2"),
    (r"\left ( a \right )", r"( a )"),
    (r"a \ne b", r"a \neq b"),
    (r"a \not = b", r"a \neq b"),
    (r"a \not \in b ^ 2", r"a \notin b ^ { 2 }"),
    (r"a \not = b \not \in c", r"a \neq b \notin c"),
    ("α ≤ 2 × √ 2 − x ² y ′", r"\alpha \leq 2 \times \sqrt { 2 } - x ^ { 2 } y '"),
    (r"\begin {aligned} a & = b \\ c & = d \end {aligned}", r"\begin{aligned}[t] a &= b \\[2pt] c &= d \end{aligned}"),
    (r"a \implies b", r"a \Longrightarrow b"),
    (r"\mathcal A \mathbb { R }", r"\mathcal { A } { \mathbb R }"),
    (r"\begin {array} { c c } 1 & 2 \end {array}", r"\begin {matrix} 1 & 2 \end {matrix}"),
    (
        r"\left ( \begin {array} { c } 1 \\ 2 \end {array} \right ) ^ 2",
        r"\begin {pmatrix} 1 \\ 2 \end {pmatrix} ^ { 2 }",
    ),
    (
        r"\left \{ \begin {array} { l l } 1 & x \\ 2 & y \end {array} \right .",
        r"\begin {cases} 1 & x \\ 2 & y \end {cases}",
    ),
    (r"| \begin {matrix} 1 & 2 \end {matrix} |", r"\begin {vmatrix} 1 & 2 \end {vmatrix}"),
    (r"\begin {matrix} x + 1 \end {matrix}", "x + 1"),
]
SAME_INK = [
    (r"\sum _ { i } ^ { n } i", r"\sum \limits _ { i } ^ { n } i"),
    (r"\sin ^ { 2 } x", r"s i n ^ { 2 } x"),
    (r"\overline { x }", r"\bar { x }"),
    (r"1 , \ldots , n", r"1 , . . . , n"),
    (r"a \implies b", r"a \Rightarrow b"),
    (r"\mathbb { R } ^ 2", r"R ^ 2"),
    (r"\iint f", r"\int \int f"),
    (r"x \parallel y", r"x | | y"),
    (r"f \prime ( x ) + g _ { 0 } ^ { \prime \prime }", r"f ' ( x ) + g _ { 0 } \prime \prime"),
    ("′", r"\prime"),
    (r"\begin {aligned} a \\ b \end {aligned}", r"\begin {matrix} a \\ b \end {matrix}"),
]
DIFFERENT = [
    # The usual rendered-glyph matching calls the first four equal.
    ("x ^ { 2 }", "x _ { 2 }"),
    ("1 0 ^ { 2 }", "1 0 2"),
    (r"\sqrt { a b }", r"\sqrt { a } b"),
    (r"\frac { a } { b } c", r"\frac { a c } { b }"),
    ("X", "x"),
    (r"\cdots", r"\ldots"),
    (r"\hat { x }", r"\bar { x }"),
    (r"\begin {matrix} 1 & 2 \end {matrix}", r"\begin {matrix} 1 \\ 2 \end {matrix}"),
    (r"\begin {array} { c | c } 1 & 2 \end {array}", r"\begin {array} { c c } 1 & 2 \end {array}"),
    ("x ^ { 2", "x ^ { 2 }"),
    (r"a \not = b", "a = b"),
    (r"f ^ { \prime \prime }", r"f ^ { \prime }"),
    (r"f _ { \prime }", r"f ^ { \prime }"),
    (r"f ^ { \prime 2 }", r"f ^ { 2 }"),
]


@pytest.mark.parametrize(("label", "prediction"), SAME_NOTATION)
def test_notation_match_forgives_what_latex_calls_the_same(label: str, prediction: str) -> None:
    for found in (match(label, prediction), match(prediction, label)):
        assert (found.notation, found.ink) == (True, True)


@pytest.mark.parametrize(("label", "prediction"), SAME_INK)
def test_only_ink_match_forgives_what_a_pen_does_not_show(label: str, prediction: str) -> None:
    for found in (match(label, prediction), match(prediction, label)):
        assert (found.notation, found.ink) == (False, True)


@pytest.mark.parametrize(("label", "prediction"), DIFFERENT)
def test_what_is_written_and_where_counts(label: str, prediction: str) -> None:
    for found in (match(label, prediction), match(prediction, label)):
        assert (found.notation, found.ink) == (False, False)


def test_text_that_does_not_parse_matches_by_its_tokens_only() -> None:
    found = match("x ^ { 2", " x  ^ { 2")
    assert (found.notation, found.ink, found.label_parses, found.prediction_parses) == (True, True, False, False)
    assert not match("a " * MAX_LENGTH, "a " * (MAX_LENGTH - 1)).label_parses


def test_every_class_is_needed() -> None:
    assert NOTATION < INK == set(SPELLINGS)
    needed = {
        name
        for name in SPELLINGS
        for label, prediction in SAME_NOTATION + SAME_INK
        if not same(label, prediction, INK - {name})
    }
    assert needed == INK - {"variants"}
    assert not same(r"a \leqslant b", r"a \leq b", INK - {"variants"})


def test_a_missing_answer_does_not_match() -> None:
    figures = evaluate([Pair("a", r"\ne", r"\neq"), Pair("b", "", None), Pair("c", "x", "y")]).figures
    assert figures["ink_match"].value == pytest.approx(1 / 3) and figures["exp_rate"].value == 0


def test_on_published_predictions(published: dict[str, list[str]]) -> None:
    expected = {"crohme_2014": (815, 815, 817), "N3": (679, 848, 906), "mathwriting_test": (3930, 4716, 5086)}
    for name, counts in expected.items():
        sides = [published.get(f"{name}_pred.json:{side}", []) for side in ("gt", "pred")]
        if not sides[0]:
            pytest.skip("the published predictions are not at hand")
        pairs = [Pair(str(k), *texts) for k, texts in enumerate(zip(*sides))]
        figures = evaluate(pairs).figures
        found = [round(figures[key].value * len(pairs)) for key in ("exp_rate", "notation_match", "ink_match")]
        assert tuple(found) == counts, name
