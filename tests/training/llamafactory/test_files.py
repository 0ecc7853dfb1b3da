"""The run files in train/ against one table, and against one another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from unimumer.training.llamafactory import model
from unimumer.training.llamafactory.config import Config, effective_batch, load_config

ROOT = Path(__file__).parents[3]
FILES = {file.name: file for file in sorted((ROOT / "train").glob("Uni-MuMER-*.yaml"))}
PLAIN = ("crohme_train", "crohme2023", "hme100k_train", "im2latex_v2_train", "mathwriting_train")
ERRORS = ("crohme_train", "crohme2023", "hme100k", "im2latex_v2", "mathwriting_train")
MIX = {f"parquet_{name}{task}" for name in PLAIN for task in ("", "_tree", "_can")}
MIX |= {f"parquet_{name}_error_{task}" for name in ERRORS for task in ("find", "fix")}
MIX |= {"parquet_mathwriting_symbols"}
"""Configurations of the published data set, as its page lists them: two families drop `_train` for the errors."""

COMMON: dict[str, Any] = {
    "stage": "sft",
    "do_train": True,
    "trust_remote_code": False,
    "image_max_pixels": 262144,
    "cutoff_len": 2048,
    "num_train_epochs": 1.0,
    "lr_scheduler_type": "cosine",
    "warmup_ratio": 0.1,
    "bf16": True,
    "freeze_vision_tower": False,
    "freeze_multi_modal_projector": False,
    "freeze_language_model": False,
    "save_only_model": False,
    "report_to": "none",
    "dataset_dir": "data",
    "media_dir": ".",
}
"""What all have; training settings from the authors' run files."""

#            backbone         name on the hub                template            ZeRO  batch, steps, GPUs
BACKBONES = {
    "Qwen2.5-VL-3B": ("Qwen/Qwen2.5-VL-3B-Instruct", "qwen2_vl", 2, (4, 32, 4)),
    "Qwen2.5-VL-7B": ("Qwen/Qwen2.5-VL-7B-Instruct", "qwen2_vl", 3, (4, 16, 8)),
    "Qwen3-VL-2B": ("Qwen/Qwen3-VL-2B-Instruct", "qwen3_vl_nothink", 3, (4, 16, 8)),
    "Qwen3-VL-4B": ("Qwen/Qwen3-VL-4B-Instruct", "qwen3_vl_nothink", 3, (4, 16, 8)),
    "Qwen3.5-2B": ("Qwen/Qwen3.5-2B", "qwen3_5_nothink", 3, (4, 16, 8)),
    "Qwen3.5-4B": ("Qwen/Qwen3.5-4B", "qwen3_5_nothink", 3, (4, 16, 8)),
}


def full_name(backbone: str) -> str:
    return "Uni-MuMER-train.yaml" if backbone == "Qwen2.5-VL-3B" else f"Uni-MuMER-{backbone}.yaml"


def read(name: str) -> Config:
    return load_config(FILES[name])


def test_there_is_a_file_for_each_backbone_and_method() -> None:
    assert set(FILES) == {full_name(b) for b in BACKBONES} | {f"Uni-MuMER-{b}-LoRA.yaml" for b in BACKBONES}
    assert {hub for hub, *_ in BACKBONES.values()} == set(model.BACKBONES)


@pytest.mark.parametrize("name", FILES)
def test_what_all_files_share(name: str) -> None:
    config = read(name)
    assert {key: config.settings[key] for key in COMMON} == COMMON
    assert len(config.sets) == 26 and set(config.sets) == MIX
    header = FILES[name].read_text()
    assert f"#   llamafactory-cli train train/{name}\n" in header
    assert f"#   unimumer train llamafactory --config train/{name} --env .venv-factory\n" in header


@pytest.mark.parametrize("backbone", BACKBONES)
def test_what_differs(backbone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    hub, template, stage, (batch, steps, gpus) = BACKBONES[backbone]
    full, lora = read(full_name(backbone)), read(f"Uni-MuMER-{backbone}-LoRA.yaml")
    for config, method in ((full, "full"), (lora, "lora")):
        named = [config.text(key) for key in ("model_name_or_path", "template", "finetuning_type")]
        assert named == [hub, template, method]
    assert full.number("learning_rate", 0) == 1e-5 and model.zero_stage(full) == stage
    assert full.number("per_device_train_batch_size", 0) == batch
    assert full.number("gradient_accumulation_steps", 0) == steps and effective_batch(full, gpus) == 512
    assert f"{batch} pictures x {steps} steps x {gpus} GPUs = 512" in FILES[full_name(backbone)].read_text()
    assert lora.text("lora_target") == "all" and "deepspeed" not in lora.settings and effective_batch(lora, 1) == 512


def test_each_has_a_folder_of_its_own() -> None:
    outputs = {read(name).output for name in FILES}
    assert len(outputs) == len(FILES)


@pytest.mark.parametrize("stage", [2, 3])
def test_deepspeed_takes_its_numbers_from_the_run_file(stage: int) -> None:
    content = json.loads((ROOT / "train" / f"ds_z{stage}.json").read_text())
    assert content["zero_optimization"]["stage"] == stage
    for key in ("train_batch_size", "train_micro_batch_size_per_gpu", "gradient_accumulation_steps"):
        assert content[key] == "auto"


def test_the_file_for_nano() -> None:
    settings = yaml.safe_load((ROOT / "train" / "Nano.yaml").read_text())
    assert settings["model_name_or_path"] == "models/nano" and settings["use_cpu"] is True
    assert settings["template"] == "qwen2_vl" and settings["bf16"] is False
    assert model.examine(str(ROOT / "models" / "nano")) is not None
