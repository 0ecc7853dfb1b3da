"""Reading predictions and labels of every form, and refusing what cannot be compared."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from unimumer.errors import UnimumerError
from unimumer.metrics import MetricsError, Pair, evaluate, read_pairs
from unimumer.metrics.leaderboard import read_entries
from unimumer.results import FORMAT, Candidate, Result


def write(path: Path, content: object) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(text.encode("utf-8"))
    return path


def item(identity: str, gt: str = "x", pred: str | None = "x") -> dict[str, object]:
    return {"gt": gt, "pred": pred, "image_path": f"./images/{identity}.jpg", "img_id": identity}


def own(index: int, *answers: tuple[str, float | None], label: str = "y") -> str:
    candidates = tuple(Candidate(*answer) for answer in answers)
    reason = None if answers else "the picture cannot be read"
    return Result(index, f"k{index}", f"{index}.png", label, candidates=candidates, reason=reason).to_json()


# The released predictions, JSON lines, CSV and TSV of the same pairs, each as it may come.
SAME = {
    "p.json": [
        {**item("a.b c", "x ^ { 2 }", "x"), "confidence": 0.5},
        item("é $() 😀", "b", None),
        item("中", "中", ""),
    ],
    "p.jsonl": '{"id": "a.b c", "label": "x ^ { 2 }", "prediction": "x", "confidence": 0.5, '
    + '"image": "./images/a.b c.jpg"}\r\n\n'
    + "\n".join(json.dumps(one) for one in (item("é $() 😀", "b", None), item("中", "中", ""))),
}


@pytest.mark.parametrize("name", SAME)
def test_pairs_with_their_labels(tmp_path: Path, name: str) -> None:
    pairs = read_pairs(write(tmp_path / name, SAME[name]))
    assert pairs.pairs == [
        Pair("a.b c", "x ^ { 2 }", "x", 0.5, "./images/a.b c.jpg"),
        Pair("é $() 😀", "b", None, None, "./images/é $() 😀.jpg"),
        Pair("中", "中", "", None, "./images/中.jpg"),
    ]
    assert pairs.label_set == f"{tmp_path.name}/{name}" and pairs.warnings == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.csv", 'id,label,prediction,confidence\r\n"a, 1","f ( x , y )",f,0.25\r\nb,"""",x,\r\n'),
        ("p.tsv", 'id\tlabel\tprediction\tconfidence\na, 1\tf ( x , y )\tf\t0.25\nb\t"\tx\t\n'),
        ("p.TSV", '\ufeffimg_id\tgt\tpred\tconfidence\na, 1\tf ( x , y )\tf\t0.25\nb\t"\tx\t\n'),
    ],
)
def test_tables_with_a_head_line(tmp_path: Path, name: str, text: str) -> None:
    expected = [Pair("a, 1", "f ( x , y )", "f", 0.25), Pair("b", '"', "x")]
    assert read_pairs(write(tmp_path / name, text)).pairs == expected


def test_what_infer_wrote(tmp_path: Path) -> None:
    lines = [json.dumps({"journal": FORMAT}), own(1, ("z }", 0.2), ("z", 0.1)), own(0, ("y", None)), own(2)]
    lines += [own(1, ("y", 0.9), ("z", 0.1))]  # asked again: the newest counts
    pairs = read_pairs(write(tmp_path / "s_items.jsonl", "\n".join(lines) + "\n")).pairs
    assert pairs == [
        Pair("k0", "y", "y", None, "0.png"),
        Pair("k1", "y", "y", 0.9, "1.png"),
        Pair("k2", "y", None, None, "2.png"),
    ]


@pytest.mark.parametrize(
    "predictions",
    [
        ("p.json", [item("b", pred="2"), item("a", pred="1")]),
        ("p.tsv", "b\t2\n\na\t1\n"),
        ("p.TXT", "b\t2\r\na\t1"),
        ("p.csv", "id,prediction\nb,2\na,1\n"),
    ],
)
def test_labels_from_a_file_set_order_and_truth(tmp_path: Path, predictions: tuple[str, object]) -> None:
    labels = write(tmp_path / "caption.txt", "\ufeffa\tA + A\nc\t C\nb\tB\n")
    pairs = read_pairs(write(tmp_path / predictions[0], predictions[1]), labels).pairs
    assert [(pair.id, pair.label, pair.prediction) for pair in pairs] == [
        ("a", "A + A", "1"),
        ("c", "C", None),
        ("b", "B", "2"),
    ]


def test_an_empty_prediction_in_a_table_is_an_answer(tmp_path: Path) -> None:
    labels = write(tmp_path / "l.tsv", "a\tx\n")
    assert read_pairs(write(tmp_path / "p.tsv", "a\t\n"), labels).pairs == [Pair("a", "x", "")]


