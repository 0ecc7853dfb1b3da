"""All that can be known to be wrong with a run before it starts."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar

from unimumer.environment import processors
from unimumer.errors import UnimumerError
from unimumer.training import TrainingError
from unimumer.training.llamafactory import model, sets
from unimumer.training.llamafactory.config import Config, effective_batch, processes
from unimumer.training.llamafactory.environment import FactoryEnvironment, Found
from unimumer.training.llamafactory.sets import DataSet

_GB = 1e9
_T = TypeVar("_T")


@dataclass(slots=True)
class Check:
    """What was found: `said` is for the reader, `problems` must be mended first."""

    found: Found
    sets: list[DataSet] = field(default_factory=list)
    processes: int = 1
    effective_batch: int = 1
    said: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def attempt(self, work: Callable[[], _T]) -> _T | None:
        """Do it, or note why not."""
        try:
            return work()
        except UnimumerError as error:
            self.problems.append(str(error))
            return None


def check(config: Config, environment: FactoryEnvironment) -> Check:
    """Check everything, as far as it goes, and collect the problems.

    Raises TrainingError when the environment cannot be used or the registry of data sets cannot be read.
    """
    problems: list[str] = []
    known = list(sets.examine(config, model.picture_tokens(config), problems))
    found = environment.ask(config.settings, (file for item in known for file in item.parquet))
    report = Check(found, problems=problems)
    report.said.append(", ".join(f"{name} {version}" for name, version in found.versions.items()))
    if found.refusal:
        report.problems.append(f"LLaMA-Factory refuses the settings: {found.refusal}")
    report.sets = [_counted(item, report) for item in known]
    _say_sets(report)
    report.attempt(lambda: _check_output(config.output))
    _check_batch(config, report)
    _check_device(config, report)
    return report


def _counted(item: DataSet, report: Check) -> DataSet:
    """The set with its Parquet rows."""
    if not item.parquet:
        return item
    rows = [report.found.rows[str(file)] for file in item.parquet]
    bad = [f"{file}: {row}" for file, row in zip(item.parquet, rows) if isinstance(row, str)]
    report.problems += bad
    return replace(item, records=None if bad else sum(int(row) for row in rows))


def _say_sets(report: Check) -> None:
    for item in report.sets:
        size = "not looked at" if item.records is None else f"{item.records:,} conversations"
        report.said.append("; ".join((f"data {item.name}: {'on the hub, ' if item.hub else ''}{size}", *item.remarks)))
    total = sum(item.records or 0 for item in report.sets)
    report.said.append(f"data in all: {total:,} conversations in {len(report.sets)} sets")


def _check_output(folder: Path) -> None:
    """Make the folder, write in it, and take away what was made."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise TrainingError(f"output_dir: {folder} cannot be written: {error.strerror or error}") from None
    finally:
        for path in new:
            with suppress(OSError):
                path.rmdir()


def _check_batch(config: Config, report: Check) -> None:
    gpus = len(report.found.devices)
    report.processes = report.attempt(lambda: processes(config, gpus)) or 1
    report.effective_batch = report.attempt(lambda: effective_batch(config, report.processes)) or 1
    steps = sum(item.records or 0 for item in report.sets) // report.effective_batch
    report.said.append(
        f"effective batch: {report.effective_batch} conversations on {report.processes} "
        f"process{'es' if report.processes > 1 else ''}; about {steps:,} steps an epoch"
    )
    distributed = report.processes > 1 or os.environ.get("FORCE_TORCHRUN", "") not in ("", "0")
    if config.settings.get("deepspeed") and "deepspeed" not in report.found.versions:
        report.problems.append("the run file asks for DeepSpeed, which is not installed beside LLaMA-Factory")
    elif config.settings.get("deepspeed") and not distributed:
        report.problems.append("DeepSpeed on one GPU wants FORCE_TORCHRUN=1 in the environment")
    if distributed and " " in str(config.output):
        report.problems.append(f"{config.output}: LLaMA-Factory starts torchrun without a path's spaces; rename it")


def _check_device(config: Config, report: Check) -> None:
    """The memory that a process needs against what there is."""
    gpus = report.found.devices
    on_cpu = config.flag("use_cpu")
    if not gpus and not on_cpu:
        report.problems.append("PyTorch finds no GPU here; train on a machine with GPUs, or with --set use_cpu=true")
    if on_cpu and (config.flag("bf16") or config.flag("fp16")) and not gpus:
        report.said.append("note: half precision on a CPU is slow; --set bf16=false is faster for small models")
    have = memory_here() if on_cpu or not gpus else min(gpu["memory"] for gpu in gpus)
    device = f"{processors()} processors" if on_cpu or not gpus else f"{len(gpus)} x {gpus[0]['name']}"
    size = report.attempt(lambda: model.examine(config.text("model_name_or_path")))
    if size is None:
        report.said.append(f"memory: {device} of {have / _GB:.1f} GB each; the model's size is not known here")
        return
    need = report.attempt(lambda: model.estimate(size, config, report.processes))
    if need is None:
        return
    sharing = report.processes if on_cpu or not gpus else 1
    report.said.append(
        f"memory: {size.parameters / 1e6:,.0f} M parameters need {need.states / _GB:.1f} GB a process, and at most "
        f"{need.activations / _GB:.1f} GB for activations; here are {device}, {have / _GB:.1f} GB"
    )
    if need.states * sharing > have and (gpus or on_cpu):
        report.problems.append(
            f"{need.states * sharing / _GB:.1f} GB of weights and optimizer do not fit {have / _GB:.1f} GB; take more "
            "GPUs with ZeRO-3, a LoRA file, or a smaller model"
        )


def memory_here() -> float:
    """Bytes of memory of this machine; infinite where the system does not say."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return float("inf")
