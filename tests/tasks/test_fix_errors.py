from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.tasks import edits, find_errors, fix_errors, prompts
from unimumer.tasks.answers import Malformed, spaced
from unimumer.tasks.edits import Change, EditError


def test_the_question_holds_the_marked_formula() -> None:
    assert fix_errors.prompt("x \n <deleted>") == (
        f"{prompts.FIX_ERRORS}\n\nMarked formula: x <deleted>\nCorrection log: "
    )


def test_a_log_is_read() -> None:
    answer = fix_errors.target("x + z", "x + y")
    assert answer == "REPLACE:z -> y\nx + y"
    assert fix_errors.parse(answer) == fix_errors.Correction((Change(("z",), ("y",)),), "x + y")
    assert fix_errors.target("x + z", "x + y", log=False) == "x + y" == fix_errors.target("x + y", "x + y")
    assert fix_errors.parse("x + y") == fix_errors.Correction(None, "x + y")
    assert fix_errors.target("x <deleted>", "x y") == "INSERT:y after x\nx y"
    with pytest.raises(EditError):
        fix_errors.target("x <deleted>", "z")


@pytest.mark.parametrize(
    ("answer", "latex"),
    [
        ("", None),
        ("REPLACE:z -> y", None),
        ("REPLACE:z -> \nx", "x"),
        ("DELETE:x\nDELETE:y\nx", "x"),
        ("DELETE:x " * 10_000, None),
    ],
)
def test_an_answer_of_another_form_is_malformed(answer: str, latex: str | None) -> None:
    malformed = fix_errors.parse(answer)
    assert isinstance(malformed, Malformed) and malformed.latex == latex


@given(st.text("xy{} \\>-<", max_size=9), st.text("xy{} \\>-<", max_size=9))
def test_one_pass_after_the_other_mends_the_candidate(candidate: str, label: str) -> None:
    marked = find_errors.target(candidate, label)
    for formula in (candidate, marked):
        answer = fix_errors.parse(fix_errors.target(formula, label))
        if spaced(label) and spaced(candidate) != spaced(label):
            assert isinstance(answer, fix_errors.Correction)
            assert answer.agrees(marked) and answer.changes is not None
            assert edits.apply(marked, answer.changes) == answer.latex == spaced(label)


def test_changes_that_do_not_fit_do_not_agree() -> None:
    correction = fix_errors.Correction((Change(("z",), ("y",)),), "y")
    assert correction.agrees("<error_start> z <error_end>")
    assert not correction.agrees("z") and not correction.agrees("<error_start>")
    assert not fix_errors.Correction(None, "y").agrees("y")


@given(st.text())
def test_no_answer_is_an_error(answer: str) -> None:
    assert isinstance(fix_errors.parse(answer), fix_errors.Correction | Malformed)
