"""Label sets: what normalizing keeps and refuses, held against the released sets where they are there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unimumer.data import DataError
from unimumer.data.inks import braced
from unimumer.data.labels import as_published, normalized
from unimumer.errors import UnimumerError


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (r"\frac{a}{b}", r"\frac { a } { b }"),
        (r"  x \le  y", r"x \le y"),
        (r"\begin{matrix}1\end{matrix}", r"\begin {matrix} 1 \end {matrix}"),
        ("解 x }", "解 x }"),
    ],
)
def test_published_labels_are_spaced_and_else_untouched(label: str, expected: str) -> None:
    assert as_published(label) == expected


def test_normalized_labels_are_normal() -> None:
    assert normalized(r"x^2_1 \le \left( \varphi \right)") == r"x _ { 1 } ^ { 2 } \leq ( \varphi )"


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        (" ", "empty"),
        ("{}", "empty once normalized"),
        ("解 x", "Chinese, Japanese or Korean"),
        ("x ^ { 2", "expected }"),
        (r"x \frac", "expected the argument"),
    ],
)
def test_what_has_no_normal_form_is_refused(label: str, reason: str) -> None:
    with pytest.raises(UnimumerError, match=reason):
        normalized(label)


@pytest.mark.parametrize("label", [r"\varphi", "[ 0 , 1 )", r"\frac | I |", r"\mathfrak { g }"])
def test_released_sets_leave_more_out(label: str) -> None:
    normalized(label)
    with pytest.raises(DataError, match="released sets leave out"):
        normalized(label, released=True)


def test_the_mathwriting_test_set_is_left_with_what_was_released(data: Path) -> None:
    """All 7,644 raw labels where they are there, of a stand-in everywhere."""
    folder = data / "predictions" / "uni-mumer-3b"
    raw, released = [("a", r"\varphi"), ("b", "x"), ("c", "( x ]")], {"b"}
    if folder.exists():
        raw = [(item["img_id"], item["gt"]) for item in _items(folder / "mathwriting_test_pred.json")]
        released = {item["img_id"] for item in _items(folder / "mathwriting_test_normalized_pred.json")}
        assert (len(raw), len(released)) == (7644, 7319)
    assert {id for id, label in raw if _kept(label)} == released


def _items(path: Path) -> list[dict[str, str]]:
    return list(json.loads(path.read_text(encoding="utf-8")))


def _kept(label: str) -> bool:
    try:
        normalized(label, released=True)
    except UnimumerError:
        return False
    return True


@pytest.mark.parametrize(
    ("annotation", "label"),
    [
        ("x^2_i", "x ^ { 2 } _ { i }"),
        ("\\frac12 + \\frac{a}b", "\\frac { 1 } { 2 } + \\frac { a } { b }"),
        ("\\sqrt[3]x + \\sqrt{2} [ 3 ] ^2", "\\sqrt [ 3 ] { x } + \\sqrt { 2 } [ 3 ] ^ { 2 }"),
        ("\\frac{[a]}b ]_1", "\\frac { [ a ] } { b } ] _ { 1 }"),
        ("x^{y_1", "x ^ { y _ { 1 }"),
        ("x^\\mathrm{d} ^\\frac12 }", "x ^ \\mathrm { d } ^ \\frac { 1 } { 2 } }"),
        ("\\hat x ' ^", "\\hat { x } ' ^"),
    ],
)
def test_raw_labels_of_crohme_2023_are_braced_and_else_as_they_are(annotation: str, label: str) -> None:
    assert braced(annotation) == label
