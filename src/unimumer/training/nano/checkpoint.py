"""Training state on disk: safetensors files small enough to carry, replaced as a whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from unimumer.data.sample import DataError

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


def save_state(folder: Path, progress: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Replace the checkpoint in `folder`: written beside it first, so that a kill leaves the old or the new one."""
    fresh, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for i, group in enumerate(shards(tensors)):
        save_file(group, fresh / f"state-{i:02d}.safetensors")
    (fresh / "progress.json").write_text(json.dumps(progress, indent=1))
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)


def load_state(folder: Path, device: torch.device) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """Read a checkpoint, or None when there is none. Raises DataError when it is damaged."""
    for place in (folder, folder.with_name(folder.name + ".old")):
        if (place / "progress.json").is_file():
            return _read(place, device)
    return None


def _read(folder: Path, device: torch.device) -> tuple[dict[str, Any], dict[str, Tensor]]:
    tensors: dict[str, Tensor] = {}
    try:
        progress: dict[str, Any] = json.loads((folder / "progress.json").read_text())
        for file in sorted(folder.glob("state-*.safetensors")):
            tensors.update(load_file(file, device=str(device)))
    except (OSError, ValueError) as error:
        raise DataError(f"the checkpoint in {folder} is damaged ({error}); remove it to start afresh") from None
    return progress, tensors
