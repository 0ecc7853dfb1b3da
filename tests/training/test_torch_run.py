"""The commands that train: from ink to a model that recognizes, and the files of a run that can be wrong."""

from __future__ import annotations

import importlib.util
import json
import sys
import warnings
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result

from unimumer.cli.main import cli
from unimumer.compose.corpus import Corpus
from unimumer.engines.base import EngineError
from unimumer.engines.chat import load_tokenizer
from unimumer.engines.nano import NanoEngine
from unimumer.training import TrainingError
from unimumer.training.nano import feed, run, train
from unimumer.training.nano.checkpoint import load_state
from unimumer.training.nano.feed import Stage
from unimumer.training.nano.run import averaged_model, exporter, train_nano, write_model
from unimumer.training.nano.shape import Shape

from .conftest import TINY, write_inkml

pytestmark = pytest.mark.torch


@pytest.fixture(autouse=True)
def _tiny_and_a_second_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small model, and a clock that goes on by a second whenever the trainer reads it."""
    monkeypatch.setattr(run, "Shape", partial(Shape, **TINY))
    monkeypatch.setattr(train, "time", SimpleNamespace(monotonic=count().__next__))
    monkeypatch.setattr(feed, "STAGES", (Stage("symbols", 0.2), Stage("tasks", 1.0)))


@pytest.fixture
def packed(corpus: Corpus, tmp_path: Path) -> Path:
    corpus.save(tmp_path / "corpus.npz")
    return tmp_path / "corpus.npz"


def train_for(seconds: float, packed: Path, out: Path, init: Path | None = None, **plan: Any) -> None:
    train_nano(packed, out, init, **{"time_budget": seconds, "cells": 64, "workers": 0, **plan})


def command(*arguments: object) -> Result:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own, and a worker's fork beside threads
        return CliRunner().invoke(cli, ["train", *map(str, arguments)])


def steps(out: Path) -> int:
    found = load_state(out / "checkpoint")
    assert found is not None
    return int(found[0]["step"])


def test_one_command_from_ink_to_a_model(tmp_path: Path) -> None:
    ink, out = tmp_path / "ink", tmp_path / "run"
    write_inkml(ink)
    (ink / "bad.inkml").write_text("<ink>")
    plan = ["--out", out, "--ink", ink, "--cells", 128, "--workers", 0, "--threads", 1, "--rate", 0.01]
    result = command("nano", *plan, "--time-budget", "60s")
    assert result.exit_code == 0, result.output
    assert "left out: bad" in result.stderr and "corpus.npz: 60 expressions" in result.stderr
    (ink / "bad.inkml").unlink()
    asked = ["--export", tmp_path / "hf", "--runtime", tmp_path / "graphs"]
    result = command("nano", *plan, "--time-budget", "2m", *asked)
    assert result.exit_code == 0, result.output
    assert "packed before" in result.stderr and steps(out) == 120
    log = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    losses = [line["validation_loss"] for line in log if "validation_loss" in line]
    assert losses[-1] < 0.8 * losses[0]
    assert NanoEngine.load(tmp_path / "graphs").name.startswith("nano")
    assert (tmp_path / "hf" / "model.safetensors").is_file()


def test_a_worker_process_draws(packed: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Python: the worker is forked beside threads
        train_for(8, packed, tmp_path / "run", workers=1)
    assert steps(tmp_path / "run") == 8


def test_training_starts_from_exported_weights(packed: Path, tmp_path: Path) -> None:
    train_for(6, packed, tmp_path / "a")
    write_model(*averaged_model(tmp_path / "a"), tmp_path / "hf", None, "nano")
    found = load_state(tmp_path / "a" / "checkpoint")
    assert found is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "TRAINED", ())
        train_for(6, packed, tmp_path / "b", init=tmp_path / "hf")
    started = load_state(tmp_path / "b" / "checkpoint")
    assert started is not None and started[0]["step"] == 0
    vocabulary = load_tokenizer(tmp_path / "b" / "tokenizer.json").get_vocab_size()
    for name, tensor in found[1].items():
        if name.startswith("average."):
            rows = slice(vocabulary if "embed_tokens" in name else None)  # the rest belong to no token
            assert torch.allclose(started[1][name.replace("average.", "model.")][rows], tensor[rows], atol=2e-3), name
            assert torch.equal(started[1][name], started[1][name.replace("average.", "model.")])


def test_damaged_weights_to_start_from_are_named(packed: Path, tmp_path: Path) -> None:
    train_for(2, packed, tmp_path / "a")
    write_model(*averaged_model(tmp_path / "a"), tmp_path / "hf", None, "nano")
    weights = next((tmp_path / "hf").glob("*.safetensors"))
    whole = weights.read_bytes()
    for content, said in ((whole[:-9], "is damaged"), (b"\x02\0\0\0\0\0\0\0{}", "not of this model")):
        weights.write_bytes(content)
        with pytest.raises(TrainingError, match=said):
            train_for(2, packed, tmp_path / "b", init=tmp_path / "hf")
    weights.write_bytes(whole)
    (tmp_path / "hf" / "tokenizer.json").write_text("{")
    with pytest.raises(EngineError, match=r"hf.tokenizer\.json is not a tokenizer"):
        train_for(2, packed, tmp_path / "b", init=tmp_path / "hf")
    weights.unlink()
    with pytest.raises(TrainingError, match=r"no \.safetensors"):
        train_for(2, packed, tmp_path / "b", init=tmp_path / "hf")


def test_a_damaged_run_is_named(packed: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(TrainingError, match="no checkpoint; train first"):
        averaged_model(out)
    train_for(2, packed, out)
    progress = out / "checkpoint" / "progress.json"
    whole = progress.read_text()
    for key, value in (("layers", 3), ("text_width", 128)):
        content = json.loads(whole)
        progress.write_text(json.dumps({**content, "shape": {**content["shape"], key: value}}))
        with pytest.raises(TrainingError, match="another version of the model"):
            averaged_model(out)
    progress.write_text(whole)
    (out / "tokenizer.json").write_text("{}")
    for use in (lambda: averaged_model(out), lambda: train_for(4, packed, out)):
        with pytest.raises(EngineError, match=r"run.tokenizer\.json is not a tokenizer"):
            use()


def test_cuda_must_be_there(packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(TrainingError, match="no CUDA device"):
        train_for(2, packed, tmp_path / "run", device="cuda")


def test_only_exporting_needs_onnx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("onnx", "onnxscript"):
        monkeypatch.setitem(sys.modules, name, None)
    spec = importlib.util.find_spec("unimumer.training.nano.run")
    assert spec is not None and spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    with pytest.raises(TrainingError, match=r"exporting needs onnx.*pip install"):
        exporter()
    asked = ("nano", "--ink", tmp_path, "--out", tmp_path / "run", "--time-budget", "2s", "--runtime", tmp_path / "rt")
    assert isinstance(command(*asked).exception, TrainingError)
    assert not (tmp_path / "run").exists()


def test_progress_is_told_as_people_read_it() -> None:
    at = {"elapsed": 125.7, "stage": "tasks"}
    lines = [
        {"command": ["train"], "torch": "2.13.0", "parameters": 6947648},
        {**at, "step": 1200, "pictures": 64000, "text_loss": 0.51234},
        {**at, "n": 632, "exprate": 57.31, "token_accuracy": 93.2, "validation_loss": 0.3},
    ]
    assert [run.told(line, 7200) for line in lines] == [
        "training 6.95 million parameters by torch 2.13.0, the log is log.jsonl",
        "0:02:06 of 2:00:00: stage tasks, step 1,200, 64,000 pictures; loss of text 0.512",
        "0:02:06 of 2:00:00: of 632 expressions by held-out writers 57.3 % are read right, 93.2 % of their tokens",
    ]
