"""A model that was trained but not calibrated: every command that gives its confidences says so, once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import unimumer
from unimumer import Recognizer
from unimumer.cli.main import cli
from unimumer.recognizer.recognition import UNCALIBRATED

EXAMPLES = Path(__file__).parents[2] / "examples"
SHIPPED = Path(unimumer.__file__).parent / "models" / "nano"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A runtime folder as `train nano --runtime` leaves it."""
    folder = shutil.copytree(SHIPPED, tmp_path_factory.mktemp("run") / "runtime")
    about = json.loads((folder / "nano.json").read_text())
    (folder / "nano.json").write_text(json.dumps({**about, "calibration": []}))
    return str(folder)


@pytest.mark.parametrize("form", ["table", "json"])
def test_recognize_says_so_once_and_every_result_has_it(trained: str, form: str) -> None:
    words = ["recognize", "--format", form, str(EXAMPLES / "sum.png"), str(EXAMPLES / "root.png")]
    done = CliRunner().invoke(cli, [*words, "--model", trained])
    assert done.exit_code == 0 and done.stderr.count(UNCALIBRATED.text) == 1
    assert len(done.stdout.splitlines()) == 2
    if form == "json":
        assert [warning["kind"] for warning in json.loads(done.stdout.splitlines()[1])["warnings"]] == ["uncalibrated"]
    assert "calibrated" not in CliRunner().invoke(cli, words).stderr


def test_the_recognizer_says_so_but_not_of_confidences_that_need_no_fit(trained: str) -> None:
    assert Recognizer(trained).recognize(EXAMPLES / "sum.png").warnings == (UNCALIBRATED,)
    assert Recognizer(trained, tta=True).recognize(EXAMPLES / "sum.png").warnings == ()


def test_doctor_tries_the_model_and_says_so(trained: str) -> None:
    done = CliRunner().invoke(cli, ["doctor", "--model", trained])
    assert done.exit_code == 0 and UNCALIBRATED.text in done.output
    assert UNCALIBRATED.text not in CliRunner().invoke(cli, ["doctor"]).output


@pytest.mark.parametrize("options, times", [([], 1), (["--verify"], 1), (["--tta"], 0), (["--tta", "--verify"], 0)])
def test_infer_says_so(trained: str, tmp_path: Path, options: list[str], times: int) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(EXAMPLES / "sum.png", tmp_path / "in")
    where = ["--pictures", str(tmp_path / "in"), "--output-dir", str(tmp_path / "out")]
    done = CliRunner().invoke(cli, ["infer", *where, "--model", trained, *options])
    assert done.exit_code == 0 and done.stderr.count(UNCALIBRATED.text) == times


def test_benchmark_says_so(trained: str, tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    turns = [{"from": "human", "value": "<image>?"}, {"from": "gpt", "value": "2 + 3 = 5"}]
    item = {"images": [str(EXAMPLES / "sum.png")], "messages": turns}
    (tmp_path / "prompts" / "crohme_2014.json").write_text(json.dumps([item]))
    (tmp_path / "archive.json").write_text("null")  # as if it had been prepared
    done = CliRunner().invoke(cli, ["benchmark", "crohme-2014", "--model", trained, "--out", str(tmp_path)])
    assert done.exit_code == 0 and done.stderr.count(UNCALIBRATED.text) == 1, done.output


def test_serve_says_so_at_its_start_and_in_every_answer(trained: str) -> None:
    pytest.importorskip("uvicorn", reason="needs the extra serve")
    from serve.loopback import started

    with started("--model", trained) as (process, client):
        assert process.stderr is not None and UNCALIBRATED.text in process.stderr.readline()
        reply = client.ask("/v1/recognize", (EXAMPLES / "sum.png").read_bytes())
        assert [warning["kind"] for warning in reply.json["warnings"]] == ["uncalibrated"]
