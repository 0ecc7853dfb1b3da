"""`unimumer data convert`, `unpack` and `pack`: what they print, write and exit with."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pytest

from unimumer.cli.main import main


@pytest.fixture(autouse=True)
def _in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ink").mkdir()
    for id in ("a", "b"):
        trace = f'<annotation type="normalizedLabel">{id}^2</annotation><trace>0 0, 9 9</trace>'
        Path(f"ink/{id}.inkml").write_text(f"<ink>{trace}</ink>")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["unimumer", "data", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


GIVEN = ("convert", "mathwriting", "--source", "ink", "--split", "train", "--jobs", 1)


def test_converts_and_registers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, *GIVEN, "--kinds", "plain,tree,can") == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split() for line in out][1] == [
        *("mathwriting_train_tree", "2", "rows", "data/MathWriting/train/mathwriting_train_tree.json"),
    ]
    assert run(monkeypatch, "register") == 0
    assert len(json.loads(Path("data/dataset_info.json").read_text())) == 3


def test_what_is_left_out_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    Path("ink/c.inkml").write_text("")
    assert run(monkeypatch, *GIVEN) == 1
    out, err = capsys.readouterr()
    assert out.split() == ["mathwriting_train", "2", "rows", "data/MathWriting/train/mathwriting_train.json"]
    assert err.endswith("1 left out, listed with their reasons in data/MathWriting/train/invalid_record.json\n")


def test_nothing_is_overwritten_unasked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, *GIVEN) == 0
    assert run(monkeypatch, *GIVEN) == 1
    assert "use --force to replace it" in capsys.readouterr().err
    assert run(monkeypatch, *GIVEN, "--force") == 0


def test_parquet_and_pack(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyarrow")
    assert run(monkeypatch, *GIVEN, "--form", "parquet") == 0
    assert run(monkeypatch, *GIVEN, "--kinds", "tree") == 0
    assert run(monkeypatch, "pack", "data/MathWriting/train/mathwriting_train_tree.json") == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[1:3] == ["2", "rows"]
    assert sorted(path.name for path in Path("data/parquet").iterdir()) == [
        "README.md",
        "mathwriting_train",
        "mathwriting_train_tree",
    ]


def test_parquet_without_pyarrow_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert run(monkeypatch, *GIVEN, "--form", "parquet") == 1
    assert "pip install 'unimumer[data]'" in capsys.readouterr().err
    assert not Path("data").exists()


def test_unpacks(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile("data.zip", "w") as archive:
        archive.writestr("data/MNE/N1/caption.txt", "a\tx\n")
    assert run(monkeypatch, "unpack", "data.zip") == 0
    assert capsys.readouterr().out == "1 files, 0.0 MiB in data\n  MNE\n"
    assert Path("data/MNE/N1/caption.txt").is_file()
    assert run(monkeypatch, "unpack", "data.zip") == 1
    with zipfile.ZipFile("data.zip", "w") as archive:
        archive.writestr("../evil", "")
    assert run(monkeypatch, "unpack", "data.zip", "--out", "other") == 1
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
        ("pack",),
    ],
)
def test_wrong_use(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    assert run(monkeypatch, *arguments) == 2
    assert not Path("data").exists()
