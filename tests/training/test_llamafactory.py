"""Runs of LLaMA-Factory without it: a stand-in program writes the log that it would write."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from unimumer.cli.main import main
from unimumer.data import DataError
from unimumer.training.llamafactory import model, record, run, sets
from unimumer.training.llamafactory.check import check
from unimumer.training.llamafactory.config import Config, effective_batch, load_config, processes
from unimumer.training.llamafactory.environment import Environment, Found, find_environment
from unimumer.training.llamafactory.run import last_checkpoint, train

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


# The run file.


def test_overrides_are_yaml_and_win(place: Path) -> None:
    config = load_config(place / "run.yaml", ["bf16=false", "learning_rate=2.0e-5", "dataset=a, b", "note=x=y"])
    assert config.flag("bf16") is False and config.number("learning_rate", 0) == 2e-5
    assert config.sets == ("a", "b") and config.text("note") == "x=y"
    assert Config(config.settings).dump().startswith("model_name_or_path: model\n")


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        (["bf16"], "not of the form key=value"),
        (["=1"], "not of the form"),
        (["a={"], "is not YAML"),
        (["trust_remote_code=true"], "code that comes with a model"),
        (["stage=dpo"], "stage: sft"),
        (["do_train=false"], "do_train: true"),
        (["resume_from_checkpoint=x"], "leave out resume_from_checkpoint"),
        (["template="], "template must be set"),
    ],
)
def test_settings_that_are_refused(place: Path, overrides: list[str], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        load_config(place / "run.yaml", overrides)


@pytest.mark.parametrize("text", ["- a", "a: [", "!!python/object/apply:os.system [ls]", "1: 2", "{" * 5000, "\x00"])
def test_files_that_are_no_run_files(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(DataError):
        load_config(tmp_path / "x.yaml")


def test_effective_batch_counts_nodes_and_processes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(place / "run.yaml")
    assert processes(config, gpus=0) == 1 and effective_batch(config, 1) == 6
    assert processes(load_config(place / "run.yaml", ["use_cpu=false"]), gpus=4) == 4
    monkeypatch.setenv("NNODES", "2")
    monkeypatch.setenv("NPROC_PER_NODE", "8")
    assert processes(config, gpus=1) == 16
    monkeypatch.setenv("NNODES", "many")
    with pytest.raises(DataError, match="NNODES"):
        processes(config, gpus=1)


# Model and memory.


def test_parameters_are_counted_from_headers(place: Path) -> None:
    assert model.examine("model") == model.Size(6, 2, 64, 384)
    assert model.examine("Qwen/Qwen2.5-VL-3B-Instruct") is not None
    assert model.examine("some/model") is None


@pytest.mark.parametrize("cut", [0, 5, 40, -1])
def test_damaged_weights_are_named(place: Path, cut: int) -> None:
    file = place / "model" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"model\.safetensors is damaged"):
        model.examine("model")


def test_pickled_weights_are_not_read(place: Path) -> None:
    (place / "model" / "model.safetensors").rename(place / "model" / "pytorch_model.bin")
    with pytest.raises(DataError, match="pickled weights are not read"):
        model.examine("model")


def test_models_that_are_nowhere(place: Path) -> None:
    for name in ("./none", "/none/none", "none", "a/b/c"):
        with pytest.raises(DataError, match="no folder here"):
            model.examine(name)


def test_memory_follows_the_published_formula(place: Path) -> None:
    """7.5 B parameters on 64 GPUs: 120, 16.6 and 1.9 GB (Rajbhandari et al., 2020, figure 1; stages 0, 2 and 3)."""
    size = model.Size(7.5e9, 1, 1, 1)
    for stage, gigabytes in ((None, 120.0), (2, 16.6), (3, 1.9)):
        settings: dict[str, Any] = {"finetuning_type": "full", "bf16": True}
        if stage:
            settings["deepspeed"] = str(Path(__file__).parents[2] / "train" / f"ds_z{stage}.json")
        need = model.estimate(size, Config(settings), 64)
        assert need.states / 1e9 == pytest.approx(gigabytes, abs=0.1)
    lora = model.estimate(model.BACKBONES["Qwen/Qwen2.5-VL-3B-Instruct"], Config({"finetuning_type": "lora"}), 1)
    assert lora.states < 0.3 * 16 * 3.75e9


# Data.


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([talk("none.png")], "item 0: the picture none.png"),
        ([talk("a.png"), talk("a.png", "<image><image>")], "item 1: <image> stands in it 2 times"),
        ([talk("a.png", "")], "0 times"),
        ([{"images": "a.png", "messages": []}], "must be a list"),
        ([], "holds no record"),
        ([1], "item 0: not a JSON object"),
    ],
)
def test_bad_data_is_named(place: Path, content: list[Any], reason: str) -> None:
    (place / "data" / "mine.json").write_text(json.dumps(content))
    (found,) = sets.examine(["mine"], place / "data", place / "data")
    assert isinstance(found, DataError) and reason in str(found)


def test_sets_of_the_hub_and_unknown_ones(place: Path) -> None:
    far, none = sets.examine(["far", "none"], place / "data", place / "data")
    assert isinstance(far, sets.DataSet) and far.hub == "a/b" and far.records is None
    assert isinstance(none, DataError) and "not registered" in str(none)
    (place / "data" / "dataset_info.json").unlink()
    with pytest.raises(DataError, match="unimumer data register"):
        list(sets.examine(["mine"], place / "data", place / "data"))


# The check.


def test_check_says_what_will_happen(place: Path) -> None:
    report = check(load_config(place / "run.yaml"), find_environment(Path("env")))
    assert not report.problems
    said = "\n".join(report.said)
    assert "data mine: 12 conversations" in said and "effective batch: 6" in said and "about 2 steps" in said


def test_check_finds_all_problems_at_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Environment, "ask", lambda self, settings, parquet: Found({}, [], {}, "ValueError: typo"))
    overrides = ["dataset=mine, none", "model_name_or_path=./none", "use_cpu=false", "deepspeed=ds.json"]
    report = check(load_config(place / "run.yaml", overrides), find_environment(Path("env")))
    text = "\n".join(report.problems)
    for part in ("none: not registered", "typo", "no folder here", "no GPU here", "DeepSpeed"):
        assert part in text
    assert len(report.problems) == 5


def test_a_model_too_large_is_a_problem(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = [{"name": "GPU", "memory": 24e9}]
    monkeypatch.setattr(Environment, "ask", lambda self, settings, parquet: Found({}, gpu, {}, ""))
    overrides = ["use_cpu=false", "bf16=true", "model_name_or_path=Qwen/Qwen2.5-VL-3B-Instruct"]
    environment = find_environment(Path("env"))
    (problem,) = check(load_config(place / "run.yaml", overrides), environment).problems
    assert "60.0 GB of weights and optimizer do not fit 24.0 GB" in problem
    assert not check(load_config(place / "run.yaml", [*overrides, "finetuning_type=lora"]), environment).problems


def test_parquet_is_counted_by_the_other_environment(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place / "data" / "set"
    folder.mkdir()
    files = [folder / f"{i}.parquet" for i in range(2)]
    for file in files:
        file.write_bytes(b"")
    (place / "data" / "dataset_info.json").write_text(json.dumps({"mine": {"file_name": "set"}}))
    rows: dict[str, int | str] = {"data/set/0.parquet": 3, "data/set/1.parquet": 4}
    monkeypatch.setattr(Environment, "ask", lambda self, settings, parquet: Found({}, [], rows, ""))
    config, environment = load_config(place / "run.yaml"), find_environment(Path("env"))
    assert check(config, environment).sets[0].records == 7
    rows["data/set/1.parquet"] = "ArrowInvalid: not Parquet"
    assert check(config, environment).problems == ["data/set/1.parquet: ArrowInvalid: not Parquet"]


# The run.


def test_a_run_is_recorded(place: Path) -> None:
    done = go()
    assert done["state"] == "finished" and done["effective_batch"] == 6
    assert done["losses"][0] == {"step": 1, "loss": 4.0, "rate": 1e-5} and done["losses"][-1]["loss"] == 1.0
    assert done["data"][0]["files"][0]["sha256"] == sets.digest(place / "data" / "mine.json")
    assert done["model"]["sha256"] == {"model.safetensors": sets.digest(place / "model" / "model.safetensors")}
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
    with pytest.raises(DataError, match=r"other inputs \(settings, learning_rate\)"):
        go("learning_rate=1.0e-3")
    (place / "data" / "mine.json").write_text(json.dumps([talk("a.png")] * 13))
    with pytest.raises(DataError, match=r"other inputs \(data\)"):
        go()


def checkpoint(folder: Path, step: int) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "trainer_state.json").write_text("{}")
    tensors(path / "model.safetensors")
    return path


def test_a_failed_run_goes_on_from_its_last_whole_checkpoint(place: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)code 1.*CUDA out of memory, says the stand-in"):
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
    with pytest.raises(DataError, match="a model without a record"):
        go()


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is locked there")
def test_no_second_run_starts_while_the_first_lives(place: Path) -> None:
    """Not even when the one that started it was killed: the program itself holds the lock."""
    code = """
