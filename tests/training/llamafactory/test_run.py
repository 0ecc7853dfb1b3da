"""Runs of LLaMA-Factory without it: a stand-in program writes the log that it would write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from commands import run as command
from unimumer.errors import UnimumerError
from unimumer.files import sha256
from unimumer.training.llamafactory import record, run
from unimumer.training.llamafactory.run import last_checkpoint

from .conftest import go, talk, tensors

# The run.


def test_a_run_is_recorded(place: Path) -> None:
    done = go()
    assert done["state"] == "finished" and done["effective_batch"] == 6
    assert done["losses"][0] == {"step": 1, "loss": 4.0, "rate": 1e-5} and done["losses"][-1]["loss"] == 1.0
    assert done["data"][0]["files"][0]["sha256"] == sha256(place / "data" / "mine.json")
    assert done["model"]["sha256"] == {"model.safetensors": sha256(place / "model" / "model.safetensors")}
    assert done == record.read_record(place / "out")
    page = (place / "out" / "run.md").read_text()
    assert page.startswith("# model: finished") and "| 4 | 1.0000 | 1e-05 |" in page
    words, settings = json.loads((place / "out" / "seen.json").read_text())
    assert words == ["train", "out/train.yaml"] and settings["overwrite_output_dir"] is True


def test_what_is_finished_is_not_run_again(place: Path) -> None:
    go()
    (place / "out" / "seen.json").unlink()
    assert go()["state"] == "finished" and not (place / "out" / "seen.json").exists()


def test_other_inputs_are_refused(place: Path) -> None:
    go()
    with pytest.raises(UnimumerError, match=r"other inputs \(settings, learning_rate\)"):
        go("learning_rate=1.0e-3")
    (place / "data" / "mine.json").write_text(json.dumps([talk("a.png")] * 13))
    with pytest.raises(UnimumerError, match=r"other inputs \(data\)"):
        go()


def checkpoint(folder: Path, step: int) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "trainer_state.json").write_text("{}")
    tensors(path / "model.safetensors")
    return path


def test_a_failed_run_goes_on_from_its_last_whole_checkpoint(place: Path) -> None:
    with pytest.raises(UnimumerError, match=r"(?s)code 1.*CUDA out of memory, says the stand-in"):
        go("fail_at=3")
    failed = record.read_record(place / "out")
    assert failed is not None and failed["state"] == "failed"
    checkpoint(place / "out", 2)
    broken = checkpoint(place / "out", 3) / "model.safetensors"
    broken.write_bytes(broken.read_bytes()[:-1])
    (place / "out" / "checkpoint-4").mkdir()
    assert last_checkpoint(place / "out") == place / "out" / "checkpoint-2"
    (place / "out" / "run.json").unlink()  # the setting that made it fail is given up
    done = go()
    assert [point["step"] for point in done["losses"]] == [1, 2, 3, 4]
    _, settings = json.loads((place / "out" / "seen.json").read_text())
    assert settings["resume_from_checkpoint"] == "out/checkpoint-2"


def test_a_model_without_a_record_is_not_overwritten(place: Path) -> None:
    (place / "out").mkdir()
    tensors(place / "out" / "model.safetensors")
    with pytest.raises(UnimumerError, match="a model without a record"):
        go()


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is locked there")
def test_no_second_run_starts_while_the_first_lives(place: Path) -> None:
    """Not even when the one that started it was killed: the program itself holds the lock."""
    code = """
import os, sys, threading
from pathlib import Path
from unimumer.training.llamafactory.environment import FactoryEnvironment, Found, find_environment
from unimumer.training.llamafactory.config import load_config
from unimumer.training.llamafactory.check import check
from unimumer.training.llamafactory.run import train
FactoryEnvironment.ask = lambda self, settings, parquet: Found({}, [], {}, "")
config, environment = load_config(Path("run.yaml"), ["sleep=1.0"]), find_environment(Path("env"))
threading.Timer(float(sys.argv[1]), lambda: os._exit(9)).start()
train(config, check(config, environment), environment, [])
"""
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.Popen([sys.executable, "-c", code, "60"], env=path, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 50
    while not (place / "out" / "trainer_log.jsonl").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    with pytest.raises(UnimumerError, match="a run is going on"):
        go("sleep=1.0")
    while True:
        try:
            done = go("sleep=1.0")
            break
        except UnimumerError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert done["state"] == "finished" and len(done["attempts"]) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="groups of processes are ended there otherwise")
def test_an_interrupted_run_ends_with_all_it_started(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    real = run._start

    def start(*arguments: Any) -> Any:
        started.append(real(*arguments))
        return started[0]

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "_start", start)
    monkeypatch.setattr(run, "_show", interrupt)
    with pytest.raises(KeyboardInterrupt):
        go("sleep=60")
    assert started[0].poll() is not None
    kept = record.read_record(place / "out")
    assert kept is not None and kept["state"] == "interrupted" and kept["attempts"][0]["state"] == "interrupted"


def test_other_nodes_compute_and_record_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_RANK", "1")
    monkeypatch.setenv("NNODES", "2")
    (place / "out").mkdir()
    assert go()["state"] == "finished"
    assert not (place / "out" / "run.json").exists() and (place / "out" / "node-1" / "console.log").exists()


def test_a_line_half_written_is_passed_over() -> None:
    lines = ['{"current_steps": 1, "loss": 2.0}', '{"current_steps": 2, "lo', '{"current_steps": 2, "epoch": 1}', "[]"]
    assert record.losses(record.log_entries(lines)) == [{"step": 1, "loss": 2.0, "rate": 0.0}]


# The verb.


verb = partial(command, "train", "llamafactory", "--env", "env")


def test_validate_starts_nothing(place: Path) -> None:
    assert verb("--config", "run.yaml", "--validate") == 0
    assert not (place / "out").exists()
    assert verb("--config", "run.yaml", "--validate", "--set", "dataset=none") == 1
    assert verb("--config", "none.yaml") == 2


def test_the_verb_runs(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verb("--config", "run.yaml", "--set", "seed=3") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "finished: out, loss 4.000 to 1.000 in 4 steps"
    written = record.read_record(place / "out")
    assert written is not None and written["command"][:3] == ["unimumer", "train", "llamafactory"]
    assert written["settings"]["seed"] == 3
