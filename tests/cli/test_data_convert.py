"""`unimumer data convert`, `register` and `unpack`: what they print, write and exit with."""

from __future__ import annotations

import json
import sys
import zipfile
from functools import partial
from pathlib import Path

import cv2
import pytest

from commands import run as command
from shards import read_rows
from unimumer.imaging.scale import CELL
from unimumer.tasks import tree

run = partial(command, "data")

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def _ink() -> None:
    Path("ink").mkdir()
    for id in ("a", "b"):
        trace = f'<annotation type="normalizedLabel">{id}^2</annotation><trace>0 0, 9 9</trace>'
        Path(f"ink/{id}.inkml").write_text(f"<ink>{trace}</ink>")


GIVEN = ("convert", "mathwriting", "--source", "ink", "--split", "train", "--jobs", 1)


def test_converts_and_registers(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*GIVEN, "--kinds", "plain,tree,can") == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split() for line in out][1] == [
        *("mathwriting_train_tree", "2", "rows", "data/MathWriting/train/mathwriting_train_tree.json"),
    ]
    registered = json.loads(Path("data/dataset_info.json").read_text())
    assert list(registered) == ["mathwriting_train", "mathwriting_train_tree", "mathwriting_train_can"]
    Path("data/dataset_info.json").write_text('{"mine": {"hf_hub_url": "me/mine"}}')
    assert run("register") == 0
    assert json.loads(Path("data/dataset_info.json").read_text()) == {"mine": {"hf_hub_url": "me/mine"}, **registered}
    assert capsys.readouterr().out.splitlines()[-1] == "3 sets in data/dataset_info.json"
    assert run("register", "--data", "ink") == 1
    assert "no set of conversations" in capsys.readouterr().err


def test_what_is_left_out_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("ink/c.inkml").write_text("")
    assert run(*GIVEN) == 1
    out, err = capsys.readouterr()
    assert out.split() == ["mathwriting_train", "2", "rows", "data/MathWriting/train/mathwriting_train.json"]
    assert err.startswith("left out: c: not readable as InkML")
    assert err.endswith("1 left out, listed with their reasons in data/MathWriting/train/invalid_record.json\n")


def test_nothing_is_overwritten_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*GIVEN) == 0
    assert run(*GIVEN) == 1
    assert "use --force to replace it" in capsys.readouterr().err
    assert run(*GIVEN, "--force") == 0


def test_parquet_and_conversations_made_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyarrow")
    assert run(*GIVEN, "--form", "parquet") == 0
    assert run(*GIVEN, "--kinds", "tree") == 0
    text = Path("data/MathWriting/train/mathwriting_train_tree.json").read_text()
    Path("fix.json").write_text(text.replace("./data/MathWriting/train", ".\\\\data\\\\MathWriting\\\\train", 1))
    capsys.readouterr()
    given = ("convert", "sharegpt", "--form", "parquet", "--jobs", 1, "--source")
    assert run(*given, "fix.json") == 0
    assert capsys.readouterr().out.split() == ["fix", "2", "rows", "data/parquet/fix"]
    assert sorted(path.name for path in Path("data/parquet").iterdir()) == ["README.md", "fix", "mathwriting_train"]
    assert list(json.loads(Path("data/dataset_info.json").read_text())) == [
        "parquet_mathwriting_train",
        "mathwriting_train_tree",
        "parquet_fix",
    ]
    (first, second) = read_rows(Path("data/parquet/fix/train-00000.parquet"))
    assert (first.id, first.image, first.answer) == ("a", "a.jpg", tree.target("a ^ { 2 }"))
    assert second.picture == Path("data/MathWriting/train/images/b.jpg").read_bytes()
    Path("data/MathWriting/train/images/b.jpg").unlink()
    assert run(*given, "fix.json", "--name", "less") == 1
    assert "left out: b: the picture b.jpg cannot be read" in capsys.readouterr().err


