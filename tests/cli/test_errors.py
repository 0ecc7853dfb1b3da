"""`unimumer errors`: what it prints, writes and exits with."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from commands import run as command

run = partial(command, "errors")


@pytest.fixture(autouse=True)
def _inside() -> None:
    records = []
    for i in range(8):
        Image.fromarray(np.random.default_rng(i).integers(0, 256, (6, 9, 3), np.uint8)).save(f"{i}.png")
        messages = [{"from": "human", "value": "<image>Read it."}, {"from": "gpt", "value": "x + 1"}]
        records.append({"images": [f"{i}.png"], "messages": messages})
    Path("set.json").write_text(json.dumps(records))


def test_builds_with_a_given_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build", "--prompts", "set.json", "--out", "out", "--folds", 2, "--models", "fake") == 0
    out, err = capsys.readouterr()
    assert "out: folds of 4, 4 pictures\n" in out and " to fix errors in\n" in out
    assert err == ""
    made = {path.name for path in Path("out").iterdir()}
    assert made == {"folds.json", "candidates", "set_error_find.json", "set_error_fix.json"} | {
        "invalid_record.json",
        "confusions.json",
        "confusions.md",
        "confusions.png",
    }


def test_what_is_left_out_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("3.png").write_bytes(b"")
    assert run("build", "--prompts", "set.json", "--out", "out", "--folds", 2, "--models", "fake") == 1
    assert "1 pictures or candidates without a record, listed in out/invalid_record.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "give one of --models and --ink"),
        (("--models", "a", "--models", "b"), "give --models once, or 3 times"),
        (("--models", "fake", "--right-share", "1"), "right-share"),
        (("--models", "fake", "--train-budget", "long"), "not a duration"),
    ],
)
def test_wrong_use_is_explained(arguments: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build", "--prompts", "set.json", "--out", "out", *arguments) == 2
    assert complaint in capsys.readouterr().err
    assert not Path("out").exists()


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build", "--help") == 0
    assert "unimumer errors build --prompts" in capsys.readouterr().out
