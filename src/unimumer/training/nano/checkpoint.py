"""Training state on disk: safetensors files small enough to carry, replaced as a whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from unimumer.training import TrainingError

MAX_FILE = 15 * 2**20
"""Bytes of tensors per file; version control and transfers here take files up to 16 MiB."""


def shards(tensors: Mapping[str, Tensor]) -> list[dict[str, Tensor]]:
    """Split tensors, in order, to groups of at most `MAX_FILE` bytes."""
    groups: list[dict[str, Tensor]] = [{}]
    room = MAX_FILE
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        if size > room and groups[-1]:
            groups.append({})
            room = MAX_FILE
        groups[-1][name] = tensor.detach().cpu().contiguous()
        room -= size
    return groups


def load_tensors(files: Iterable[Path]) -> dict[str, Tensor]:
    """Read all tensors of some safetensors files, to the CPU. Raises TrainingError that names a damaged file."""
    tensors: dict[str, Tensor] = {}
    for file in files:
        try:
            tensors.update(load_file(file))
        except (OSError, ValueError, SafetensorError) as error:
            raise TrainingError(f"{file} is damaged ({error}); put back a copy of it") from None
    return tensors


def save_state(folder: Path, progress: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Replace the checkpoint in `folder`; killed at any moment, `load_state` finds the old state or the new one.

    It is written beside the folder first. The old one moves away only when it is in `folder`: after a kill between
    the moves it already lies under the other name, and is the only one there is.
    """
    fresh, old = _beside(folder, ".new"), _beside(folder, ".old")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    groups = shards(tensors)
    for i, group in enumerate(groups):
        save_file(group, fresh / f"state-{i:02d}.safetensors")
    (fresh / "progress.json").write_text(json.dumps({**progress, "files": len(groups)}, indent=1))
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.replace(folder, old)
    os.replace(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)


def load_state(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """Read a checkpoint, its tensors to the CPU, None when there is none. Raises TrainingError for a damaged one."""
    for place in (folder, _beside(folder, ".old")):
        if (place / "progress.json").is_file():
            return _read(place)
    return None


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    path = folder / "progress.json"
    try:
        progress: Any = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path} is damaged ({error}); put back a copy of it") from None
    if not isinstance(progress, dict) or not progress.keys() >= {"elapsed", "step", "pictures", "shape"}:
        raise TrainingError(f"{path} is not the progress of a training run; put back a copy of it")
    files = sorted(folder.glob("state-*.safetensors"))
    written = progress.pop("files", len(files))  # not known of checkpoints of earlier versions
    if len(files) != written:
        raise TrainingError(f"{folder} has {len(files)} of {written} state files; put back a copy of the others")
    return progress, load_tensors(files)


def _beside(folder: Path, suffix: str) -> Path:
    return folder.with_name(folder.name + suffix)
