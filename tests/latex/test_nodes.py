"""What is inside a node, and changing it: every kind of node, one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass
from typing import cast

import pytest
from hypothesis import given

from strategies import rows
from unimumer.latex import Node, Row, Scripts, Symbol, children, map_rows, nodes, parse, to_latex

INSIDE = [
    ("x", []),
    ("x _ { 1 } ^ { 2 }", ["x", "1", "2"]),
    ("{ } ^ { 2 }", ["", "", "2"]),
    ("\\frac { a b } { c }", ["a b", "c"]),
    ("\\underset { a } { b }", ["a", "b"]),
    ("\\sqrt [ 3 ] { x }", ["3", "x"]),
    ("\\sqrt { x }", ["", "x"]),
    ("\\xrightarrow [ a ] { b }", ["a", "b"]),
    ("\\hat { x }", ["x"]),
    ("\\begin {cases} a & b \\\\ c \\end {cases}", ["a", "b", "c"]),
]


@pytest.mark.parametrize(("latex", "inside"), INSIDE)
def test_children_are_the_rows_in_the_order_of_latex(latex: str, inside: list[str]) -> None:
    (node,) = parse(latex)
    assert [to_latex(row) for row in children(node)] == inside


def test_every_kind_of_node_is_tried() -> None:
    kinds = {kind for kind in vars(nodes).values() if isinstance(kind, type) and is_dataclass(kind)}
    assert {type(parse(latex)[0]) for latex, _ in INSIDE} == kinds


@pytest.mark.parametrize(
    "walk",
    [children, lambda node: map_rows(node, lambda row: row), lambda node: to_latex((node,))],
    ids=["children", "map_rows", "to_latex"],
)
def test_what_is_no_node_is_not_passed_over(walk: Callable[[Node], object]) -> None:
    with pytest.raises(AssertionError):
        walk(cast(Node, "x"))


def _doubled(row: Row) -> Row:
    doubled: list[Node] = []
    for node in row:
        doubled += (node,) * 2 if isinstance(node, Symbol) else map_rows(node, _doubled)
    return tuple(doubled)


@pytest.mark.parametrize(
    ("latex", "doubled"),
    [
        ("x _ { 1 }", "x x _ { 1 1 }"),
        ("\\sum \\limits ^ { n }", "\\sum \\sum \\limits ^ { n n }"),
        ("{ } _ { 1 } \\frac { a } { }", "_ { 1 1 } \\frac { a a } { }"),
        ("\\sqrt [ 3 ] { \\hat { x } }", "\\sqrt [ 3 3 ] { \\hat { x x } }"),
        ("\\overset { a } { b } \\xleftarrow { c }", "\\overset { a a } { b b } \\xleftarrow { c c }"),
        ("\\begin {array} { c } a & \\\\ b \\end {array}", "\\begin {array} { c } a a & \\\\ b b \\end {array}"),
    ],
)
def test_a_change_reaches_every_row(latex: str, doubled: str) -> None:
    assert to_latex(_doubled(parse(latex))) == doubled


def test_what_a_change_empties_is_left_out() -> None:
    def nothing(row: Row) -> Row:
        return ()

    (root,) = parse("\\sqrt [ 3 ] { x }")
    assert to_latex(map_rows(root, nothing)) == "\\sqrt { }"
    assert map_rows(Scripts(Symbol("x"), (Symbol("1"),)), nothing) == ()


@given(rows())
def test_changing_nothing_changes_nothing(tree: Row) -> None:
    def same(row: Row) -> Row:
        return tuple(part for node in row for part in map_rows(node, same))

    assert same(tree) == tree
