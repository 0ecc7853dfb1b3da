"""Wrong input as a new user gives it: one clear sentence and an exit code other than 0, and nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from unimumer.cli.main import cli

ROOT = Path(__file__).parents[2]
SUM = ROOT / "examples" / "sum.png"
FOUND = [{"gt": "1", "pred": "1", "img_id": "a"}]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with what may be confused with something else."""
    for name in ("empty", "folder.png", "in", "ünï ∑"):
        (tmp_path / name).mkdir()
    shutil.copy(SUM, tmp_path / "in")
    shutil.copy(SUM, tmp_path / "ünï ∑" / "a b ∫.png")
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "zero.png").touch()
    (tmp_path / "bad.json").write_text('{"a":')
    (tmp_path / "found.json").write_text(json.dumps(FOUND))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "words, code, said",
    [
        ("recognize|", 2, "the name is empty"),
        ("recognize|text.png|zero.png|--model|fake", 1, "not a PNG"),
        ("recognize|folder.png|--model|fake", 2, "no pictures in folder.png"),
        ("recognize|{long}|--model|fake", 1, "the picture file cannot be read"),
        ("infer|--pictures|in|--output-dir|", 2, "the name is empty"),
        ("infer|--pictures|empty|--output-dir|out", 2, "no pictures in empty"),
        ("infer|--pictures|in|--output-dir|text.png/out", 2, "cannot be made"),
        ("infer|--pictures|in|--output-dir|out|--temperature|nan", 2, "temperature (nan)"),
        ("evaluate|", 2, "the name is empty"),
        ("evaluate|bad.json", 1, "bad.json: not a JSON list"),
        ("evaluate|found.json|--json|found.json", 2, "--json found.json would replace a file: it is one of those"),
        ("evaluate|in/../found.json|--html|found.json", 2, "--html found.json would replace"),
        ("evaluate|found.json|--html|a|--markdown|a", 2, "--markdown a would replace a file: it is that of --html too"),
        ("leaderboard|found.json|--markdown|found.json", 2, "would replace a file"),
        ("benchmark|crohme-2014|--model|fake|--archive|empty|--out|o|--nonsense", 2, "No such option"),
        ("benchmark|crohme-2014|--model|fake|--archive|empty|--out|o|--beams|0", 2, "'--beams': 0 is not in"),
        ("data|unpack|text.png", 1, "not a readable"),
        ("data|convert|pictures|--source|", 2, "the name is empty"),
        ("corrections|export|zero.png", 1, "no correction"),
        ("train|pack|--ink|empty|--out|t.npz", 1, "no labelled ink"),
        ("serve|--model|fake|--workers|99999999", 2, "workers (99,999,999)"),
        ("serve|--port|0|--model|missing", 2, "there is no folder 'missing'"),
    ],
    ids=map(str, count()),
)
def test_one_sentence_and_an_exit_code(desk: Path, words: str, code: int, said: str) -> None:
    before = sorted(desk.rglob("*"))
    given = words.replace("{long}", "a" * 300 + ".png").split("|")
    done = CliRunner(env={"UNIMUMER_API_KEYS": ""}).invoke(cli, given)
    text = done.stderr + (str(done.exception) if code == 1 else "")  # `main` prints our errors
    assert (done.exit_code, said in text) == (code, True), (done.exit_code, text)
    assert "Traceback" not in text and sorted(desk.rglob("*")) == before
    assert json.loads((desk / "found.json").read_text()) == FOUND


def test_a_name_that_the_system_refuses_costs_that_input_only(desk: Path) -> None:
    done = CliRunner().invoke(cli, ["recognize", "a" * 300, "ünï ∑/a b ∫.png"])
    assert done.exit_code == 1 and done.stdout.startswith("ünï ∑/a b ∫.png\t2+3=5")


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `unimumer` and what follows in a shell."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = ["bash", "-c", f"{sys.executable} -m unimumer {line}"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=variables)


@pytest.mark.parametrize(
    "line, code, said",
    [
        ("recognize --model fake - <&-", 1, "-: the picture file is empty\n"),
        ("recognize --model fake - </dev/null", 1, "-: the picture file is empty\n"),
        ("recognize --model fake in >&-", 1, "error: standard output cannot be written: not writable\n"),
        ("infer --model fake --pictures in --output-dir out 2>&-", 0, ""),
        ("recognize --model fake missing.png 2>&-", 1, ""),
    ],
)
def test_closed_streams(desk: Path, line: str, code: int, said: str) -> None:
    done = shell(line, desk)
    assert (done.returncode, done.stderr) == (code, said)


def test_ctrl_c_ends_any_command_with_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.get_command(click.Context(cli), "models"), "callback", lambda **_: interrupted())
    done = CliRunner().invoke(cli, ["models"])
    assert (done.exit_code, done.stderr) == (130, "\nstopped before the end\n")
