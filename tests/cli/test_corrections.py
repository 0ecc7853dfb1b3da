"""`unimumer corrections export`: from the page's file to labelled ink and a set of conversations, and back."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from commands import run
from unimumer.data import read_captions, read_prompts
from unimumer.ink import Ink, label, read_inks

export = partial(run, "corrections", "export", "corrections.jsonl")
ROOT = [[0, 20], [5, 30], [12, 0], [60, 0]]
X = [[[20, 10], [30, 25]], [[30, 10], [20, 25]]]


def correction(latex: str = r"\sqrt { x }", strokes: Any = (ROOT, *X), time: Any = 1, **more: Any) -> dict[str, Any]:
    return {"time": time, "strokes": list(strokes), "latex": latex, "read": r"\sqrt { \chi }", "model": "nano", **more}


def write(*lines: Any, name: str = "corrections.jsonl") -> None:
    Path(name).write_text("".join(json.dumps(line) + "\n" for line in lines))


def inks() -> list[Ink]:
    found = [ink for _, ink in read_inks(Path("data/corrections/ink"))]
    assert all(isinstance(ink, Ink) for ink in found)
    return [ink for ink in found if isinstance(ink, Ink)]


def test_labelled_ink_and_conversations(capsys: pytest.CaptureFixture[str]) -> None:
    write(correction(), correction("x^2", X, time=2))
    assert export("--kinds", "recognize,count") == 0
    by_label = {label(ink): ink for ink in inks()}
    assert by_label.keys() == {r"\sqrt { x }", "x ^ { 2 }"}
    assert [stroke.tolist() for stroke in by_label["x ^ { 2 }"].strokes] == X
    assert by_label["x ^ { 2 }"].annotations["read"] == r"\sqrt { \chi }"
    folder = Path("data/corrections/train")
    prompts = list(read_prompts(folder / "corrections_train.json"))
    assert {prompt.id: prompt.label for prompt in prompts} == read_captions(folder / "caption.txt")
    assert all(Path(prompt.image).exists() for prompt in prompts)
    assert list(json.loads(Path("data/dataset_info.json").read_text())) == [
        "corrections_train",
        "corrections_train_can",
    ]
    assert capsys.readouterr().err == ""


def test_the_ink_is_what_data_convert_takes() -> None:
    write(correction())
    assert export() == 0
    assert run("data", "convert", "ink", "--source", "data/corrections/ink", "--name", "mine", "--jobs", 1) == 0
    labels = {name: read_captions(Path(f"data/{name}/train/caption.txt")) for name in ("mine", "corrections")}
    assert labels["mine"] == labels["corrections"]
    assert len(labels["mine"]) == 1


def test_the_last_correction_of_an_ink_counts() -> None:
    """Also where the ink has grown since, and whatever the order of the files."""
    write(correction("y", X, time=3), correction("x", X, time=5))
    write(correction("z", X, time=4), correction(r"\sqrt { y }", time=2), name="older.jsonl")
    assert export("older.jsonl") == 0
    assert sorted(map(label, inks())) == [r"\sqrt { y }", "x"]
    write(correction("x", X, time=1), correction(r"\sqrt { y }", time=2))
    assert export("--force") == 0
    assert [label(ink) for ink in inks()] == [r"\sqrt { y }"]


def test_what_was_made_is_not_replaced_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    write(correction())
    assert export() == 0
    write(correction("y", X))
    assert export() == 1
    assert "exists; use --force" in capsys.readouterr().err
    assert [label(ink) for ink in inks()] == [r"\sqrt { x }"]
    assert export("--force") == 0
    assert [label(ink) for ink in inks()] == ["y"]


def test_a_correction_that_is_no_formula_is_left_out_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    bad = [correction(r"\frac { 1"), correction("", X), correction("x", [[[0, float("1e30")]]]), correction("x", [])]
    write(*bad, correction("x", X, read="\u0001"), correction())
    assert export() == 1
    err = capsys.readouterr().err
    assert [line.split(":")[2] for line in err.splitlines()] == [f" line {n}" for n in range(1, 6)]
    assert [label(ink) for ink in inks()] == [r"\sqrt { x }"]


@pytest.mark.parametrize(
    "content",
    [
        '{"images": ["a.png"], "messages": []}\n',
        '[{"strokes": [[[0, 0]]], "latex": "x", "time": 1}]\n',
        '{"strokes": [[[0, 0], [1, 1]]], "latex": "x"}\n',
        '{"strokes": [[[0, 0], [1, 1]]], "latex": "x", "time": true}\n',
        "<ink/>\n",
        "\x89PNG\r\n\x1a\n\xff",
        "",
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(content: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("corrections.jsonl").write_bytes(content.encode("latin-1"))
    assert export() == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith("Error: corrections.jsonl: line 1" if content else "Error: no correction in it")
    assert not Path("data").exists()


def test_names_that_no_set_can_have() -> None:
    write(correction())
    assert export("--name", "../up") == 2
    assert export("--kinds", "find") == 2
    assert export("no-such-file") == 2
