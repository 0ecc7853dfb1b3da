"""Results of many models and sets in one table, with what does not compare marked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unimumer.errors import UnimumerError
from unimumer.metrics import Pair, evaluate, record
from unimumer.metrics.analysis import analyze
from unimumer.metrics.leaderboard import Leaderboard, leaderboard, read_entries, to_html, to_markdown, to_text
from unimumer.metrics.structure import VERSION

LABELS = ["x", "y", "z", "w"]


def predictions(folder: Path, name: str, right: int, labels: list[str] = LABELS) -> Path:
    folder.mkdir(exist_ok=True)
    items = [{"gt": label, "pred": label if k < right else "?", "img_id": str(k)} for k, label in enumerate(labels)]
    path = folder / f"{name}_pred.json"
    path.write_text(json.dumps(items), encoding="utf-8")
    return path


def board(*paths: Path, score: str = "exp_rate") -> Leaderboard:
    return leaderboard(list(read_entries(paths, score)), score)


def test_models_are_ordered_and_sets_are_columns(tmp_path: Path) -> None:
    made = board(
        predictions(tmp_path / "low", "A", 1),
        predictions(tmp_path / "high", "A", 3),
        predictions(tmp_path / "high", "B", 2),
    )
    assert made.rows == [
        ["model", "A (n 4)", "B (n 4)"],
        ["high", "75.00 % (30.06 to 95.44)", "50.00 % (15.00 to 85.00)"],
        ["low", "25.00 % (4.56 to 69.94)", "-"],
    ]
    assert made.notes == []
    errors = board(
        predictions(tmp_path / "low", "A", 1), predictions(tmp_path / "high", "A", 3), score="token_error_rate"
    )
    assert [row[0] for row in errors.rows[1:]] == ["high", "low"]


def test_what_does_not_compare_is_marked(tmp_path: Path) -> None:
    made = board(
        predictions(tmp_path / "a", "A", 4),
        predictions(tmp_path / "b", "A", 3),
        predictions(tmp_path / "c", "A", 3, LABELS[:3]),
        predictions(tmp_path / "d", "A", 3, ["x", "y", "z", "v"]),
    )
    text = to_text(made)
    marks = {row[0]: row[1].split(") ")[1] if ") " in row[1] else "" for row in made.rows[1:]}
    assert marks == {"a": "", "b": "", "c": "a", "d": "b"}
    assert "a: does not compare within A: n 3, the others 4\n" in text
    assert "b: does not compare within A: other labels or ids (" in text


def test_results_with_another_table_of_spellings_compare_by_exprate_only(tmp_path: Path) -> None:
    new = record(analyze(evaluate([Pair("a", "x", "x")])), items=False)
    old = {**new, "spellings": 1, "model": "old"}
    for name, content in (("new", {**new, "model": "new"}), ("old", old)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"evaluations": [content]}), encoding="utf-8")
    paths = (tmp_path / "new.json", tmp_path / "old.json")
    assert board(*paths).notes == []
    assert board(*paths, score="ink_match").notes == [
        f"a: does not compare within given pairs: spellings of version 1, the others {VERSION}"
    ]


def test_names_are_text_in_every_form(tmp_path: Path) -> None:
    made = board(predictions(tmp_path / "<b>|\x1b", "A", 2))
    assert "<b>" not in to_markdown(made) + to_html(made)
    assert "\x1b" not in to_text(made) + to_markdown(made) + to_html(made)
    assert "&lt;b&gt;|" in to_html(made) and "| '&lt;b>\\|" in to_markdown(made)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"a": 1}, 'without "evaluations"'),
        ({"evaluations": [{"schema": "unimumer.evaluation/1"}]}, "results of schema 'unimumer.evaluation/1'"),
        ({"evaluations": [{"schema": "unimumer.evaluation/2", "predictions": "p"}]}, "not results of schema"),
    ],
)
def test_what_is_no_result_is_named(tmp_path: Path, content: object, reason: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UnimumerError, match=reason):
        board(path)


def test_two_results_of_one_model_on_one_set(tmp_path: Path) -> None:
    path = predictions(tmp_path / "a", "A", 1)
    with pytest.raises(UnimumerError, match="two results of 'a' on 'A'"):
        board(path, path)
