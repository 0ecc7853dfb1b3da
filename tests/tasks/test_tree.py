from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import noise
from unimumer.latex import LatexError, parse, to_latex
from unimumer.tasks import prompts, tree
from unimumer.tasks.answers import Malformed


def test_a_target_is_read_back(expression: str) -> None:
    assert tree.prompt() == prompts.TREE
    reading = tree.parse(tree.target(expression))
    if not expression:
        assert reading == Malformed("the answer is empty")
        return
    assert reading == tree.TreeReading(parse(expression), expression)
    assert isinstance(reading, tree.TreeReading) and reading.agrees


def test_the_target_ends_in_the_label_even_if_it_is_not_normal() -> None:
    assert tree.target("x ^ { 2 } _ { 1 } \\begin{matrix} a \\end{matrix}").endswith(
        "\nx ^ { 2 } _ { 1 } \\begin {matrix} a \\end {matrix}"
    )
    with pytest.raises(LatexError):
        tree.target("x ^")


@pytest.mark.parametrize(
    ("answer", "latex"),
    [
        ("", None),
        ("x", "x"),
        ("x\n\t2 (sup)", None),
        ("x\n\t2 (su", None),
        ("x\n\t2 (sup)\nx ^ { 2", "x ^ { 2"),
        ("x\n\t2 (odd)\nx ^ { 2 }", "x ^ { 2 }"),
        ("x\n" + "x (right)\n" * 1000, None),
        ("(\n\\begin (right)\n\tc (columns)\n\t{ (right)\n\ta (begin_array)\n\t\\end (end_array)\nx", "x"),
    ],
)
def test_an_answer_of_another_form_is_malformed(answer: str, latex: str | None) -> None:
    malformed = tree.parse(answer)
    assert isinstance(malformed, Malformed) and malformed.latex == latex and len(malformed.reason) < 300


def test_a_reading_is_in_normal_form_and_may_disagree() -> None:
    reading = tree.parse("(\n\\begin (right)\n\ta (begin_matrix)\n\t\\end (end_matrix)\n) (right)\nx")
    assert isinstance(reading, tree.TreeReading) and not reading.agrees
    assert to_latex(reading.tree) == "\\begin {pmatrix} a \\end {pmatrix}"
    assert tree.parse("a\n\\le (right)\na \\le") == tree.TreeReading(parse("a \\leq"), "a \\le")


@given(st.one_of(noise, st.text().map(lambda text: f"x\n{text}"), st.text()))
def test_no_answer_is_an_error(answer: str) -> None:
    assert isinstance(tree.parse(answer), tree.TreeReading | Malformed)
