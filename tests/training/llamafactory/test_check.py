"""What is said, and refused, before LLaMA-Factory starts."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from unimumer.errors import UnimumerError
from unimumer.training.llamafactory import model, sets
from unimumer.training.llamafactory.check import check
from unimumer.training.llamafactory.config import Config, effective_batch, load_config, processes
from unimumer.training.llamafactory.environment import FactoryEnvironment, Found, find_environment

from .conftest import FORM, RECORDS, register, talk, write_sets

# The run file.


def test_overrides_are_yaml_and_win(place: Path) -> None:
    config = load_config(place / "run.yaml", ["bf16=false", "learning_rate=2.0e-5", "dataset=a, b", "note=x=y"])
    assert config.flag("bf16") is False and config.number("learning_rate", 0) == 2e-5
    assert config.sets == ("a", "b") and config.text("note") == "x=y"


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
    with pytest.raises(UnimumerError, match=reason):
        load_config(place / "run.yaml", overrides)


@pytest.mark.parametrize("text", ["- a", "a: [", "!!python/object/apply:os.system [ls]", "1: 2", "{" * 5000, "\x00"])
def test_files_that_are_no_run_files(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(UnimumerError):
        load_config(tmp_path / "x.yaml")


def test_effective_batch_counts_nodes_and_processes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(place / "run.yaml")
    assert processes(config, gpus=0) == 1 and effective_batch(config, 1) == 6
    assert processes(load_config(place / "run.yaml", ["use_cpu=false"]), gpus=4) == 4
    monkeypatch.setenv("NNODES", "2")
    monkeypatch.setenv("NPROC_PER_NODE", "8")
    assert processes(config, gpus=1) == 16
    monkeypatch.setenv("NNODES", "many")
    with pytest.raises(UnimumerError, match="NNODES"):
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
    with pytest.raises(UnimumerError, match=r"model\.safetensors is damaged"):
        model.examine("model")


def test_models_that_are_nowhere_or_pickled(place: Path) -> None:
    (place / "model" / "model.safetensors").rename(place / "model" / "pytorch_model.bin")
    with pytest.raises(UnimumerError, match="pickled weights are not read"):
        model.examine("model")
    for name in ("./none", "/none/none", "none", "a/b/c"):
        with pytest.raises(UnimumerError, match="no folder here"):
            model.examine(name)


def test_memory_follows_the_published_formula(place: Path) -> None:
    """7.5 B parameters on 64 GPUs: 120, 16.6 and 1.9 GB (Rajbhandari et al., 2020, figure 1; stages 0, 2 and 3)."""
    size = model.Size(7.5e9, 1, 1, 1)
    for stage, gigabytes in ((None, 120.0), (2, 16.6), (3, 1.9)):
        settings: dict[str, Any] = {"finetuning_type": "full", "bf16": True}
        if stage:
            settings["deepspeed"] = str(Path(__file__).parents[3] / "train" / f"ds_z{stage}.json")
        need = model.estimate(size, Config(settings), 64)
        assert need.states / 1e9 == pytest.approx(gigabytes, abs=0.1)
    lora = model.estimate(model.BACKBONES["Qwen/Qwen2.5-VL-3B-Instruct"].size, Config({"finetuning_type": "lora"}), 1)
    assert lora.states < 0.3 * 16 * 3.75e9


# Data.


def examine(*overrides: str) -> tuple[list[sets.DataSet], list[str]]:
    """The sets that are sound, and what is wrong with the others."""
    problems: list[str] = []
    config = load_config(Path("run.yaml"), overrides)
    return list(sets.examine(config, lambda size: size[0] * size[1] // 28**2, problems)), problems


def test_records_are_judged_as_llamafactory_judges_them(place: Path) -> None:
    write_sets(place / "data")
    found, problems = examine("dataset=" + ",".join(f"set{number}" for number in range(len(RECORDS))))
    counts = [expected for *_, expected in RECORDS.values() if isinstance(expected, int)]
    assert [one.records for one in found] == counts
    reasons = [(name, expected) for name, (*_, expected) in RECORDS.items() if isinstance(expected, str)]
    for (name, expected), said in zip(reasons, problems, strict=True):
        assert expected in said, f"{name}: {said}"


def test_what_is_taken_in_silence_is_said(place: Path) -> None:
    bare, empty = talk("a.png"), talk("a.png")
    bare["messages"], empty["messages"][1]["value"] = bare["messages"][:1], ""
    (place / "data" / "mine.json").write_text(json.dumps([talk("a.png"), bare, empty]))
    (found,), _ = examine()
    left_out, unanswered = found.remarks
    assert found.records == 2
    assert left_out.startswith("1 more are passed over, the first data/mine.json: item 1, line 1: it has 1 turns")
    assert unanswered == "1 have an empty answer"


@pytest.mark.parametrize(
    ("name", "text"), [("x.jsonl", "{0}\n{0}\n"), ("x.json", "{0}\n{0}"), ("x.jsonl", "[{0}, {0}]")]
)
def test_lists_and_lines_are_told_apart_by_what_they_hold(place: Path, name: str, text: str) -> None:
    (place / "data" / name).write_text(text.replace("{0}", json.dumps(talk("a.png"))))
    register(place / "data", mine={"file_name": name, **FORM})
    assert [found.records for found in examine()[0]] == [2]


def test_a_set_is_sampled_and_cut(place: Path) -> None:
    assert [cut.records for cut in examine("max_samples=5")[0]] == [5]
    register(place / "data", mine={"file_name": "mine.json", "num_samples": 40, **FORM})
    assert [sampled.records for sampled in examine()[0]] == [40]


def test_pictures_must_fit_the_cutoff(place: Path) -> None:
    """56 x 112 pixels are 8 cells of 28, before which at least 4 tokens stand."""
    assert not examine("cutoff_len=12")[1]
    assert "its pictures take 8 tokens, which cutoff_len (11)" in examine("cutoff_len=11")[1][0]
    for name, tokens in (("Qwen/Qwen2.5-VL-3B-Instruct", (28, 324)), ("Qwen/Qwen3.5-2B", (18, 256)), ("a/b", (0, 0))):
        count = model.picture_tokens(Config({"model_name_or_path": name, "image_max_pixels": 262144}))
        assert (count((100, 200)), count((1000, 1000))) == tokens


@pytest.mark.parametrize("key", ["hf_hub_url", "ms_hub_url", "om_hub_url", "script_url", "cloud_file_name"])
def test_sets_that_are_elsewhere(place: Path, key: str) -> None:
    register(place / "data", far={key: "a/b", "formatting": "sharegpt"})
    (far,), (none,) = examine("dataset=far,none")
    assert far.hub == "a/b" and far.records is None and "none: not registered" in none


@pytest.mark.parametrize("files", [("none",), ("mine.json", "x.parquet"), ("x.txt",), ("",)])
def test_files_that_cannot_be_loaded(place: Path, files: tuple[str, ...]) -> None:
    folder = place / "data" / "set"
    folder.mkdir()
    for name in filter(None, files):
        (folder / name).write_text("[]")
    register(place / "data", mine={"file_name": "set"}, other={})
    assert len(examine("dataset=mine,other")[1]) == 2
    (place / "data" / "dataset_info.json").unlink()
    with pytest.raises(UnimumerError, match="unimumer data register"):
        examine()


# The check.


def test_check_says_what_will_happen(place: Path) -> None:
    report = check(load_config(place / "run.yaml"), find_environment(Path("env")))
    assert not report.problems
    said = "\n".join(report.said)
    assert "data mine: 12 conversations" in said and "effective batch: 6" in said and "about 2 steps" in said


def test_check_finds_all_problems_at_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FactoryEnvironment, "ask", lambda *_: Found({}, [], {}, "ValueError: typo"))
    overrides = ["dataset=mine, none", "model_name_or_path=./none", "use_cpu=false", "deepspeed=ds.json"]
    report = check(load_config(place / "run.yaml", overrides), find_environment(Path("env")))
    text = "\n".join(report.problems)
    for part in ("none: not registered", "typo", "no folder here", "no GPU here", "DeepSpeed"):
        assert part in text
    assert len(report.problems) == 5


@pytest.mark.parametrize(
    "setting", ["per_device_train_batch_size=0", "cutoff_len=0", "num_train_epochs=0", "output_dir=run.yaml/x"]
)
def test_runs_that_would_train_nothing(place: Path, setting: str) -> None:
    (problem,) = check(load_config(place / "run.yaml", [setting]), find_environment(Path("env"))).problems
    assert setting.partition("=")[0] in problem and not (place / "out").exists()


def test_a_model_too_large_is_a_problem(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = [{"name": "GPU", "memory": 24e9}]
    monkeypatch.setattr(FactoryEnvironment, "ask", lambda *_: Found({}, gpu, {}, ""))
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
    monkeypatch.setattr(FactoryEnvironment, "ask", lambda *_: Found({}, [], rows, ""))
    config, environment = load_config(place / "run.yaml"), find_environment(Path("env"))
    assert check(config, environment).sets[0].records == 7
    rows["data/set/1.parquet"] = "ArrowInvalid: not Parquet"
    assert check(config, environment).problems == ["data/set/1.parquet: ArrowInvalid: not Parquet"]


# The environment.


def test_no_environment(place: Path) -> None:
    with pytest.raises(UnimumerError, match="is no environment"):
        find_environment(Path("none"))
    assert find_environment(Path("env/bin/python")) == find_environment(Path("env"))


def test_an_environment_without_llamafactory(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    (place / "false").write_text("#!/bin/sh\nexit 3\n")
    (place / "false").chmod(stat.S_IRWXU)
    with pytest.raises(UnimumerError, match="does not answer"):
        find_environment(place / "false").ask({}, [])


def test_its_programs_are_found_first_and_our_code_is_not_seen(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "src")
    variables = find_environment(Path("env")).variables()
    assert variables["PATH"].startswith(str(place / "env" / "bin") + os.pathsep) and "PYTHONPATH" not in variables
