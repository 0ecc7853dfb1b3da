from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unimumer.tasks import edits
from unimumer.tasks.answers import spaced, tokens
from unimumer.tasks.edits import Change, Edit, EditError, Span

# Few tokens, so that they repeat, and every word of the formats.
WORDS = ["x", "x", "y", "2", "{", "}", "\\frac", "\\begin {cases}", "\\ ", "\\"]
HOSTILE = ["->", "after", "start", "<deleted>", "<error_start>", "<error_end>", "REPLACE:x", "INSERT:", " DELETE:x"]
formulas = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    st.lists(st.sampled_from(WORDS + HOSTILE), max_size=8).map(" ".join),
    st.text(max_size=12),
)


def test_the_three_kinds_and_their_marks() -> None:
    found = edits.find("x ^ { 2 } + y", "x ^ { 3 } + 1 y")
    assert found == (Edit(3, Change(("2",), ("3",))), Edit(6, Change((), ("1",), "+")))
    assert edits.find("b", "a b c") == (Edit(0, Change((), ("a",), "start")), Edit(1, Change((), ("c",), "b")))
    assert edits.mark("b", edits.find("b", "a b c")) == "<deleted> b <deleted>"
    assert edits.log(edits.find("b", "a b c")) == "INSERT:a after start INSERT:c after b"
    assert edits.log(edits.find("a b c d", "x b d")) == "REPLACE:a -> x DELETE:c"
    assert edits.mark("a b c d", edits.find("a b c d", "x b d")) == (
        "<error_start> a <error_end> b <error_start> c <error_end> d"
    )


@given(formulas, formulas)
def test_log_and_marks_alone_give_the_label(candidate: str, label: str) -> None:
    found = edits.find(candidate, label)
    marked = edits.mark(candidate, found)
    assert edits.read_marked(marked) == (spaced(candidate), tuple(Span(edit.start, edit.end) for edit in found))
    changes = edits.read_log(edits.log(found))
    assert changes == tuple(edit.change for edit in found)
    assert edits.apply(marked, changes) == spaced(label)
    assert edits.between(marked, label) == found
    assert bool(found) == (spaced(candidate) != spaced(label))


@given(formulas, formulas)
def test_each_error_alone(candidate: str, label: str) -> None:
    found = edits.find(candidate, label)
    records = edits.apart(candidate, found)
    assert len(records) == len(found)
    for text, edit in records:
        marked = edits.mark(text, [edit])
        assert edits.apply(marked, [edit.change]) == spaced(label)
        again = edits.between(marked, label)
        assert edits.apply(marked, [one.change for one in again]) == spaced(label)


@given(formulas, st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from(["", "x", "y 2"]))))
def test_between_finds_what_was_changed_at_given_marks(candidate: str, places: list[tuple[int, int, str]]) -> None:
    ours = tokens(candidate)
    chosen: list[Edit] = []
    at = 0
    for gap, length, new in places:
        start, end = at + gap, at + gap + length
        if end > len(ours) or not (length or new):
            break
        after = "" if length else ours[start - 1] if start else edits.FIRST
        chosen.append(Edit(start, Change(tuple(ours[start:end]), tuple(new.split()), after)))
        at = end
    marked = edits.mark(candidate, chosen)
    label = edits.apply(marked, [edit.change for edit in chosen])
    assume(spaced(label) == label)  # a name of an environment alone is no LaTeX
    again = edits.between(marked, label)
    assert [(edit.start, edit.end) for edit in again] == [(edit.start, edit.end) for edit in chosen]
    assert edits.apply(marked, [edit.change for edit in again]) == label


def test_every_wrong_prediction_is_mended(published: dict[str, list[str]]) -> None:
    for name, labels in published.items():
        for candidate, label in zip(published.get(name.replace(":gt", ":pred"), []), labels):
            found = edits.find(candidate, label)
            changes = edits.read_log(edits.log(found))
            assert edits.apply(edits.mark(candidate, found), changes) == spaced(label), (name, candidate, label)


@pytest.mark.parametrize(
    "marked",
    [
        "<error_start> x",
        "x <error_end>",
        "<error_start> <error_end>",
        "<error_start> <error_start> x <error_end> <error_end>",
        "<error_start> x <deleted> <error_end>",
        "x<deleted>",
        "xy",
        "<error_start>" * 1000,
    ],
)
def test_marks_that_do_not_pair_are_refused(marked: str) -> None:
    with pytest.raises(EditError):
        edits.read_marked(marked)


@pytest.mark.parametrize(
    "log",
    [
        "x",
        "REPLACE:",
        "REPLACE:x",
        "REPLACE:x -> ",
        "REPLACE: -> x",
        "REPLACE:x -> y -> z",
        "REPLACE:xy -> z",
        "INSERT:x",
        "INSERT:x after",
        "INSERT:after x",
        "INSERT:x after xy",
        "INSERT:start after x",
        "DELETE:",
        "DELETE:x -> y",
        "DELETE:xDELETE:y",
        "DELETE:x\nDELETE:y",
        "DELETE:<deleted>",
    ],
)
def test_a_log_of_another_form_is_refused(log: str) -> None:
    with pytest.raises(EditError):
        edits.read_log(log)


@pytest.mark.parametrize(
    ("marked", "log"),
    [
        ("x", "DELETE:x"),
        ("<deleted>", ""),
        ("<error_start> x <error_end>", "DELETE:y"),
        ("x <deleted>", "DELETE:x"),
        ("x <deleted>", "INSERT:y after z"),
        ("x <deleted>", "INSERT:y after start"),
        ("<error_start> x <error_end>", "INSERT:y after x"),
    ],
)
def test_a_log_that_does_not_fit_its_marks_is_refused(marked: str, log: str) -> None:
    with pytest.raises(EditError):
        edits.apply(marked, edits.read_log(log))


@pytest.mark.parametrize("label", ["x z", "x", "", "y x", "x y z"])
def test_a_label_that_differs_elsewhere_is_refused(label: str) -> None:
    with pytest.raises(EditError):
        edits.between("x <deleted> y", label)


def test_formulas_too_long_to_compare_are_refused() -> None:
    with pytest.raises(EditError, match="too long"):
        edits.find("x " * (edits.MAX_TOKENS + 1), "x")
