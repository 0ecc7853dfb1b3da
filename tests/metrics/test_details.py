"""Errors of structure and of symbols, confusions, and scores by what a label is made of, counted by hand."""

from __future__ import annotations

from unimumer.metrics import Pair, evaluate
from unimumer.metrics.details import Breakdown, break_down, detail

PAIRS = [
    Pair("exact", "x ^ { 2 } + 1", "x ^ { 2 } + 1"),
    Pair("spelled", r"\sin x", "s i n x"),
    Pair("symbol", "X + 1", "x + 1"),
    Pair("place", "x ^ { 2 }", "x _ { 2 }"),
    Pair("moved", r"\sqrt { a b }", r"\sqrt { a } b"),
    Pair("both", r"\frac { a } { b }", "c"),
    Pair("none", "y", None),
    Pair("broken", "y", "y }"),
]


def broken_down(*pairs: Pair) -> Breakdown:
    items = evaluate(pairs).items
    return break_down(items, [detail(item) for item in items])


def test_each_item_has_one_kind_of_fault() -> None:
    faults = [detail(item).fault for item in evaluate(PAIRS).items]
    assert faults == ["right", "right", "symbols", "structure", "structure", "both", "unread", "unread"]
    shares = broken_down(*PAIRS).faults
    assert {name: round(figure.value * 8) for name, figure in shares.items()} == {
        "right": 2,
        "symbols": 1,
        "structure": 2,
        "both": 1,
        "unread": 2,
    }


def test_no_edit_and_an_ink_match_are_the_same(published: dict[str, list[str]]) -> None:
    sides = [published.get(f"mathwriting_test_pred.json:{side}", [])[:1500] for side in ("gt", "pred")]
    pairs = [Pair(str(k), *texts) for k, texts in enumerate(zip(*sides))]
    rule = r"\begin {array} { c %s c } a & b \end {array}"
    for item in evaluate([*PAIRS, *pairs, Pair("rule", rule % "|", rule % "")]).items:
        assert (detail(item).fault == "right") == item.match.ink, item.pair


def test_confusions_and_what_is_read_of_each_symbol() -> None:
    found = broken_down(PAIRS[0], PAIRS[2], PAIRS[3], Pair("more", "X", "x"))
    assert found.confusions[:2] == (("X", "x", 2), ("sup", "sub", 1))
    assert {name: (figure.value, figure.n) for name, figure in found.symbols.items()} == {
        "x": (1.0, 2),
        "2": (1.0, 2),
        "+": (1.0, 2),
        "1": (1.0, 2),
        "X": (0.0, 2),
    }
    assert (found.relations["sup"].value, found.relations["sup"].n) == (0.5, 2)


def test_groups_of_labels() -> None:
    found = broken_down(*PAIRS, Pair("long", "a " * 41, "a " * 41), Pair("deep", "a ^ { b ^ { c ^ { d } } }", "a"))
    assert {name: figure.n for name, figure in found.groups["length"].items()} == {
        "1 to 5": 6,
        "6 to 10": 2,
        "11 to 20": 1,
        "41 and more": 1,
    }
    assert {name: figure.n for name, figure in found.groups["depth"].items()} == {"0": 5, "1": 4, "3 and more": 1}
    assert found.groups["construct"]["script"].n == 3
    assert (found.groups["construct"][r"\frac"].value, found.groups["construct"][r"\frac"].n) == (0.0, 1)
    assert found.groups["construct"]["none: one line of symbols"].n == 5


def test_label_graphs_are_of_the_items_that_parse() -> None:
    graphs = broken_down(*PAIRS).graphs
    assert {name: (round(figure.value * 6), figure.n) for name, figure in graphs.items()} == {
        "expression": (1, 6),  # `\\sin` is one symbol there
        "structure": (2, 6),
        "at_most_1": (2, 6),
        "at_most_2": (2, 6),
        "at_most_3": (2, 6),
    }
    assert broken_down(PAIRS[-1]).graphs == {}
