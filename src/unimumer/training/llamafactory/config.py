"""A run file: LLaMA-Factory's settings as its YAML has them, with overrides, and what we ask of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from unimumer.files import read_text
from unimumer.training import TrainingError

_REQUIRED = ("model_name_or_path", "dataset", "template", "output_dir", "stage", "finetuning_type")
_OURS = ("resume_from_checkpoint", "overwrite_output_dir")
"""Decided here: a run goes on from its last complete checkpoint."""


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one run. Paths in them are relative to the working directory, as LLaMA-Factory takes them."""

    settings: dict[str, Any]

    def text(self, key: str, default: str = "") -> str:
        """A setting as text."""
        value = self.settings.get(key)
        return default if value is None else str(value)

    def number(self, key: str, default: float) -> float:
        """A setting as a number. Raises TrainingError for anything else."""
        value = self.settings.get(key)
        try:
            return default if value is None else float(value)
        except (TypeError, ValueError):
            raise TrainingError(f"{key}: {value!r} is not a number") from None

    def flag(self, key: str) -> bool:
        """Whether a setting is switched on."""
        return self.settings.get(key) is True

    @property
    def output(self) -> Path:
        """Folder of checkpoints, log and record."""
        return Path(self.text("output_dir"))

    @property
    def sets(self) -> tuple[str, ...]:
        """Names of the data sets."""
        given = self.settings["dataset"]
        parts = given.split(",") if isinstance(given, str) else given
        return tuple(name for name in (str(part).strip() for part in parts) if name)


def load_config(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Read a run file and set `key=value` overrides, values being YAML.

    Raises TrainingError when it is not a mapping of names to values, when what every run needs is missing, for
    `trust_remote_code`, which would run code that comes with a model, and for what `unimumer train` decides.
    """
    settings = _mapping(read_text(path), str(path))
    for override in overrides:
        key, equals, value = override.partition("=")
        if not key or not equals:
            raise TrainingError(f"{override!r} is not of the form key=value")
        settings |= _mapping(f"{key}: {value}", f"the override {override!r}")
    missing = [key for key in _REQUIRED if not settings.get(key)]
    if missing:
        raise TrainingError(f"{path}: {', '.join(missing)} must be set")
    if settings.get("trust_remote_code"):
        raise TrainingError(f"{path}: trust_remote_code would run code that comes with a model; set it to false")
    if settings["stage"] != "sft" or settings.get("do_train") is not True:
        raise TrainingError(f"{path}: only supervised fine-tuning is run here: stage: sft, do_train: true")
    for key in _OURS:
        if settings.get(key) is not None:
            raise TrainingError(f"{path}: leave out {key}; a run goes on from its last complete checkpoint by itself")
    return Config(settings)


def _mapping(text: str, where: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise TrainingError(f"{where} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise TrainingError(f"{where} is not a mapping of settings to values")
    return content


def processes(config: Config, gpus: int) -> int:
    """How many processes will train together: nodes times processes a node, from the variables of torchrun."""
    nodes = _count("NNODES", 1)
    return nodes * _count("NPROC_PER_NODE", 1 if config.flag("use_cpu") else max(gpus, 1))


def effective_batch(config: Config, processes: int) -> int:
    """Conversations a step. Raises TrainingError for settings with which nothing would be trained."""
    batch, steps = config.number("per_device_train_batch_size", 8), config.number("gradient_accumulation_steps", 1)
    lengths = config.number("cutoff_len", 2048), config.number("num_train_epochs", 3)
    if batch < 1 or steps < 1 or lengths[0] < 1 or (lengths[1] <= 0 and config.number("max_steps", -1) < 1):
        raise TrainingError(
            "per_device_train_batch_size, gradient_accumulation_steps and cutoff_len must be at least 1, and "
            "num_train_epochs above 0"
        )
    return int(batch * steps) * processes


def _count(variable: str, default: int) -> int:
    value = os.environ.get(variable, "")
    if value and not (value.isdecimal() and int(value) > 0):
        raise TrainingError(f"the environment variable {variable} is {value!r}; it must be a number of at least 1")
    return int(value) if value else default