def test_ids_that_occur_twice_are_all_scored_and_told(tmp_path: Path) -> None:
    twice = write(tmp_path / "p.json", [item("a", "x", "x"), item("a", "y", "z"), item("b", "w", "w")])
    found = evaluate(twice)
    assert [one.pair.id for one in found.items] == ["a", "a (2)", "b"]
    assert found.figures["exp_rate"].value == pytest.approx(2 / 3)
    assert found.warnings == ("1 ids occur more than once, the first is 'a'; each is scored",)
    labels = write(tmp_path / "l.tsv", "a\tx\nb\tw\na\tz\n")
    assert [pair.label for pair in read_pairs(twice, labels).pairs] == ["x", "w", "z"]
    with pytest.raises(MetricsError, match=r"1 of 3 ids are not in .*, the first is 'a \(2\)'"):
        read_pairs(twice, write(tmp_path / "once.tsv", "a\tx\nb\tw\n"))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("p.json", "[{", "item 0, line 1"),
        ("p.json", "[" * 100_000, "not a JSON object"),
        ("p.json", {"gt": "x"}, "not a JSON list"),
        ("p.json", [], "no expressions to score"),
        ("p.json", [item("a"), 5], "item 1, line 1"),
        ("p.json", [item("a"), {"pred": "x", "img_id": "b"}], 'item 1, line 1: lacks "gt"'),
        ("p.json", [{"gt": "x", "img_id": "b"}], 'item 0, line 1: lacks "pred"'),
        ("p.json", [{"gt": "x", "pred": "x"}], 'lacks "img_id"'),
        ("p.json", [{"gt": 5, "pred": "x", "img_id": "b"}], '"gt" is not text'),
        ("p.json", [{"gt": "x", "pred": ["x"], "img_id": "b"}], '"pred" is not text'),
        ("p.json", [{**item("b"), "confidence": 2}], '"confidence" is not a number from 0 to 1'),
        ("p.json", [item("a", "")], "every label is empty"),
        ("p.jsonl", '{"id": "a"', "line 1, column 11: not JSON"),
        ("p.jsonl", "5\n", "line 1: not a JSON object"),
        ("p.csv", "a,x,y\n", "line 1: expected a head line with id, label and prediction"),
        ("p.csv", "id,label,prediction,confidence\na,x,y,much\n", 'line 2: "confidence" is not a number'),
        ("p.csv", "id,label\na,x\n", 'line 2: lacks "pred"'),
        ("p.csv", 'id,label,prediction\na,x,"y\n', "cannot be read"),
        ("p.tsv", "a\tx\n", "hold no labels"),
        ("s_items.jsonl", '{"journal": 1}\n', "a journal of format 1"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, name: str, content: object, reason: str) -> None:
    path = write(tmp_path / name, content)
    with pytest.raises(UnimumerError, match=reason) as caught:
        read_pairs(path)
    assert str(path) in str(caught.value)


def test_bad_tables_of_labels_are_named(tmp_path: Path) -> None:
    good = write(tmp_path / "p.tsv", "a\tx\n")
    for text, line in (("a\tx\nb x\n", 2), ("\tx\n", 1)):
        with pytest.raises(UnimumerError, match=f"line {line}: expected an id, a tab and LaTeX"):
            read_pairs(good, write(tmp_path / "bad.tsv", text))
    with pytest.raises(MetricsError, match=r"2 of 3 ids are not in .*p\.tsv, the first is 'b'"):
        read_pairs(write(tmp_path / "p.json", [item("a"), item("b"), item("c")]), good)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnimumerError, match=r"none\.json: cannot be read: No such file"):
        read_pairs(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b'[{"gt": "\xe9"}]')
    with pytest.raises(UnimumerError, match="not UTF-8 text"):
        read_pairs(tmp_path / "latin.json")


@pytest.mark.parametrize("name", ["big_pred.json", "big.jsonl", "big.csv", "big.tsv"])
def test_a_gigabyte_is_refused_by_name_and_not_read(tmp_path: Path, name: str) -> None:
    path, small = tmp_path / name, write(tmp_path / "labels.tsv", "a\tx\n")
    with path.open("wb") as stream:
        stream.truncate(1 << 30)
    started = time.process_time()
    for read in (
        lambda: read_pairs(path),
        lambda: read_pairs(small, path),
        lambda: list(read_entries([path], "exp_rate")),
    ):
        with pytest.raises(MetricsError, match=rf"{name}: 1,073,741,824 bytes; at most 134,217,728 are scored at once"):
            read()
    assert time.process_time() - started < 0.5
