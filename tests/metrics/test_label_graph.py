"""Label graphs against cases counted by hand, and the files they are kept in."""

from __future__ import annotations

from pathlib import Path

import pytest

from unimumer.latex import parse
from unimumer.metrics import MetricsError
from unimumer.metrics.label_graph import (
    GraphDifference,
    compare_folders,
    difference,
    label_graph,
    read_label_graph,
    to_label_graph,
    write_label_graphs,
)

# Strokes 0 and 1 are an x, 2 is a 2 above right of it.
X_SQUARED = """# a comment
O, x_1, x, 1.0, 0, 1
O, 2_1, 2, 1.0, 2
R, x_1, 2_1, Sup, 1.0
"""
SAME_BY_STROKES = """N, 0, x, 1.0
N, 1, x, 1.0
N, 2, 2, 1.0
E, 0, 1, *, 1.0
E, 1, 0, x, 1.0
E, 0, 2, Sup, 1.0
E, 1, 2, Sup, 1.0
"""


@pytest.mark.parametrize(
    ("prediction", "expected"),
    [
        (X_SQUARED, GraphDifference(0, 0, True)),
        (SAME_BY_STROKES, GraphDifference(0, 0, True)),
        # The exponent is read as z: one node.
        (X_SQUARED.replace(", 2, 1.0, 2", ", z, 1.0, 2"), GraphDifference(1, 0, True)),
        # Both strokes of the x are read as one X: two nodes, and the two edges that join them.
        (X_SQUARED.replace(", x, 1.0", ", X, 1.0"), GraphDifference(2, 2, True)),
        # On the line: the two edges to stroke 2 have another label.
        (X_SQUARED.replace("Sup", "Right"), GraphDifference(0, 2, False)),
        # The x is read as two symbols: its two edges within go, and one to the 2 is lost.
        (
            "O, a, x, 1.0, 0\nO, b, x, 1.0, 1\nO, c, 2, 1.0, 2\nR, a, c, Sup, 1.0\n",
            GraphDifference(0, 3, False),
        ),
        # Stroke 2 is not there: its node and its two edges.
        ("O, x_1, x, 1.0, 0, 1\n", GraphDifference(1, 2, False)),
        ("", GraphDifference(3, 4, False)),
    ],
)
def test_by_hand(prediction: str, expected: GraphDifference) -> None:
    assert difference(read_label_graph(X_SQUARED), read_label_graph(prediction)) == expected


@pytest.mark.parametrize(
    ("label", "prediction", "errors", "structure"),
    [
        ("x ^ { 2 }", "x ^ { z }", 1, True),
        ("x ^ { 2 }", "x _ { 2 }", 4, False),  # the node is elsewhere: one lost, one too many, and so are their edges
        ("a + b", "a + b", 0, True),
        ("a + b", "a + b c", 2, False),
        (r"\frac { a } { b }", r"\frac { b } { a }", 2, True),
        (r"\sqrt { a b }", r"\sqrt { a } b", 4, False),
        (r"\sum _ { i } x", r"\sum \limits _ { i } x", 0, True),
    ],
)
def test_symbolic_graphs_by_hand(label: str, prediction: str, errors: int, structure: bool) -> None:
    found = difference(label_graph(parse(label)), label_graph(parse(prediction)))
    assert (found.errors, found.structure) == (errors, structure)


def test_a_symbol_is_named_by_its_path() -> None:
    graph = label_graph(parse(r"x _ { 1 } + \frac { a b } { \sqrt { c } }"))
    assert {key: next(iter(labels)) for key, labels in graph.nodes.items()} == {
        "O": "x",
        "OSub": "1",
        "OR": "+",
        "ORR": "-",
        "ORRAbove": "a",
        "ORRAboveR": "b",
        "ORRBelow": r"\sqrt",
        "ORRBelowInside": "c",
    }


def test_what_is_written_is_read_again(expression: str) -> None:
    row = parse(expression)
    assert read_label_graph(to_label_graph(row, "x")) == label_graph(row)


def test_over_strokes_a_graph_has_the_form_of_crohme() -> None:
    text = to_label_graph(
        parse(r"x ^ { 2 } , \frac { a } { b }"), "e", [["0", "1"], ["2"], ["9"], ["4"], ["3"], ["t,5"]]
    )
    assert [line for line in text.splitlines() if line and line[0] != "#"] == [
        "O, s1, x, 1.0, 0, 1",
        "O, s2, 2, 1.0, 2",
        "O, s3, COMMA, 1.0, 9",
        "O, s4, -, 1.0, 4",
        "O, s5, a, 1.0, 3",
        "O, s6, b, 1.0, t%2C5",
        "R, s1, s2, Sup, 1.0",
        "R, s1, s3, Right, 1.0",
        "R, s3, s4, Right, 1.0",
        "R, s4, s5, Above, 1.0",
        "R, s4, s6, Below, 1.0",
    ]
    graph = read_label_graph(text)
    assert graph.edges["1", "2"] == {"Sup"} and graph.edges["0", "1"] == {"x"} and graph.nodes["9"] == {","}
    # A symbol that nothing was written for is not there, and neither is what hangs on it.
    without = read_label_graph(to_label_graph(parse("a ^ { b }"), "e", [[], ["0"]]))
    assert without == read_label_graph("O, s1, b, 1.0, 0")
    with pytest.raises(MetricsError, match="e: strokes of 1 symbols for an expression of 2"):
        to_label_graph(parse("a b"), "e", [["0"]])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("O, a, x, 1.0, 0\nR, a, b, Sup, 1.0\n", "line 2: no object 'b'"),
        ("N, 0, x, 1.0\nhello\n", "line 2: not a line of a label graph: 'hello'"),
        ("O, a, x, 1.0\n", "line 1: not a line"),
        ("N, 0, x, 1.0\nE, 0, 7, Sup, 1.0\n", "an edge ends in '7'"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, reason: str) -> None:
    with pytest.raises(MetricsError, match=reason):
        read_label_graph(text, "f.lg")


def test_folders(tmp_path: Path) -> None:
    labels = {"a/b .. 1": "x ^ { 2 }", "c": "a , b", "d": "y"}
    answers = {"a/b .. 1": "x ^ { z }", "c": "a , b"}
    for name, texts in (("labels", labels), ("answers", answers)):
        write_label_graphs(tmp_path / name, ((id, parse(text), None) for id, text in texts.items()))
    assert (tmp_path / "labels" / "a%2Fb .. 1.lg").is_file()
    found = compare_folders(tmp_path / "answers", tmp_path / "labels")
    assert {name: round(figure.value * 3) for name, figure in found.items()} == {
        "expression": 1,
        "structure": 2,
        "at_most_1": 3,
        "at_most_2": 3,
        "at_most_3": 3,
    }
    with pytest.raises(MetricsError, match=r"1 files have no label in .*, such as d\.lg"):
        compare_folders(tmp_path / "labels", tmp_path / "answers")
    with pytest.raises(MetricsError, match=r"no \.lg files"):
        compare_folders(tmp_path / "answers", tmp_path)
