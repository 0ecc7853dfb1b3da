"""The forms of a result: JSON, table, and the released system's report byte for byte."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from unimumer.metrics import Pair, evaluate, read_pairs, released_report
from unimumer.metrics.analysis import analyze
from unimumer.metrics.evaluation import TITLES
from unimumer.metrics.report import to_latex, to_markdown, to_text
from unimumer.metrics.schema import SCHEMA, record

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
        assert released_report(read_pairs(predictions).pairs).encode() == expected.read_bytes(), predictions.name


def test_the_record_has_everything_and_its_schema() -> None:
    found = evaluate([*PAIRS, Pair("\ud800", "z }", None, 0.25, "z.png")])
    content = json.loads(json.dumps(record(analyze(found, details=True, rendered=True))))
    assert content["schema"] == SCHEMA == "unimumer.evaluation/2"
    assert (content["n"], content["seed"], content["resamples"], content["confidence"]) == (4, 0, 1000, 0.95)
    assert content["missing"] == ["\ud800"] == content["labels_that_do_not_parse"]
    assert list(content["figures"]) == list(content["figures_of_labels_that_parse"]) == list(TITLES)
    assert set(content["figures"]["exp_rate"]) == {"value", "low", "high", "n"}
    assert (content["figures"]["exp_rate"]["value"], content["figures_of_labels_that_parse"]["exp_rate"]["n"]) == (
        0.25,
        3,
    )
    assert content["rendered"]["match"]["value"] == 0.25
    assert content["calibration"]["bins"][0] == {
        "confidence": 0.25,
        "right": {"value": 0.0, "low": 0.0, "high": pytest.approx(0.7935, abs=1e-4), "n": 1},
    }
    assert content["items"][1] == {
        "id": "2",
        "label": "x ^ { 2 }",
        "prediction": "x _ { 2 }",
        "confidence": None,
        "image": "",
        "exact": False,
        "notation_match": False,
        "ink_match": False,
        "token_errors": 1,
        "rendered_score": 0.5,
        "cdm_score": None,
        "label_parses": True,
        "prediction_parses": True,
        "fault": "structure",
        "edits": [{"label": "sup", "prediction": "sub", "structural": True, "moved": False}],
        "graph": {"nodes": 2, "edges": 2, "structure": False},
    }
    assert content["items"][3]["fault"] == "unread" and content["items"][3]["edits"] is None
    assert "items" not in record(analyze(found), items=False)


def test_the_table_shows_values_intervals_and_n() -> None:
    lines = to_text(analyze(evaluate(PAIRS))).splitlines()
    assert lines[0] == "given pairs: 3 expressions"
    assert lines[2].split() == ["ExpRate", "33.33", "%", "6.15", "to", "79.23", "%", "3"]
    assert lines[11].split()[:6] == ["token", "edits", "per", "label", "character", "0.0952"]
    assert len(lines) == 12


def test_what_changed_is_named() -> None:
    ours, theirs = evaluate(PAIRS), evaluate([PAIRS[0], Pair("2", "x ^ { 2 }", "x ^ { 2 }"), Pair("3", "c d", "d")])
    lines = to_text(analyze(ours, other=theirs)).splitlines()
    assert lines[15].split()[:3] == ["ExpRate", "-33.33", "%"] and lines[15].split()[-3:] == ["0", "1", "1"]
    assert lines[-1] == "  right only there: 1 (2)"


def test_a_file_cannot_write_to_the_terminal_or_into_the_table() -> None:
    unanswered = [Pair(f"id{k}\x1b[2J", "z", None) for k in range(12)]
    report = analyze(evaluate([*PAIRS, *unanswered, Pair("e", "a \x1b", "|")]), details=True)
    text = to_text(report)
    note = next(line for line in text.splitlines() if "no answer" in line)
    assert note.startswith("  no answer, counted as wrong: 12 ('id0\\x1b[2J', ")
    assert note.endswith("'id9\\x1b[2J', ...)")
    assert "\x1b" not in text + to_markdown(report)


def test_markdown_is_made_of_tables() -> None:
    lines = to_markdown(
        analyze(evaluate([*PAIRS, Pair("4", r"| \frac { a } { b } |", "x")]), details=True)
    ).splitlines()
    assert lines[:3] == ["## `given pairs`", "", "Labels: `given pairs`."]
    assert lines[4] == "| figure | value | 95% interval | n |"
    assert "| ExpRate | 25.00 % | 4.56 to 69.94 % | 4 |" in lines
    assert "| `\\frac` | 0.00 % | 0.00 to 79.35 % | 1 |" in lines
    assert "| \\| | 0.00 % | 0.00 to 65.76 % | 2 |" in lines


def test_latex_for_a_paper() -> None:
    lines = to_latex([analyze(evaluate(PAIRS))]).splitlines()
    assert lines[1] == r"\begin{tabular}{lrrrrrrrrr}"
    assert lines[3].startswith(r"predictions & $n$ & ExpRate & at most 1 token error & ")
    assert lines[5].startswith(r"given pairs & 3 & $33.33 \pm 36.54$ & $100.00 \pm 28.07$ & ")
    assert lines[-1] == r"\end{tabular}"
