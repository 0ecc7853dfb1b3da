"""`unimumer benchmark` and `unimumer leaderboard`: from ink to a row of the table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unimumer.cli.main import cli

INK = """<ink xmlns="http://www.w3.org/2003/InkML">
<annotation type="truth">$x$</annotation>
<trace id="0">0 0, 100 100</trace><trace id="1">0 100, 100 0</trace>
<annotationXML type="truth" encoding="Content-MathML">
<math xmlns="http://www.w3.org/1998/Math/MathML"><mi xml:id="A">x</mi></math></annotationXML>
<traceGroup><traceGroup><annotation type="truth">x</annotation>
<traceView traceDataRef="0"/><traceView traceDataRef="1"/><annotationXML href="A"/></traceGroup></traceGroup>
</ink>"""


def run(*arguments: object) -> int:
    """Exit code of the command."""
    with pytest.raises(SystemExit) as caught:
        cli.main([str(argument) for argument in arguments], prog_name="unimumer")
    return int(caught.value.code or 0)


@pytest.fixture
def ink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "ink"
    folder.mkdir()
    for name in ("a.b", "c"):
        (folder / f"{name}.inkml").write_text(INK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def test_one_command_leaves_one_record(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ("benchmark", "crohme-2014", "--model", "fake", "--out", "run")
    assert run(*command) == 2
    assert "give --archive: get it from https://tc11.cvc.uab.es/" in capsys.readouterr().err
    assert run(*command, "--archive", ink, "--beams", 2) == 0
    made = json.loads(Path("run/benchmark.json").read_text(encoding="utf-8"))
    assert made["archive"] == {"name": "ink", "sha256": None}
    assert made["settings"]["beams"] == 2 and made["versions"]["python"].startswith("3.")
    (found,) = made["evaluations"]
    assert (found["model"], found["benchmark"], found["n"]) == ("fake", "crohme-2014", 2)
    assert [(item["id"], item["label"]) for item in found["items"]] == [("a.b", "x"), ("c", "x")]

    # Given again it goes on from what is there, and asks for no archive.
    capsys.readouterr()
    assert run(*command, "--beams", 2) == 0
    assert "2 skipped as done" in capsys.readouterr().out
    assert json.loads(Path("run/benchmark.json").read_text(encoding="utf-8"))["archive"] == made["archive"]
    (ink / "d.inkml").write_text(INK, encoding="utf-8")
    other = ink.parent / "other"
    other.mkdir()
    assert run(*command, "--archive", other) == 2
    assert "was made from another archive" in capsys.readouterr().err


def test_the_leaderboard_takes_the_record(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("benchmark", "crohme-2014", "--model", "fake", "--archive", ink, "--out", "run") == 0
    capsys.readouterr()
    forms = ("--markdown", "t.md", "--html", "t.html")
    assert run("leaderboard", "run/benchmark.json", "--score", "ink_match", *forms) == 0
    assert capsys.readouterr().out.startswith("ink match (loose), with 95 % intervals\nmodel  crohme_2014 (n 2)\nfake ")
    assert "| fake | " in Path("t.md").read_text(encoding="utf-8")
    assert "<th>fake</th>" in Path("t.html").read_text(encoding="utf-8")
    assert run("leaderboard", "run/benchmark.json", "--score", "cdm") == 2
    assert "expected one of exp_rate, " in capsys.readouterr().err
