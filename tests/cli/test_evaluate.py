"""`unimumer evaluate`: what it prints, writes and exits with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from commands import run as command

run = partial(command, "evaluate")


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    path = tmp_path / "set_pred.json"
    items = [
        {"gt": "x + 1", "pred": "x + 1", "img_id": "a", "image_path": "a.jpg"},
        {"gt": "y ^ { 2 }", "pred": "y _ { 2 }", "img_id": "b", "image_path": "b.jpg"},
    ]
    path.write_text(json.dumps(items), encoding="utf-8")
    return path


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


def test_a_folder_stands_for_its_predictions(predictions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (predictions.parent / "set_results.txt").write_text("", encoding="utf-8")
    assert run(predictions.parent) == 0
    assert capsys.readouterr().out.startswith(f"{predictions}\n")
    (predictions.parent / "empty").mkdir()
    assert run(predictions.parent / "empty") == 2
    assert "no *_pred.json in this folder" in capsys.readouterr().err


def test_writes_results_with_their_items(predictions: Path, tmp_path: Path) -> None:
    out = tmp_path / "with space.json"
    assert run(predictions, "--json", out) == 0
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document["command"].startswith("unimumer evaluate ")
    assert document["failed"] == []
    assert document["evaluations"][0]["predictions"] == str(predictions)
    assert document["evaluations"][0]["figures"]["exp_rate"]["value"] == 0.5
    assert [item["fault"] for item in document["evaluations"][0]["items"]] == ["right", "structure"]


def test_writes_every_other_form(predictions: Path, tmp_path: Path) -> None:
    forms = {name: tmp_path / f"out.{name}" for name in ("markdown", "latex", "html", "released")}
    assert run(predictions, *(part for name, path in forms.items() for part in (f"--{name}", path))) == 0
    begins = {"markdown": "## `", "latex": "% unimumer ", "html": "<!doctype html>", "released": "\n===="}
    for name, path in forms.items():
        assert path.read_text(encoding="utf-8").startswith(begins[name]), name
    assert "  Character Error Rate:    0.0714\n" in forms["released"].read_text(encoding="utf-8")


def test_label_graphs_are_written_and_read(
    predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(predictions, "--label-graphs", tmp_path / "lg") == 0
    capsys.readouterr()
    assert run(tmp_path / "lg" / "prediction", "--labels", tmp_path / "lg" / "label") == 0
    assert "right                " in (out := capsys.readouterr().out) and "50.00 %" in out


INK = """<ink xmlns="http://www.w3.org/2003/InkML"><annotation type="truth">$y^2$</annotation>
<trace id="11">0 0, 40 60</trace><trace id="12">60 0, 0 100</trace><trace id="7">70 -30, 90 -30, 72 0, 90 0</trace>
<annotationXML type="truth"><math xmlns="http://www.w3.org/1998/Math/MathML">
<msup><mi xml:id="A">y</mi><mn xml:id="B">2</mn></msup></math></annotationXML>
<traceGroup><traceGroup><annotation type="truth">y</annotation><traceView traceDataRef="11"/>
<traceView traceDataRef="12"/><annotationXML href="A"/></traceGroup>
<traceGroup><annotation type="truth">2</annotation><traceView traceDataRef="7"/>
<annotationXML href="B"/></traceGroup></traceGroup></ink>"""


def test_label_graphs_over_the_strokes_of_ink(
    predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ink = tmp_path / "ink"
    ink.mkdir()
    (ink / "b.inkml").write_text(INK, encoding="utf-8")
    assert run(predictions, "--label-graphs", tmp_path / "lg", "--ink", ink) == 0
    assert "1 of 2 expressions have no label graph: no ink of that id" in capsys.readouterr().err
    sides = [(tmp_path / "lg" / side / "b.lg").read_text(encoding="utf-8") for side in ("label", "prediction")]
    for text, relation in zip(sides, ("Sup", "Sub")):
        assert f"O, s1, y, 1.0, 11, 12\nO, s2, 2, 1.0, 7\n\n# Relations from SRT:\nR, s1, s2, {relation}" in text
    assert [path.name for path in (tmp_path / "lg" / "label").iterdir()] == ["b.lg"]
    # Another label than that of the ink has no graph, rather than a wrong one.
    predictions.write_text('[{"gt": "z ^ { 2 }", "pred": "z ^ { 2 }", "img_id": "b"}]', encoding="utf-8")
    assert run(predictions, "--label-graphs", tmp_path / "other", "--ink", ink) == 0
    assert "1 of 1 expressions have no label graph" in capsys.readouterr().err
    assert run(predictions, "--ink", ink) == 2


def test_two_files_are_compared(predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other_pred.json"
    other.write_text(predictions.read_text(encoding="utf-8").replace("_ {", "^ {"), encoding="utf-8")
    assert run(other, "--against", predictions) == 0
    assert "right only here, by ExpRate: 1 (b)" in capsys.readouterr().out
    other.write_text("[]", encoding="utf-8")
    assert run(predictions, "--against", other) == 1
    assert "no expressions to score" in capsys.readouterr().err


def test_a_bad_file_does_not_stop_the_others(
    predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, gone, out = tmp_path / "bad.json", tmp_path / "gone.json", tmp_path / "out.json"
    bad.write_text('[{"pred": "x", "img_id": "k"}]', encoding="utf-8")
    assert run(bad, gone, predictions, "--json", out) == 1
    printed, err = capsys.readouterr()
    assert "ExpRate" in printed
    assert err.splitlines() == [
        f'error: {bad}: item 0, line 1: lacks "gt"',
        f"error: {gone}: cannot be read: No such file or directory",
    ]
    document = json.loads(out.read_text(encoding="utf-8"))
    assert [failure["predictions"] for failure in document["failed"]] == [str(bad), str(gone)]
    assert len(document["evaluations"]) == 1


def test_ids_that_occur_twice_are_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "d_pred.json"
    path.write_text(json.dumps([{"gt": "x", "pred": "x", "img_id": "a", "image_path": f"p{k}/a.png"} for k in (1, 2)]))
    assert run(path) == 0
    out = capsys.readouterr().out
    assert "2 expressions" in out and "100.00 %" in out and "1 ids occur more than once" in out


def test_a_place_that_cannot_be_written_is_named(predictions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("--json", "--html"):
        assert run(predictions, form, "no/out") == 1
        assert "out: cannot be written: No such file or directory" in capsys.readouterr().err


def test_wrong_use(predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert run(predictions, "--labels", tmp_path / "none.tsv") == 2
    assert run(predictions, predictions, "--released", tmp_path / "r.txt") == 2
    assert "--released takes one file" in capsys.readouterr().err
    assert not (tmp_path / "r.txt").exists()


def test_24607_pairs_are_scored_about_as_fast_as_sorted(published: dict[str, list[str]], tmp_path: Path) -> None:
    sides = [
        [text for name in published if name.endswith(f":{side}") for text in published[name]] for side in ("gt", "pred")
    ]
    if not sides[0]:
        pytest.skip("the published predictions are not at hand")
    pairs = (list(zip(*sides)) * 2)[:24_607]
    path = tmp_path / "large_pred.json"
    path.write_text(json.dumps([{"gt": gt, "pred": pred, "img_id": str(k)} for k, (gt, pred) in enumerate(pairs)]))
    code = f"""
import json, time
from pathlib import Path
path = Path({str(path)!r})

def sorting():  # what this processor needs just now to sort the tokens of every text eight times
    texts = [text for pair in json.loads(path.read_text()) for text in (pair["gt"], pair["pred"])] * 8
    begun = time.process_time()
    for text in texts:
        " ".join(sorted(text.split()))
    return time.process_time() - begun

before, begun = sorting(), time.process_time()
from unimumer.metrics import read_pairs
from unimumer.metrics.text import means_and_ratios, proportions, score_pair
scores = [score_pair(pair) for pair in read_pairs(path).pairs]
figures = proportions(scores), means_and_ratios(scores)
spent = time.process_time() - begun
print(2 * spent / (before + sorting()))
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    # 2.2 to 2.7 on a busy machine, where these pairs take 1.5 to 3 s (bench/bench_metrics.py has the seconds).
    assert float(run.stdout) < 4.5
