"""The forms of a result: JSON, table, and the released system's report byte for byte."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from unimumer.metrics import Pair, evaluate, read_pairs, released_report, report_totals, total

PAIRS = [
    Pair("1", "a + b = c", "a + b = c"),
    Pair("2", "x ^ { 2 }", "x _ { 2 }"),
    Pair("3", "c d", "d"),
]
# Edit scores 1, 0.8, 0.5; 2 errors in 21 characters; BLEU-4: matches 10, 6, 4, 2 of 11, 9, 7, 5, and
# 11 tokens for 12: exp(1 - 12/11) * (10/11 * 6/9 * 4/7 * 2/5)^(1/4) = 0.557062.
EXPECTED = """
============================================================
                    EVALUATION RESULTS
============================================================

Dataset Statistics:
  Total Samples: 3

Core Metrics:
  Mean Edit Score:        76.6667%
  BLEU-4 Score:           55.7062%
  Character Error Rate:    0.0952

Error Threshold Analysis:
  Exact Match Rate:       33.3333% (0 errors)
  Error ≤ 1:             100.0000%
  Error ≤ 2:             100.0000%
  Error ≤ 3:             100.0000%

Detailed Error Distribution:
  Errors ≤ 0:      1 samples ( 33.33%)
  Errors ≤ 1:      3 samples (100.00%)
  Errors ≤ 2:      3 samples (100.00%)
  Errors ≤ 3:      3 samples (100.00%)

============================================================
"""


def released_files() -> Iterator[tuple[Path, Path]]:
    """Predictions and reports of the authors, where the data folder is at hand."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    folder = Path(os.environ.get("UNIMUMER_DATA", beside)) / "predictions"
    for predictions in sorted(folder.glob("*/*_pred.json")):
        yield predictions, predictions.with_name(predictions.name.replace("_pred.json", "_results.txt"))


def test_released_report_is_byte_equal(tmp_path: Path) -> None:
    own = tmp_path / "own_pred.json"
    items = [{"gt": pair.label, "pred": pair.prediction, "img_id": pair.id} for pair in PAIRS]
    own.write_text(json.dumps(items), encoding="utf-8")
    report = tmp_path / "own_results.txt"
    report.write_text(EXPECTED, encoding="utf-8", newline="\n")
    for predictions, expected in [(own, report), *released_files()]:
        assert released_report(evaluate(predictions)).encode() == expected.read_bytes(), predictions.name
        assert report_totals(total(read_pairs(predictions))).encode() == expected.read_bytes(), predictions.name


def test_json_says_what_made_it() -> None:
    result = evaluate([*PAIRS, Pair("\ud800", "z", None)])
    record = json.loads(result.to_json(command="unimumer evaluate p.json"))
    assert record["command"] == "unimumer evaluate p.json"
    assert record["unimumer"]
    assert (record["n"], record["seed"], record["resamples"], record["confidence"]) == (4, 0, 1000, 0.95)
    assert record["within"] == {"0": 1, "1": 3, "2": 3, "3": 3}
    assert record["missing"] == ["\ud800"]
    exp_rate = record["figures"]["exp_rate"]
    assert set(exp_rate) == {"value", "low", "high", "n"}
    assert exp_rate["value"] == 0.25
    assert list(record["figures"]) == list(result.figures())
    assert json.loads(result.to_json())["command"] is None


def test_every_figure_of_the_result_is_reported() -> None:
    result = evaluate(PAIRS)
    fields = [name for name in result.__slots__ if hasattr(getattr(result, name), "low")]
    assert list(result.figures()) == fields
    assert len(fields) == 9


def test_table_shows_values_intervals_and_n() -> None:
    lines = evaluate(PAIRS).to_text().splitlines()
    assert lines[0] == "given pairs: 3 expressions"
    assert lines[2].split() == ["ExpRate", "33.33", "%", "6.15", "to", "79.23", "%", "3"]
    assert lines[10].split()[:6] == ["token", "edits", "per", "label", "character", "0.0952"]
    assert len(lines) == 11


def test_table_names_the_unanswered_without_control_characters() -> None:
    unanswered = [Pair(f"id{k}\x1b[2J", "z", None) for k in range(12)]
    note = evaluate([*PAIRS, *unanswered]).to_text().splitlines()[-1]
    assert note.startswith("  no answer, counted as wrong: 12 ('id0\\x1b[2J', ")
    assert note.endswith("'id9\\x1b[2J', ...)")
    assert "\x1b" not in note