import os, sys, threading
from pathlib import Path
from unimumer.training.llamafactory.environment import Environment, Found, find_environment
from unimumer.training.llamafactory.config import load_config
from unimumer.training.llamafactory.check import check
from unimumer.training.llamafactory.run import train
Environment.ask = lambda self, settings, parquet: Found({}, [], {}, "")
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
    with pytest.raises(DataError, match="a run is going on"):
        go("sleep=1.0")
    while True:
        try:
            done = go("sleep=1.0")
            break
        except DataError:
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
    assert record.losses(lines) == [{"step": 1, "loss": 2.0, "rate": 0.0}]


# The environment.


def test_no_environment(place: Path) -> None:
    with pytest.raises(DataError, match="is no environment"):
        find_environment(Path("none"))
    assert find_environment(Path("env/bin/python")) == find_environment(Path("env"))


def test_an_environment_without_llamafactory(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    (place / "false").write_text("#!/bin/sh\nexit 3\n")
    (place / "false").chmod(stat.S_IRWXU)
    with pytest.raises(DataError, match="does not answer"):
        find_environment(place / "false").ask({}, [])


def test_its_programs_are_found_first_and_our_code_is_not_seen(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "src")
    variables = find_environment(Path("env")).variables()
    assert variables["PATH"].startswith(str(place / "env" / "bin") + os.pathsep) and "PYTHONPATH" not in variables


# The verb.


def verb(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["unimumer", "train", "llamafactory", "--env", "env", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def test_validate_starts_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verb(monkeypatch, "--config", "run.yaml", "--validate") == 0
    assert not (place / "out").exists()
    assert verb(monkeypatch, "--config", "run.yaml", "--validate", "--set", "dataset=none") == 1
    assert verb(monkeypatch, "--config", "none.yaml") == 2


def test_the_verb_runs(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(monkeypatch, "--config", "run.yaml", "--set", "seed=3") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "finished: out, loss 4.000 to 1.000 in 4 steps"
    written = record.read_record(place / "out")
    assert written is not None and written["command"][:3] == ["unimumer", "train", "llamafactory"]
    assert written["settings"]["seed"] == 3
