from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.ink import Ink, InkError, read_strokes, write_strokes
from unimumer.ink.strokes import MAX_JSON_BYTES

ROWS = [[[1, 2], [3.5, -4]], [[0, 0]]]


@pytest.mark.parametrize(
    "document",
    [
        ROWS,
        {"strokes": ROWS},
        {"strokes": [{"x": [1, 3.5], "y": [2, -4]}, {"x": [0], "y": [0], "t": [17]}], "width": 300},
        [[], *ROWS, {"x": [], "y": []}, {"points": []}],
        [[[1, 2, 0], [3.5, -4, 1]], [[0, 0, 2]]],
        [[{"x": 1, "y": 2, "time": 5}, {"x": 3.5, "y": -4}], [{"y": 0, "x": 0, "pressure": 0.5}]],
        [  # signature_pad's toData()
            {"penColor": "black", "points": [{"x": 1, "y": 2, "time": 5}, {"x": 3.5, "y": -4, "time": 9}]},
            {"dotSize": 0, "points": [{"x": 0, "y": 0, "pressure": 0.5}]},
        ],
        {"strokes": {"strokes": {"x": [[1, 3.5], [0]], "y": [[2, -4], [0]]}}},  # Mathpix
        {"strokes": {"x": [[1, 3.5], [0]], "y": [[2, -4], [0]]}},
    ],
)
def test_all_forms_read_alike(document: object) -> None:
    text = json.dumps(document)
    for data in (text, text.encode(), b"\xef\xbb\xbf" + text.encode()):
        ink = read_strokes(data, "a")
        assert [stroke.tolist() for stroke in ink.strokes] == [[[1, 2], [3.5, -4]], [[0, 0]]]
        assert all(stroke.dtype == np.float32 for stroke in ink.strokes)
        assert (ink.id, ink.symbols, ink.layout) == ("a", (), None)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not readable as stroke JSON"),
        ("[[[1, 2]]", "not readable as stroke JSON"),
        ("[[[NaN, 2]]]", "NaN is not a coordinate"),
        ("[[[1, -Infinity]]]", "-Infinity is not a coordinate"),
        ("[[[1, 1e308]]]", "stroke 0: a coordinate is not a finite number"),
        ("[[[1, 1e999]]]", "stroke 0: a coordinate is not a finite number"),
        (f"[[[1, {'9' * 9000}]]]", "stroke 0: a coordinate is not a finite number"),
        ("[]", "no strokes"),
        ('{"strokes": []}', "no strokes"),
        ("{}", "expected a list of strokes"),
        ('"strokes"', "expected a list of strokes"),
        ("null", "expected a list of strokes"),
        ('{"strokes": {"x": [1], "y": [2]}}', "expected a list of strokes"),
        ('[[], {"x": [], "y": []}]', "no strokes"),
        ('[{"points": [[1, 2]], "x": [1], "y": [2]}]', "stroke 0: `points` or `x` and `y`, not both"),
        ('[{"points": {"x": [1]}}]', "stroke 0: expected a list of points"),
        ('[[{"x": 1}]]', "stroke 0, point 0: expected"),
        ('[[{"x": "1", "y": 2}]]', "stroke 0, point 0: expected"),
        ('{"strokes": {"x": [[1]], "y": [[1], [2]]}}', "1 strokes of x but 2 of y"),
        ('{"strokes": {"x": [[1]], "y": [[1, 2]]}}', "stroke 0: 1 values of x but 2 of y"),
        ("[[[1, 2, 3, 4]]]", "stroke 0, point 0: expected"),  # a line from (1, 2) to (3, 4)?
        ("[[[1, 2, 3], [4, 5, 6]]]", "points .x, y, time., or lists of x and of y"),
        ("[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]", "points .x, y, time., or lists of x and of y"),
        ("[[[0, 5], [1, 2]], [[0, 5, 9], [1, 2, 3]]]", "some points have a third value"),
        ('[{"x": [1, 2], "y": [1]}]', "stroke 0: 2 values of x but 1 of y"),
        ('[{"x": [1]}]', "stroke 0: `x` and `y` must be lists"),
        ('[{"x": [1], "y": "1"}]', "stroke 0: `x` and `y` must be lists"),
        ('[{"x": [true], "y": [1]}]', "stroke 0: `x` and `y` must be lists"),
        ("[[1, 2]]", "stroke 0, point 0: expected"),
        ("[7]", "stroke 0: expected a list of points"),
        ("[[[1, 2], [3]]]", "stroke 0, point 1: expected"),
        ('[[[1, "2"]]]', "stroke 0, point 0: expected"),
        ("[[[1, null]]]", "stroke 0, point 0: expected"),
        ("[[[1, [2]]]]", "stroke 0, point 0: expected"),
        ("[[[0, 5, 9, 1], [1, 2, 3, 1]]]", "stroke 0, point 0: expected"),  # the form of Quick, Draw!
        ('{"strokes": [[[1, 2]]], "strokes": [[[3, 4]]]}', "a key occurs twice"),
        ("[" * 100_000, "nested too deeply|not readable"),
        ('{"a":' * 50_000, "nested too deeply|not readable"),
        ("\ud800", "not readable as stroke JSON"),
    ],
)
def test_unusable_json_is_refused_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(InkError, match=f"^bad.*(?:{complaint})"):
        read_strokes(text, "bad")


@pytest.mark.parametrize("data", [b"\xff\xfe[\x00", b"[[[1,2]]]\x00", b"\xff", "[[[1,2]]]".encode("utf-16")])
def test_bytes_that_are_not_utf_8_json_are_refused(data: bytes) -> None:
    with pytest.raises(InkError, match="not readable as stroke JSON"):
        read_strokes(data, "bad")


def test_size_is_bounded() -> None:
    million = "[[" + "[1,2]," * 999_999 + "[1,2]]]"
    for data in (
        million,
        million.encode(),
        "[[[1,2]]]" + " " * MAX_JSON_BYTES,
        "é" * (MAX_JSON_BYTES // 2 + 1),
    ):
        with pytest.raises(InkError, match="bytes; at most"):
            read_strokes(data, "big")
    full = "[[" + "[1,2]," * 87_000 + "[1,2]]]"
    assert len(full) < MAX_JSON_BYTES
    assert len(read_strokes(full, "full").strokes[0]) == 87_001


def test_whole_numbers_are_written_short() -> None:
    ink = Ink("a", (np.array([[1, 2], [0.1, -3]], np.float32),))
    assert write_strokes(ink) == '{"strokes":[[[1,2],[0.1,-3]]]}'


coordinates = st.floats(-1e9, 1e9, width=32)
strokes = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=6)


@given(st.lists(strokes, min_size=1, max_size=5))
def test_written_strokes_read_back_the_same(drawing: list[list[tuple[float, float]]]) -> None:
    ink = Ink("p", tuple(np.array(points, np.float32) for points in drawing))
    again = read_strokes(write_strokes(ink), "p")
    assert len(again.strokes) == len(ink.strokes)
    assert all(np.array_equal(a, b) for a, b in zip(ink.strokes, again.strokes))


KEYS = ["strokes", "points", "x", "y"]
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["strokes", "points", "x", "y"]), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_read_or_refused(document: object) -> None:
    try:
        ink = read_strokes(json.dumps(document), "any")
    except InkError:
        return
    assert all(len(stroke) and np.isfinite(stroke).all() for stroke in ink.strokes)
