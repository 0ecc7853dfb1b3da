from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image, ImageGrab

from unimumer.cli.main import cli
from unimumer.engines.base import Answer, Text
from unimumer.engines.fake import FakeEngine
from unimumer.imaging import load
from unimumer.recognizer import Recognizer

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(*words: str, **options: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["recognize", "--model", "fake", *words], **options)  # type: ignore[arg-type]
    return result.exit_code, result.stdout, result.stderr


def says(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    answer = Answer((Text(text, (math.log(0.5),)),), "stop")
    monkeypatch.setattr(FakeEngine, "generate", lambda self, requests, *more: [answer] * len(requests))


def test_name_latex_and_confidence_on_a_line() -> None:
    code, out, _ = run(str(EXAMPLES / "sum.png"))
    name, latex, confidence = out.rstrip("\n").split("\t")
    assert code == 0 and name.endswith("sum.png") and latex and 0 <= float(confidence) <= 1


def test_a_folder_is_its_pictures_in_order() -> None:
    code, out, err = run(str(EXAMPLES))
    names = [Path(line.split("\t")[0]).name for line in out.splitlines()]
    assert code == 0 and names == sorted(names) and len(names) == 21 and "sum.strokes.json" in names
    assert "not read: 4 (" in err and "labels.tsv" in err and "pen" in err


def test_json_says_everything() -> None:
    code, out, _ = run("--json", "--beams", "3", str(EXAMPLES / "sum.png"), str(EXAMPLES / "sum.strokes.json"))
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and len(lines) == 2
    assert lines[0].keys() == {"picture", *Recognizer("fake").recognize(EXAMPLES / "sum.png").to_dict()}
    assert lines[0]["checks"] is None
    assert len(lines[0]["alternatives"]) == 2


def test_verify_says_what_the_checks_said() -> None:
    code, out, _ = run("--verify", str(EXAMPLES / "sum.png"))
    assert code == 0 and out.rstrip("\n").split("\t")[3].startswith("parse agreed, count malformed, tree malformed")
    code, out, _ = run("--verify", "--json", str(EXAMPLES / "sum.png"))
    checks = json.loads(out)["checks"]
    assert code == 0 and [finding["check"] for finding in checks["findings"]][:3] == ["parse", "count", "tree"]


def test_tta_joins_the_readings_of_three_copies() -> None:
    code, out, _ = run("--tta", "--json", str(EXAMPLES / "sum.png"))
    said = json.loads(out)
    assert code == 0 and said["model"].endswith("+tta")
    assert len(said["alternatives"]) > 3, "more than the four beams of one copy: fake reads each its own way"


def test_one_bad_picture_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_text("<html>")
    (tmp_path / "bad.json").write_text("{}")
    code, out, err = run(str(tmp_path / "bad.png"), str(tmp_path / "bad.json"), str(EXAMPLES / "sum.png"))
    assert code == 1 and out.count("\n") == 1
    assert "bad.png: " in err and "bad.json: " in err and "Traceback" not in err


def test_json_has_a_line_for_every_input(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_text("<html>")
    code, out, err = run("--json", str(tmp_path / "bad.png"), str(EXAMPLES / "sum.png"), str(tmp_path / "none.png"))
    first, second, third = map(json.loads, out.splitlines())
    assert code == 1 and second["latex"] and err.count("\n") == 2
    assert first["picture"].endswith("bad.png") and first["error"].startswith("not a PNG")
    assert third["error"] == "no such picture file"


def test_a_folder_of_a_phone_is_read_as_far_as_it_can_be(tmp_path: Path) -> None:
    content = (EXAMPLES / "sum.png").read_bytes()
    for name in ("a.PNG", "b.jfif", "._a.png", ".hidden/c.png", "in/d.png", "in/deep/e.png", "f.gif"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    code, out, err = run(str(tmp_path))
    assert code == 0 and [Path(line.split("\t")[0]).name for line in out.splitlines()] == ["a.PNG", "b.jfif"]
    assert f"not read: 2 ({tmp_path}/f.gif, {tmp_path}/in)" in err
    code, out, err = run("--recursive", str(tmp_path))
    assert code == 0 and out.count("\n") == 4 and f"not read: 1 ({tmp_path}/f.gif)" in err


def test_an_engine_that_fails_on_one_picture_costs_it_only(monkeypatch: pytest.MonkeyPatch) -> None:
    generate = FakeEngine.generate

    def picky(self: FakeEngine, requests, decoding, *more):  # type: ignore[no-untyped-def]
        if any(request.picture.shape[:2] == load(EXAMPLES / "sum.png").shape[:2] for request in requests):
            raise RuntimeError("bad shape")
        return generate(self, requests, decoding, *more)

    monkeypatch.setattr(FakeEngine, "generate", picky)
    code, out, err = run(*(str(EXAMPLES / name) for name in ("bound.png", "sum.png", "root.png")))
    assert code == 1 and out.count("\n") == 2
    assert err == f"{EXAMPLES / 'sum.png'}: the model failed: RuntimeError: bad shape\n"


@pytest.mark.parametrize("verb", ["recognize examples/sum.png", "models", "--help"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_output_that_cannot_be_written_is_said_in_one_line(verb: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent / "src")}
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "unimumer", *verb.split()],
            env=environment,
            cwd=EXAMPLES.parent,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    said = "error: standard output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


@pytest.mark.parametrize(
    ("form", "lines"),
    [
        ("latex", ["x^{2}", "", "x^{2}"]),
        ("tokens", ["x ^ { 2 }", "", "x ^ { 2 }"]),
        ("typst", ["x^2", "", "x^2"]),
        ("csv", ["picture,latex,confidence,warnings,error", "a.png,x^{2},0.5,,", "b.png,,,,the picture file is empty"]),
    ],
)
def test_a_form_has_a_line_an_input_and_nothing_else(
    form: str, lines: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, "x ^ { 2 }")
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "c.png"):
        Path(name).write_bytes((EXAMPLES / "sum.png").read_bytes())
    Path("b.png").write_bytes(b"")
    code, out, err = run("--format", form, "a.png", "b.png", "c.png")
    assert code == 1 and out.splitlines()[:3] == lines and err == "b.png: the picture file is empty\n"


def test_a_form_that_cannot_say_it_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, r"\frac { x")
    code, out, err = run("--format", "mathml", str(EXAMPLES / "sum.png"))
    assert (code, out) == (1, "\n") and "not in the form mathml" in err and "no expression that parses" in err


def test_pages_patterns_and_ink_of_standard_input(tmp_path: Path) -> None:
    with Image.open(EXAMPLES / "sum.png") as image:
        image.save(tmp_path / "two.tif", save_all=True, append_images=[image])
        image.save(tmp_path / "one.TIFF")
    code, out, _ = run(str(tmp_path / "*.[tT]*"))
    assert code == 0 and [Path(line.split("\t")[0]).name for line in out.splitlines()] == [
        "one.TIFF",
        "two.tif, page 1",
        "two.tif, page 2",
    ]
    assert len({line.split("\t")[1] for line in out.splitlines()}) == 1
    code, out, _ = run("--format", "tokens", "-", input=(EXAMPLES / "sum.strokes.json").read_bytes())
    assert code == 0 and out == run("--format", "tokens", str(EXAMPLES / "sum.strokes.json"))[1]
    (tmp_path / "two.tif").write_bytes((tmp_path / "two.tif").read_bytes()[:-40])
    code, _, err = run(str(tmp_path / "two.tif"))
    assert code == 1 and "two.tif" in err and "damaged" in err


@pytest.mark.parametrize("works", [True, False])
def test_copying_uses_what_program_there_is(works: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, "x ^ { 2 }")
    program = tmp_path / "xclip"
    program.write_text(f"#!/bin/sh\ncat > {tmp_path}/copied\nexit {int(not works)}\n".replace("cat", "/bin/cat"))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, err = run("--copy", "--format", "latex", str(EXAMPLES / "sum.png"))
    assert out == "x^{2}\n" and (tmp_path / "copied").read_text() == "x^{2}"
    assert code == 0 if works else code == 1 and "could not reach a clipboard" in err
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    code, out, err = run("--copy", str(EXAMPLES / "sum.png"))
    assert (code, out) == (2, "") and "xclip" in err


def test_pasting_reads_the_clipboard(monkeypatch: pytest.MonkeyPatch) -> None:
    clipboard: list[object] = [Image.open(EXAMPLES / "sum.png"), [str(EXAMPLES / "sum.png")], None]
    monkeypatch.setattr(ImageGrab, "grabclipboard", lambda: clipboard.pop(0))
    assert run("--paste", "--format", "tokens") == run("--paste", "--format", "tokens")
    code, _, err = run("--paste")
    assert code == 2 and "no picture on the clipboard" in err
    assert run()[0] == 2


def test_standard_input() -> None:
    code, out, _ = run("-", input=(EXAMPLES / "sum.png").read_bytes())
    assert code == 0 and out.startswith("-\t")


@pytest.mark.parametrize("name", ["none.png", "empty"])
def test_nothing_to_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, _, err = run(str(tmp_path / name))
    assert code == (2 if name == "empty" else 1) and name in err


def test_an_unknown_model_is_wrong_use() -> None:
    result = CliRunner().invoke(cli, ["recognize", "--model", "nosuch", str(EXAMPLES / "sum.png")])
    assert result.exit_code == 2 and "nosuch" in result.stderr


def test_a_hostile_name_stays_in_its_column(tmp_path: Path) -> None:
    name = tmp_path / "a\tb\nc.png"
    name.write_bytes((EXAMPLES / "sum.png").read_bytes())
    code, out, _ = run(str(name))
    assert code == 0 and out.count("\n") == 1 and out.count("\t") == 2
