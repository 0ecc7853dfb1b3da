"""Tree edit distance: by hand, by its axioms, and against the recursion that defines it."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unimumer.latex import parse
from unimumer.metrics.edits import Forest, TreeEdit, TreeMark, edits, forest, walk


def ways(label: str, prediction: str) -> list[tuple[str, str, str]]:
    """Wanted, found and kind of every edit."""
    found = edits(forest(parse(label)), forest(parse(prediction)))
    assert found is not None
    return [
        (
            one.wanted.name if one.wanted else "",
            one.found.name if one.found else "",
            "moved" if one.moved else "structure" if one.structural else "symbol",
        )
        for one in found
    ]


@pytest.mark.parametrize(
    ("label", "prediction", "expected"),
    [
        ("x + 1", "x + 1", []),
        ("x + 1", "X + 1", [("x", "X", "symbol")]),
        ("x ^ { 2 }", "x _ { 2 }", [("sup", "sub", "structure")]),
        ("1 0 ^ { 2 }", "1 0 2", [("sup", "", "structure")]),
        (r"\sqrt { a b }", r"\sqrt { a } b", [("b", "", "moved"), ("", "b", "moved")]),
        (r"\frac { a } { b } c", r"\frac { a c } { b }", [("", "c", "moved"), ("c", "", "moved")]),
        (
            r"\frac { a } { b }",
            "a b",
            [(r"\frac", "", "structure"), ("above", "", "structure"), ("below", "", "structure")],
        ),
        ("a b", "a", [("b", "", "symbol")]),
        (r"\hat { x }", r"\bar { y }", [(r"\hat", r"\bar", "structure"), ("x", "y", "symbol")]),
        (
            r"\begin {matrix} a & b \end {matrix}",
            r"\begin {pmatrix} a \end {pmatrix}",
            [("matrix", "pmatrix", "structure"), ("cell", "", "structure"), ("b", "", "symbol")],
        ),
        (
            r"\begin {array} { c | c } a & b \end {array}",
            r"\begin {array} { c c } a & b \end {array}",
            [("rule |", "", "structure")],
        ),
    ],
)
def test_by_hand(label: str, prediction: str, expected: list[tuple[str, str, str]]) -> None:
    assert ways(label, prediction) == expected


def test_marks_are_numbered_in_reading_order() -> None:
    marks = list(
        walk(forest(parse(r"\frac { a } { b _ { 1 } } \xrightarrow [ c ] { d } \begin {matrix} e & f \end {matrix}")))
    )
    assert [mark.at for mark in marks] == list(range(len(marks)))
    assert "".join(mark.name for mark in marks if mark.symbol) == "ab1cdef"


SYMBOLS = st.builds(TreeMark, st.sampled_from("ab"), st.just(True))
FORESTS = st.recursive(
    st.lists(SYMBOLS, max_size=3).map(tuple),
    lambda inner: st.lists(SYMBOLS | st.builds(TreeMark, st.sampled_from("PQ"), st.just(False), inner), max_size=4).map(
        tuple
    ),
    max_leaves=10,
)


def cost(way: list[TreeEdit] | None) -> int:
    assert way is not None
    return sum(2 if one.wanted and one.found and one.wanted.symbol != one.found.symbol else 1 for one in way)


@cache
def distance(a: Forest, b: Forest) -> int:
    """By the recursion that defines it, whatever it takes: the last tree's root goes, comes, or stays as another."""
    if not a or not b:
        return sum(1 for _ in walk(a or b))
    one, other = a[-1], b[-1]
    price = 2 if one.symbol != other.symbol else int(one.name != other.name)
    return min(
        distance((*a[:-1], *one.children), b) + 1,
        distance(a, (*b[:-1], *other.children)) + 1,
        distance(a[:-1], b[:-1]) + distance(one.children, other.children) + price,
    )


@given(FORESTS, FORESTS)
@example(
    (TreeMark("a", True), TreeMark("Q", False)),
    (TreeMark("P", False, (TreeMark("a", True),)), TreeMark("a", True), TreeMark("P", False)),
)
def test_the_cost_is_the_distance(a: Forest, b: Forest) -> None:
    assert cost(edits(a, b)) == cost(edits(b, a)) == distance(a, b)
    assert (cost(edits(a, b)) == 0) == (a == b)


def test_too_large_a_pair_is_not_compared() -> None:
    a, b = (forest(parse(" ".join(pair * 400))) for pair in (("a", "b"), ("c", "d")))
    assert edits(a, b) is None
    assert edits(a, a) == []
