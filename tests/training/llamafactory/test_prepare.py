"""Conversations from labelled pictures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from unimumer.cli.main import main
from unimumer.data import DataError
from unimumer.engines.nano import NanoEngine
from unimumer.imaging.scale import CELL
from unimumer.latex import normalize
from unimumer.tasks import count, recognize, tree
from unimumer.training.llamafactory import sets
from unimumer.training.llamafactory.prepare import prepare

EXAMPLES = Path(__file__).parents[3] / "examples"
LABELS = {"sum": "2+3=5", "square": r"a^2", "none": "x", "bad/../id": "x", "mean": r"\frac{1"}


@pytest.fixture(autouse=True)
def _in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_kind_of_conversation(tmp_path: Path) -> None:
    used, left_out = prepare(LABELS, EXAMPLES, Path("data/mine"), ["recognize", "tree", "count"], normalize)
    assert used == 2 and [item.id for item in left_out] == ["none", "bad/../id", "mean"]
    assert all(item.reason for item in left_out)
    records = json.loads(Path("data/mine/mine.json").read_text())
    label = "2 + 3 = 5"
    said = [(r["messages"][0]["value"], r["messages"][1]["value"]) for r in records[:3]]
    assert said == [(f"<image>{kind.prompt()}", kind.target(label)) for kind in (recognize, tree, count)]
    assert records[0]["images"] == [str(EXAMPLES / "sum.png")]


def test_what_it_writes_passes_the_check() -> None:
    prepare({"sum": "2+3=5"}, EXAMPLES, Path("data/mine"), ["recognize"], normalize)
    (found,) = sets.examine(["mine"], Path("data/mine"), Path("."))
    assert isinstance(found, sets.DataSet) and found.records == 1


def test_pictures_fitted_for_nano_pass_its_own_preparation_unchanged_in_size() -> None:
    engine = NanoEngine.load(threads=1)
    prepare({"sum": "2+3=5"}, EXAMPLES, Path("data/mine"), ["recognize"], normalize, engine)
    (record,) = json.loads(Path("data/mine/mine.json").read_text())
    assert record["images"] == ["./data/mine/images/sum.png"]
    seen = cv2.imread(record["images"][0], cv2.IMREAD_UNCHANGED)
    assert seen is not None and seen.dtype == np.uint8 and seen.ndim == 2
    assert seen.shape[0] % CELL == 0 and seen.shape[1] % CELL == 0


def test_nothing_to_train_on() -> None:
    with pytest.raises(DataError, match=r"none of the 1 labels.*no picture none\.png"):
        prepare({"none": "x"}, EXAMPLES, Path("out"), ["recognize"], normalize)
    assert not Path("out").exists()


def test_the_verb(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    Path("caption.txt").write_text("sum\t2 + 3 = 5\nnone\tx\n")
    words = ["unimumer", "train", "prepare", "--labels", "caption.txt", "--pictures", str(EXAMPLES), "--out", "data/m"]
    for more, code in (([], 1), (["--tasks", "tree,guess"], 2), (["--fit", "nano", "--tasks", "count"], 1)):
        monkeypatch.setattr(sys, "argv", [*words, *more])
        with pytest.raises(SystemExit) as caught:
            main()
        assert caught.value.code == code
    out, err = capsys.readouterr()
    assert out.splitlines() == ["1 pictures, 3 conversations in data/m", "1 pictures, 1 conversations in data/m"]
    assert "left out: none: no picture none.png" in err and "unknown task 'guess'" in err
