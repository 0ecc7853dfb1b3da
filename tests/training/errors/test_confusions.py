from __future__ import annotations

import pytest

from unimumer.tasks import edits
from unimumer.training.errors.confusions import Confusion, confusions, count


@pytest.mark.parametrize(
    ("read", "label", "expected"),
    [
        ("X + 1", "x + 1", [("x", "X", "exchanged", None)]),
        ("a 2", "a ^ { 2 }", [("^", "", "missed", "scripts")]),
        ("\\frac { a } { b }", "\\frac { a } { }", [("", "b", "added", None)]),
        ("a ^ { 2 x }", "a ^ { 2 } x", [("}", "", "missed", "groups"), ("", "}", "added", "groups")]),
        (
            "\\sqrt { x }",
            "\\frac { x } { 2 }",
            [("\\frac", "\\sqrt", "exchanged", "fractions"), ("2", "", "missed", None)],
        ),
        ("\\begin {cases} x", "\\begin {matrix} x", [("{matrix}", "{cases}", "exchanged", "matrices")]),
        ("x", "x", []),
    ],
)
def test_edits_are_told_symbol_by_symbol(read: str, label: str, expected: list[tuple[str, ...]]) -> None:
    found = confusions(edits.find(read, label))
    assert [(one.label, one.read, one.kind, one.structure) for one in found] == expected


def test_a_candidate_counts_once() -> None:
    x, y = Confusion("x", "X"), Confusion("y", "Y")
    assert count([(x, x, y), (x,)]) == {x: 2, y: 1}
