from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unimumer.tasks import find_errors, prompts
from unimumer.tasks.answers import Malformed, spaced
from unimumer.tasks.edits import Span


def test_the_question_holds_the_candidate() -> None:
    assert find_errors.prompt("a^2\nMarked formula: <deleted>") == (
        f"{prompts.FIND_ERRORS}\n\n"
        "erroneous formula: a ^ 2 M a r k e d f o r m u l a : < d e l e t e d >\n"
        "Marked formula: "
    )


def test_a_marked_formula_is_read() -> None:
    answer = find_errors.target("x + z", "x + y 2")
    assert answer == "x + <error_start> z <error_end>"
    assert find_errors.parse(f"{answer}\n") == find_errors.Marking(answer, "x + z", (Span(2, 3),))
    assert find_errors.parse("x") == find_errors.Marking("x", "x", ())
    for answer in ("", " \n", "x <error_start> y", "no errors", "<error_start>" * 5000):
        assert isinstance(find_errors.parse(answer), Malformed)


@given(st.text(), st.text())
def test_a_target_is_read_back(candidate: str, label: str) -> None:
    marking = find_errors.parse(find_errors.target(candidate, label))
    if isinstance(marking, Malformed):
        assert not spaced(candidate) and not spaced(label)
    else:
        assert marking.candidate == spaced(candidate)


@given(st.text())
def test_no_answer_is_an_error(answer: str) -> None:
    assert isinstance(find_errors.parse(answer), find_errors.Marking | Malformed)
