"""`unimumer data`: what it prints, writes and exits with."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from commands import run as command
from unimumer.tasks import recognize

run = partial(command, "data")


@pytest.fixture
def ink(tmp_path: Path) -> Path:
    """A folder of two inks."""
    folder = tmp_path / "ink"
    folder.mkdir()
    for id in ("a", "b"):
        trace = f'<annotation type="truth">${id}$</annotation><trace>0 0, 9 9</trace>'
        (folder / f"{id}.inkml").write_text(f"<ink>{trace}</ink>")
    return folder


def test_converts_and_the_check_finds_it_sound(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("convert", "crohme", "--source", ink, "--split", "2014") == 0
    capsys.readouterr()
    records = json.loads(Path("data/CROHME/prompts/crohme_2014.json").read_text(encoding="utf-8"))
    assert records[1]["images"] == ["./data/CROHME/2014/images/b.jpg"]
    assert records[1]["messages"][0]["value"] == "<image>" + recognize.prompt()
    assert run("check", "data", "--pictures") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert [line.split() for line in out.splitlines()[:3]] == [
        ["crohme_train", "missing"],
        ["crohme_2014", "sound", "2", "records"],
        ["note:", "986", "were", "published"],
    ]
    assert out.count("missing") == 16


def test_inference_over_the_prompts_leaves_training_ink_out(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for split in ("train", "2014"):
        assert run("convert", "crohme", "--source", ink, "--split", split) == 0
    assert [path.name for path in Path("data/CROHME/prompts").iterdir()] == ["crohme_2014.json"]
    capsys.readouterr()
    assert run("check", "data") == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["crohme_train", "sound", "2", "records"]


def test_broken_sets_are_named(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("convert", "crohme", "--source", ink, "--split", "2014")
    Path("data/CROHME/2014/images/a.jpg").unlink()
    capsys.readouterr()
    assert run("check", "data") == 1
    out, err = capsys.readouterr()
    assert "  problem: 1 pictures are missing: './data/CROHME/2014/images/a.jpg'\n" in out
    assert err == "broken: crohme_2014\n"


def test_a_folder_without_a_set_is_not_sound(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", ink) == 1
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
def test_wrong_use(arguments: tuple[str, ...]) -> None:
    assert run(*arguments) == 2
    assert not Path("o").exists()
