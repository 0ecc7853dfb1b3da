"""A stand-in for LLaMA-Factory: a program that writes the log it would write, and all that a run needs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from unimumer.training.llamafactory.check import check
from unimumer.training.llamafactory.config import load_config
from unimumer.training.llamafactory.environment import FactoryEnvironment, Found, find_environment
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


def write_pictures(folder: Path) -> None:
    """One that is whole, one that is no picture, and one that is cut off."""
    picture = cv2.imencode(".png", np.random.default_rng(0).integers(0, 255, (56, 112, 3), np.uint8))[1].tobytes()
    for name, data in {"a": picture, "bad": b"bad", "cut": picture[: len(picture) // 2]}.items():
        (folder / f"{name}.png").write_bytes(data)


def register(folder: Path, **entries: dict[str, Any]) -> None:
    (folder / "dataset_info.json").write_text(json.dumps(entries))


def _said(*turns: tuple[object, object], **more: object) -> dict[str, Any]:
    return {"images": ["a.png"], "messages": [{"from": who, "value": what} for who, what in turns], **more}


FORM: dict[str, Any] = {
    "formatting": "sharegpt",
    "columns": {"messages": "messages", "images": "images"},
    "tags": {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"},
}
_ASKED, _ANSWERED, _GOOD = ("human", "<image>What?"), ("gpt", "x"), talk("a.png")
_ROLES = {
    "images": ["a.png"],
    "messages": [{"role": "user", "content": "<image>"}, {"role": "assistant", "content": "x"}],
}
_OPENAI = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
_ALPACA = {"instruction": "<image>", "input": "What?", "output": "x", "images": ["a.png"]}
_ALPACA_COLUMNS = {"prompt": "instruction", "query": "input", "response": "output", "images": "images"}
_HISTORY = {"formatting": None, "columns": {**_ALPACA_COLUMNS, "history": "h"}}
_OPEN = {"formatting": "openai"}


def _tags(**others: str) -> dict[str, Any]:
    return {"tags": {**FORM["tags"], **others}}


RECORDS: dict[str, tuple[dict[str, Any], list[Any], int | str]] = {
    # Entry in dataset_info.json, records, and how many LLaMA-Factory 0.9.5 trains on, or what we say of them.
    "good": ({}, [_GOOD] * 3, 3),
    "system without its tag": ({}, [_said(("system", "Read."), _ASKED, _ANSWERED)], "turn 1 is by 'system'"),
    "system first": (_tags(system_tag="system"), [_said(("system", "<image>"), _ASKED, _ANSWERED)], 1),
    "several turns": ({}, [_said(_ASKED, _ANSWERED, ("human", "Sure?"), ("gpt", "yes"))], 1),
    "picture as a string": ({}, [{**_GOOD, "images": "a.png"}], 1),
    "no picture": ({}, [_GOOD, {**talk("a.png", ""), "images": []}, {**talk("a.png", ""), "images": None}], 3),
    "empty answer": ({}, [_said(_ASKED, ("gpt", ""))], 1),
    "some are passed over": ({}, [_GOOD, _said(_ANSWERED, _ASKED), _said(_ASKED)], 1),
    "alpaca": ({"formatting": None, "columns": _ALPACA_COLUMNS, "tags": None}, [_ALPACA], 1),
    "alpaca by default": (dict.fromkeys(FORM), [{**_ALPACA, "instruction": "2+2?"}], 1),
    "alpaca without its input": (dict.fromkeys(FORM), [{"instruction": "?", "output": "x"}], "no record has 'input'"),
    "alpaca's pictures": (dict.fromkeys(FORM), [_ALPACA], "names no 'images'"),
    "history": (_HISTORY, [{**_ALPACA, "h": [["a", "b"]]}], 1),
    "openai": ({"formatting": "openai", "tags": _OPENAI}, [_ROLES], 1),
    "openai, unknown role": (_OPEN, [_said(("user", "<image>"), _ANSWERED)], "no tag of its entry is 'user'"),
    "roles": ({"tags": _OPENAI}, [_ROLES], 1),
    "roles without tags": ({"tags": None}, [_ROLES], "no record has 'from'"),
    "no images column": ({"columns": {"messages": "messages"}}, [_GOOD], "\"columns\" of its entry names no 'images'"),
    "no messages column": ({"columns": {"images": "images"}}, [_GOOD], "must be a list of messages in None"),
    "no format": ({"formatting": None}, [_GOOD], "no answer in the column"),
    "columns in a list": ({"columns": ["messages", "images"]}, [_GOOD], "must be objects of names"),
    "a role that is no name": (_OPEN, [_said((["human"], "<image>"), _ANSWERED)], "no tag of its entry"),
    "no number of samples": ({"num_samples": "3"}, [_GOOD], "not a number of records"),
    "unknown format": ({"formatting": "chatml"}, [_GOOD], "LLaMA-Factory has alpaca, sharegpt, openai"),
    "a set of preferences": ({"ranking": True}, [_GOOD], "preferences"),
    "partial tags": ({"tags": {"role_tag": "from", "content_tag": "value"}}, [_GOOD], "not by anyone that its tags"),
    "no content tag": (
        {"tags": {"role_tag": "from", "user_tag": "human"}},
        [_GOOD],
        "must name a role_tag and a content",
    ),
    "another user tag": (_tags(user_tag="user"), [_GOOD], "by 'human', not by 'user'"),
    "order": ({}, [_said(_ANSWERED, _ASKED)], "turn 1 is by 'gpt', not by 'human'"),
    "one turn": ({}, [_said(_ASKED)], "it has 1 turns"),
    "no turns": ({}, [{"images": [], "messages": []}, {**_GOOD, "messages": None}], "must be a list of messages"),
    "a number as answer": ({}, [_said(("human", 1), ("gpt", 2))], "must be a text"),
    "no text": ({}, [_said(_ASKED, ("gpt", None))], "must be a text"),
    "two marks": ({}, [_GOOD, talk("a.png", "<image><image>")], "item 1, line 1: <image> stands in it 2 times"),
    "no mark": ({}, [talk("a.png", "")], "0 times"),
    "a film": ({}, [_said(("human", "<image><video>"), _ANSWERED)], "<video> stands in it 1 times"),
    "types": ({}, [_GOOD, {**_GOOD, "images": "a.png"}], "item 1, line 1: 'images' is of another type"),
    "no such picture": ({}, [talk("none.png")], "item 0, line 1: the picture none.png is neither in"),
    "path of Windows": ({}, [talk("data\\a.png")], "as on Windows"),
    "no picture at all": ({}, [talk("bad.png")], "bad.png cannot be opened"),
    "picture cut off": ({}, [talk("a.png"), talk("cut.png")], "item 1, line 1: the picture cut.png cannot be opened"),
    "a number": ({}, [1], "not a JSON object"),
    "nothing": ({}, [], "it is empty"),
}
"""Issues of LLaMA-Factory among them: 2381, 5658, 5883, 6559, 7909, 9618, 10158."""


def write_sets(folder: Path) -> None:
    """Write the sets of RECORDS, numbered, and register them."""
    entries = {}
    for number, (change, records, _) in enumerate(RECORDS.values()):
        file = f"set{number}.json"
        (folder / file).write_text(json.dumps(records))
        whole = {**FORM, "file_name": file, **change}
        entries[f"set{number}"] = {key: value for key, value in whole.items() if value is not None}
    register(folder, **entries)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with model, data, a run file and an environment that holds the stand-in."""
    monkeypatch.chdir(tmp_path)
    for variable in ("NNODES", "NODE_RANK", "NPROC_PER_NODE", "FORCE_TORCHRUN"):
        monkeypatch.delenv(variable, raising=False)
    write_model(tmp_path / "model")
    (tmp_path / "data").mkdir()
    write_pictures(tmp_path / "data")
    (tmp_path / "data" / "mine.json").write_text(json.dumps([talk("a.png")] * 12))
    register(tmp_path / "data", mine={"file_name": "mine.json", **FORM}, far={"hf_hub_url": "a/b"})
    (tmp_path / "run.yaml").write_text(SETTINGS)
    programs = tmp_path / "env" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    (programs / "llamafactory-cli").write_text(STAND_IN.format(python=sys.executable))
    (programs / "llamafactory-cli").chmod(0o755)
    monkeypatch.setattr(FactoryEnvironment, "ask", lambda self, settings, parquet: FOUND)
    return tmp_path


def go(*overrides: str) -> dict[str, Any]:
    config, environment = load_config(Path("run.yaml"), overrides), find_environment(Path("env"))
    return train(config, check(config, environment), environment, ["unimumer", "train"])
