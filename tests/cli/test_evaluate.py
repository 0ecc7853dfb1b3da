"""`unimumer evaluate`: what it prints, writes and exits with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from unimumer.cli.evaluate import evaluate
from unimumer.files import FileError


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    path = tmp_path / "set_pred.json"
    items = [
        {"gt": "x + 1", "pred": "x + 1", "img_id": "a", "image_path": "a.jpg"},
        {"gt": "y ^ { 2 }", "pred": "y _ { 2 }", "img_id": "b", "image_path": "b.jpg"},
    ]
    path.write_text(json.dumps(items), encoding="utf-8")
    return path


def run(*arguments: object) -> int:
    """Exit code of the command."""
    with pytest.raises(SystemExit) as caught:
        evaluate.main([str(argument) for argument in arguments], prog_name="unimumer evaluate")
    return int(caught.value.code or 0)


def test_prints_a_table_for_each_file(predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "other.tsv"
    table.write_text("a\tx + 1\n", encoding="utf-8")
    labels = tmp_path / "labels.tsv"
    labels.write_text("a\tx + 1\nb\tz\n", encoding="utf-8")
    assert run(predictions, table, "--labels", labels) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert [line for line in out.splitlines() if line.endswith((".json", ".tsv"))] == [
        str(predictions),
        str(table),
    ]
    assert out.count("labels.tsv: 2 expressions") == 2
    assert out.count("ExpRate ") == 2
    assert out.count("no answer, counted as wrong: 1 (b)") == 1


def test_writes_results_with_the_command(predictions: Path, tmp_path: Path) -> None:
    out = tmp_path / "with space.json"
    assert run(predictions, "--json", out) == 0
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document["command"] == f"unimumer evaluate {predictions} --json '{out}'"
    assert document["failed"] == []
    assert document["evaluations"][0]["predictions"] == str(predictions)
    assert document["evaluations"][0]["figures"]["exp_rate"]["value"] == 0.5


def test_writes_the_released_report(predictions: Path, tmp_path: Path) -> None:
    out = tmp_path / "set_results.txt"
    assert run(predictions, "--released", out) == 0
    assert "  Character Error Rate:    0.0714\n" in out.read_bytes().decode()


def test_a_bad_file_does_not_stop_the_others(
    predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, gone, out = tmp_path / "bad.json", tmp_path / "gone.json", tmp_path / "out.json"
    bad.write_text('[{"pred": "x", "img_id": "k"}]', encoding="utf-8")
    assert run(bad, gone, predictions, "--json", out) == 1
    printed, err = capsys.readouterr()
    assert "ExpRate" in printed
    assert err.splitlines() == [
        f'error: {bad}: item 0 lacks "gt"',
        f"error: {gone}: cannot be read: No such file or directory",
    ]
    document = json.loads(out.read_text(encoding="utf-8"))
    assert [failure["predictions"] for failure in document["failed"]] == [str(bad), str(gone)]
    assert len(document["evaluations"]) == 1


def test_a_place_that_cannot_be_written_is_named(predictions: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"out\.json: cannot be written: No such file or directory"):
        run(predictions, "--json", tmp_path / "no" / "out.json")


def test_wrong_use(predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert run(predictions, "--labels", tmp_path / "none.tsv") == 2
    assert run(predictions, predictions, "--released", tmp_path / "r.txt") == 2
    assert "--released takes one file" in capsys.readouterr().err
    assert not (tmp_path / "r.txt").exists()


def test_help_shows_examples_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    assert "  Examples:\n    unimumer evaluate crohme_2014_pred.json\n" in capsys.readouterr().out


def test_the_verb_loads_no_numbers_until_it_runs() -> None:
    code = "import sys, unimumer.cli.evaluate; sys.exit('numpy' in sys.modules or 'rapidfuzz' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        ).returncode
        == 0
    )
