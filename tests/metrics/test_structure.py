from __future__ import annotations

import pytest

from unimumer.metrics import Pair, evaluate
from unimumer.metrics.structure import same_structure

SAME = [
    (r"{ \frac { 1 } { 2 } }", r"\tfrac { 1 } { 2 }"),
    (r"\sum _ { i } ^ { n } i", r"\sum \limits _ { i } ^ { n } i"),
    (r"\sin ^ { 2 } x", r"s i n ^ { 2 } x"),
    (r"\overline { x } \ne \mathrm { y }", r"\bar { x } \neq y"),
    (r"f ' ( x )", r"f ^ { \prime } ( x )"),
    (r"1 , \ldots , n", r"1 , . . . , n"),
    (r"\begin {array} { c c } 1 & 2 \end {array}", r"\begin {matrix} 1 & 2 \end {matrix}"),
    (r"x ^ { 2", r"x ^ { 2"),
    (r"a \not = b \not \in c", r"a \neq b \notin c"),
    (r"\alpha \leq 2 \times \sqrt { 2 } - x ^ { 2 } y '", "α ≤ 2 × √ 2 − x ² y ′"),
    (r"\begin {aligned} a & = b \\ c & = d \end {aligned}", r"\begin{aligned}[t] a &= b \\[2pt] c &= d \end{aligned}"),
]
DIFFERENT = [
    ("x ^ { 2 }", "x _ { 2 }"),
    ("1 0 ^ { 2 }", "1 0 2"),
    (r"\sqrt { a b }", r"\sqrt { a } b"),
    (r"\frac { a } { b } c", r"\frac { a c } { b }"),
    ("X", "x"),
    (r"\cdots", r"\ldots"),
    (r"\begin {matrix} 1 & 2 \end {matrix}", r"\begin {matrix} 1 \\ 2 \end {matrix}"),
    ("x ^ { 2", "x ^ { 2 }"),
    (r"\hat { x }", r"\bar { x }"),
]


@pytest.mark.parametrize(("label", "prediction"), SAME)
def test_spelling_does_not_count(label: str, prediction: str) -> None:
    assert same_structure(label, prediction) and same_structure(prediction, label)


@pytest.mark.parametrize(("label", "prediction"), DIFFERENT)
def test_what_is_written_and_where_does(label: str, prediction: str) -> None:
    assert not same_structure(label, prediction) and not same_structure(prediction, label)


def test_a_missing_answer_does_not_match() -> None:
    figures = evaluate([Pair("a", r"\ne", r"\neq"), Pair("b", "", None), Pair("c", "x", "y")])
    assert figures.structure.value == pytest.approx(1 / 3) and figures.exp_rate.value == 0


def test_it_is_looser_than_exprate_on_published_predictions_and_equal_on_crohme(
    published: dict[str, list[str]],
) -> None:
    for name in {name.removesuffix(":gt") for name in published if name.endswith(":gt")}:
        pairs = list(zip(published[f"{name}:gt"], published[f"{name}:pred"]))
        exact = [label.split() == prediction.split() for label, prediction in pairs]
        same = [same_structure(label, prediction) for label, prediction in pairs]
        assert all(loose >= strict for strict, loose in zip(exact, same))
        gained = 100 * (sum(same) - sum(exact)) / len(pairs)
        assert gained == 0 if "crohme" in name else 5 < gained < 20
