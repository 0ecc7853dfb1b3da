"""Reading predictions and labels, and refusing what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unimumer.errors import UnimumerError
from unimumer.metrics import MetricsError, Pair, read_pairs


def write(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def item(identity: str, gt: str = "x", pred: str | None = "x") -> dict[str, object]:
    return {"gt": gt, "pred": pred, "image_path": f"./images/{identity}.jpg", "img_id": identity}


def test_released_file(tmp_path: Path) -> None:
    path = write(tmp_path / "p.json", [item("k1", "a ^ { 2 }", "a _ { 2 }"), item("é $() 😀", "b", None)])
    assert read_pairs(path) == [Pair("k1", "a ^ { 2 }", "a _ { 2 }"), Pair("é $() 😀", "b", None)]


@pytest.mark.parametrize(
    "predictions",
    [
        ("p.json", [item("b", pred="2"), item("a", pred="1")]),
        ("p.tsv", "b\t2\n\na\t1\n"),
        ("p.TXT", "b\t2\r\na\t1"),
    ],
)
def test_labels_from_a_file_set_order_and_truth(tmp_path: Path, predictions: tuple[str, object]) -> None:
    labels = write(tmp_path / "caption.txt", "\ufeffa\tA + A\nc\t C\nb\tB\n")
    pairs = read_pairs(write(tmp_path / predictions[0], predictions[1]), labels)
    assert pairs == [Pair("a", "A + A", "1"), Pair("c", "C", None), Pair("b", "B", "2")]


def test_an_empty_prediction_in_a_table_is_an_answer(tmp_path: Path) -> None:
    labels = write(tmp_path / "l.tsv", "a\tx\n")
    assert read_pairs(write(tmp_path / "p.tsv", "a\t\n"), labels) == [Pair("a", "x", "")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[{", "line 1, column 3: not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[" + "9" * 5000 + "]", "a number is too long|item 0 is not an object"),
        ({"gt": "x"}, "expected a JSON list"),
        ([item("a"), 5], "item 1 is not an object"),
        ([item("a"), {"pred": "x", "img_id": "b"}], 'item 1 lacks "gt"'),
        ([{"gt": "x", "img_id": "b"}], 'item 0 lacks "pred"'),
        ([{"gt": "x", "pred": "x"}], 'item 0 lacks "img_id"'),
        ([{"gt": 5, "pred": "x", "img_id": "b"}], 'item 0: "gt" is not text'),
        ([{"gt": "x", "pred": ["x"], "img_id": "b"}], 'item 0: "pred" is not text'),
    ],
)
def test_bad_json_is_named(tmp_path: Path, content: object, reason: str) -> None:
    path = write(tmp_path / "p.json", content)
    with pytest.raises(UnimumerError, match=reason) as caught:
        read_pairs(path)
    assert str(path) in str(caught.value)


def test_bad_tables_are_named(tmp_path: Path) -> None:
    good = write(tmp_path / "l.tsv", "a\tx\n")
    with pytest.raises(MetricsError, match="line 2: expected an id, a tab"):
        read_pairs(good, write(tmp_path / "bad.tsv", "a\tx\nb x\n"))
    with pytest.raises(MetricsError, match="line 1: expected an id, a tab"):
        read_pairs(good, write(tmp_path / "bad.tsv", "\tx\n"))
    with pytest.raises(MetricsError, match="id 'a' occurs twice"):
        read_pairs(good, write(tmp_path / "bad.tsv", "a\tx\na\tx\n"))
    with pytest.raises(MetricsError, match="holds no labels"):
        read_pairs(good)


def test_predictions_of_unknown_ids_are_refused(tmp_path: Path) -> None:
    labels = write(tmp_path / "l.tsv", "a\tx\n")
    with pytest.raises(MetricsError, match=r"2 of 3 ids are not in .*l\.tsv, the first is 'b'"):
        read_pairs(write(tmp_path / "p.json", [item("a"), item("b"), item("c")]), labels)


def test_twice_predicted_ids_are_refused_with_labels(tmp_path: Path) -> None:
    labels = write(tmp_path / "l.tsv", "a\tx\n")
    with pytest.raises(MetricsError, match="id 'a' occurs twice"):
        read_pairs(write(tmp_path / "p.json", [item("a"), item("a")]), labels)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnimumerError, match=r"none\.json: cannot be read: No such file"):
        read_pairs(tmp_path / "none.json")
    with pytest.raises(UnimumerError, match="cannot be read"):
        read_pairs(tmp_path)
    (tmp_path / "latin.json").write_bytes(b'[{"gt": "\xe9"}]')
    with pytest.raises(UnimumerError, match=r"line 1, column 10: not UTF-8 text"):
        read_pairs(tmp_path / "latin.json")
