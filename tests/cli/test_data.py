"""`unimumer data`: what it prints, writes and exits with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from unimumer.cli.main import main
from unimumer.tasks import recognize


@pytest.fixture
def ink(tmp_path: Path) -> Path:
    """A folder of two inks."""
    folder = tmp_path / "ink"
    folder.mkdir()
    for id in ("a", "b"):
        trace = f'<annotation type="truth">${id}$</annotation><trace>0 0, 9 9</trace>'
        (folder / f"{id}.inkml").write_text(f"<ink>{trace}</ink>")
    return folder


@pytest.fixture(autouse=True)
def _in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Exit code of `unimumer data …`."""
    monkeypatch.setattr(sys, "argv", ["unimumer", "data", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def test_converts_and_the_check_finds_it_sound(
    ink: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "convert", "crohme", "--source", ink, "--split", "2014") == 0
    capsys.readouterr()
    records = json.loads(Path("data/CROHME/prompts/crohme_2014.json").read_text(encoding="utf-8"))
    assert records[1]["images"] == ["./data/CROHME/2014/images/b.jpg"]
    assert records[1]["messages"][0]["value"] == "<image>" + recognize.prompt()
    assert run(monkeypatch, "check", "data", "--pictures") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert [line.split() for line in out.splitlines()[:3]] == [
        ["crohme_train", "missing"],
        ["crohme_2014", "sound", "2", "records"],
        ["note:", "986", "were", "published"],
    ]
    assert out.count("missing") == 16


def test_inference_over_the_prompts_leaves_training_ink_out(
    ink: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for split in ("train", "2014"):
        assert run(monkeypatch, "convert", "crohme", "--source", ink, "--split", split) == 0
    assert [path.name for path in Path("data/CROHME/prompts").iterdir()] == ["crohme_2014.json"]
    capsys.readouterr()
    assert run(monkeypatch, "check", "data") == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["crohme_train", "sound", "2", "records"]


def test_broken_sets_are_named(ink: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch, "convert", "crohme", "--source", ink, "--split", "2014")
    Path("data/CROHME/2014/images/a.jpg").unlink()
    capsys.readouterr()
    assert run(monkeypatch, "check", "data") == 1
    out, err = capsys.readouterr()
    assert "  problem: 1 pictures are missing: './data/CROHME/2014/images/a.jpg'\n" in out
    assert err == "broken: crohme_2014\n"


def test_a_folder_without_a_set_is_not_sound(
    ink: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "check", ink) == 1
    assert "no set is there" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "none"),
        ("check", "ink/a.inkml"),
        ("unknown",),
    ],
)
@pytest.mark.usefixtures("ink")
def test_wrong_use(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    assert run(monkeypatch, *arguments) == 2
    assert not Path("o").exists()


def test_help_shows_examples_line_by_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ((), ("convert",), ("check",)):
        assert run(monkeypatch, *verb, "--help") == 0
        assert "  Examples:\n    unimumer data " in capsys.readouterr().out


def test_the_verb_loads_no_numbers_until_it_runs() -> None:
    code = "import sys, unimumer.cli.data; sys.exit('numpy' in sys.modules or 'cv2' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