def own_pictures(captions: str) -> None:
    Path("mine/images").mkdir(parents=True)
    for name in ("sum", "square"):
        Path(f"mine/images/{name}.png").write_bytes((EXAMPLES / f"{name}.png").read_bytes())
    Path("mine/caption.txt").write_text(captions)


def test_own_pictures(capsys: pytest.CaptureFixture[str]) -> None:
    own_pictures("images/sum.png\t2+3=5\nsum\tx\nnone\tx\nsquare\t\n")
    Path("mine/images/photo.heic").touch()
    Path("mine/images/._sum.png").touch()
    Path("mine/images/other.png").touch()
    given = ("convert", "pictures", "--source", "mine", "--kinds", "recognize,tree,count", "--jobs", 1)
    assert run(*given) == 1
    out, err = capsys.readouterr()
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["mine_train", "1"],
        ["mine_train_tree", "1"],
        ["mine_train_can", "1"],
    ]
    assert [line.partition(" (")[0] for line in err.splitlines()] == [
        "left out: sum: the id occurs twice",
        "left out: none: the picture none.jpg cannot be read: No such file or directory",
        "left out: square: the label is empty",
        "left out: other.png: no label: it is not used",
        "left out: photo.heic: no picture that can be read: it is not used",
        "5 left out, listed with their reasons in data/mine/train/invalid_record.json",
    ]
    (record,) = json.loads(Path("data/mine/train/mine_train.json").read_text())
    assert record["images"] == ["./data/mine/train/images/sum.png"]
    assert record["messages"][1]["value"] == "2 + 3 = 5"
    assert "mine_train_can" in json.loads(Path("data/dataset_info.json").read_text())


def test_pictures_fitted_for_nano() -> None:
    own_pictures("sum\t2+3=5\nsquare\ta^2\n")
    given = ("convert", "pictures", "--source", "mine/caption.txt", "--name", "fitted", "--fit", "nano")
    assert run(*given, "--jobs", 2) == 0
    seen = cv2.imread("data/fitted/train/images/sum.png", cv2.IMREAD_UNCHANGED)
    assert seen is not None and seen.ndim == 2
    assert seen.shape[0] % CELL == 0 and seen.shape[1] % CELL == 0


def test_parquet_without_pyarrow_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert run(*GIVEN, "--form", "parquet") == 1
    assert "pip install 'unimumer[data]'" in capsys.readouterr().err
    assert not Path("data").exists()


def test_unpacks(capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile("data.zip", "w") as archive:
        archive.writestr("data/MNE/N1/caption.txt", "a\tx\n")
    assert run("unpack", "data.zip") == 0
    assert capsys.readouterr().out == "1 files, 0.0 MiB in data\n  MNE\n"
    assert Path("data/MNE/N1/caption.txt").is_file()
    assert run("unpack", "data.zip") == 1
    with zipfile.ZipFile("data.zip", "w") as archive:
        archive.writestr("../evil", "")
    assert run("unpack", "data.zip", "--out", "other") == 1
    assert "leaves the folder; the archive is refused" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("convert", "unknown", "--source", "ink", "--split", "train"),
        ("convert", "mathwriting", "--source", "none", "--split", "train"),
        ("convert", "mathwriting", "--source", "ink", "--split", "2014"),
        ("convert", "mathwriting", "--source", "ink", "--split", "train", "--kinds", "tree,unknown"),
        ("convert", "mathwriting", "--source", "ink", "--split", "train", "--form", "csv"),
        ("unpack", "none.zip"),
        ("convert", "mathwriting", "--source", "ink"),
        ("convert", "mathwriting", "--source", "ink", "--split", "train", "--name", "mine"),
        ("convert", "sharegpt", "--source", "ink/a.inkml"),
        ("convert", "pictures", "--source", "ink", "--name", "a/b"),
        ("register", "--data", "none"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...]) -> None:
    assert run(*arguments) == 2
    assert not Path("data").exists()


def test_stopping_it_says_that_the_same_command_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unimumer.data.convert.convert", stopped)
    assert run(*GIVEN) == 130
    assert capsys.readouterr().err == "\nstopped: the same command goes on from here\n"
