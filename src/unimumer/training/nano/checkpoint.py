"""Training state on disk: safetensors files small enough to carry, replaced as a whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from unimumer.files import FileError, read_object, standing, swap, write_json
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


def load_weights(folder: Path) -> dict[str, Tensor]:
    """Read the weights of a Hugging Face folder, to the CPU. Raises TrainingError for none or damaged ones."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise TrainingError(f"{folder} has no .safetensors weights")
    return load_tensors(files)


def save_state(folder: Path, progress: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Replace the checkpoint in `folder`; killed at any moment, `load_state` finds the old state or the new one."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    groups = shards(tensors)
    for i, group in enumerate(groups):
        save_file(group, fresh / f"state-{i:02d}.safetensors")
    write_json(fresh / "progress.json", {**progress, "files": len(groups)}, indent=1, end="")
    swap(fresh, folder)


def load_state(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """Read a checkpoint, its tensors to the CPU, None when there is none. Raises TrainingError for a damaged one."""
    place = standing(folder)
    return _read(place) if (place / "progress.json").is_file() else None


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    path = folder / "progress.json"
    try:
        progress = read_object(path)
    except FileError as error:
        raise TrainingError(f"{path} is damaged ({error}); put back a copy of it") from None
    if not progress.keys() >= {"elapsed", "step", "pictures", "shape"}:
        raise TrainingError(f"{path} is not the progress of a training run; put back a copy of it")
    files = sorted(folder.glob("state-*.safetensors"))
    written = progress.pop("files", len(files))  # not known of checkpoints of earlier versions
    if len(files) != written:
        raise TrainingError(f"{folder} has {len(files)} of {written} state files; put back a copy of the others")
    return progress, load_tensors(files)
