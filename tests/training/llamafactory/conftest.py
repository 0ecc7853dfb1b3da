"""A stand-in for LLaMA-Factory: a program that writes the log it would write, and all that a run needs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from unimumer.training.llamafactory.check import check
from unimumer.training.llamafactory.config import load_config
from unimumer.training.llamafactory.environment import Environment, Found, find_environment
from unimumer.training.llamafactory.run import train

SETTINGS = """
model_name_or_path: model
stage: sft
do_train: true
finetuning_type: full
dataset: mine
dataset_dir: data
template: qwen2_vl
output_dir: out
use_cpu: true
per_device_train_batch_size: 2
gradient_accumulation_steps: 3
"""
STAND_IN = """#!{python}
import json, pathlib, sys, time, yaml
settings = yaml.safe_load(open(sys.argv[2]))
out = pathlib.Path(settings["output_dir"])
(out / "seen.json").write_text(json.dumps([sys.argv[1:], settings], default=str))
first = int(str(settings.get("resume_from_checkpoint") or "-0").rsplit("-", 1)[1])
for step in range(first + 1, 5):
    with (out / "trainer_log.jsonl").open("a") as log:
        log.write(json.dumps(dict(current_steps=step, total_steps=4, loss=4.0 / step, lr=1e-5)) + "\\n")
    if settings.get("sleep"):
        time.sleep(settings["sleep"])
    if settings.get("fail_at") == step:
        sys.exit("CUDA out of memory, says the stand-in")
"""
FOUND = Found({"llamafactory": "0.9.5", "torch": "2.13.0"}, [], {}, "")


def tensors(path: Path, values: int = 6) -> None:
    """A safetensors file of one tensor."""
    header = json.dumps({"w": {"dtype": "F32", "shape": [2, values // 2], "data_offsets": [0, 4 * values]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4 * values))


def write_model(folder: Path) -> None:
    folder.mkdir()
    text = {"num_hidden_layers": 2, "hidden_size": 64, "vocab_size": 384}
    (folder / "config.json").write_text(json.dumps({"text_config": text}))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_text("{}")
    tensors(folder / "model.safetensors")


def talk(picture: str, marks: str = "<image>") -> dict[str, Any]:
    said = [{"from": "human", "value": f"{marks}What?"}, {"from": "gpt", "value": "x"}]
    return {"images": [picture], "messages": said}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with model, data, a run file and an environment that holds the stand-in."""
    monkeypatch.chdir(tmp_path)
    for variable in ("NNODES", "NODE_RANK", "NPROC_PER_NODE", "FORCE_TORCHRUN"):
        monkeypatch.delenv(variable, raising=False)
    write_model(tmp_path / "model")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.png").write_bytes(b"")
    (tmp_path / "data" / "mine.json").write_text(json.dumps([talk("a.png")] * 12))
    entry = {"file_name": "mine.json", "columns": {"messages": "messages", "images": "images"}}
    (tmp_path / "data" / "dataset_info.json").write_text(json.dumps({"mine": entry, "far": {"hf_hub_url": "a/b"}}))
    (tmp_path / "run.yaml").write_text(SETTINGS)
    programs = tmp_path / "env" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    (programs / "llamafactory-cli").write_text(STAND_IN.format(python=sys.executable))
    (programs / "llamafactory-cli").chmod(0o755)
    monkeypatch.setattr(Environment, "ask", lambda self, settings, parquet: FOUND)
    return tmp_path


def go(*overrides: str) -> dict[str, Any]:
    config, environment = load_config(Path("run.yaml"), overrides), find_environment(Path("env"))
    return train(config, check(config, environment), environment, ["unimumer", "train"])
