"""Weights and training state on disk: safetensors files small enough to carry, a state replaced whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import save_torch_state_dict
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from unimumer.files import read_object, standing, swap, write_json
from unimumer.training import TrainingError

MAX_FILE = 15 * 2**20
"""Bytes of tensors per file; version control and transfers here take files up to 16 MiB."""
_NEEDED = {"elapsed", "step", "pictures", "shape", "seed", "corpus", "files"}


def save_weights(folder: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors as the hub does, with an index where there are several files; earlier ones in the folder go."""
    save_torch_state_dict(dict(tensors), folder, max_shard_size=MAX_FILE)
    for file in folder.glob("*.safetensors"):
        file.chmod(0o644)


def load_weights(folder: Path) -> dict[str, Tensor]:
    """Read all tensors of a folder, to the CPU. Raises TrainingError for none and for damaged ones."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise TrainingError(f"{folder} has no .safetensors weights")
    tensors: dict[str, Tensor] = {}
    for file in files:
        try:
            tensors.update(load_file(file))
        except (OSError, ValueError, SafetensorError) as error:
            raise TrainingError(f"{file} is damaged ({error}); put back a copy of it") from None
    return tensors


def save_state(folder: Path, progress: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Replace the checkpoint in `folder`; killed at any moment, `load_state` finds the old state or the new one."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    save_weights(fresh, tensors)
    files = len(list(fresh.glob("*.safetensors")))
    write_json(fresh / "progress.json", {**progress, "files": files}, indent=1, end="")
    swap(fresh, folder)


def load_state(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """Read a checkpoint, its tensors to the CPU, None when there is none.

    Raises TrainingError for one that is damaged or of an earlier version, FileError for progress that is not JSON.
    """
    place = standing(folder)
    path = place / "progress.json"
    if not path.is_file():
        return None
    progress = read_object(path)
    if missing := sorted(_NEEDED - progress.keys()):
        raise TrainingError(
            f"{path} is not the progress of a run of this version: it has no {missing[0]!r}; "
            "put back a copy of it, or train in another folder"
        )
    found, written = len(list(place.glob("*.safetensors"))), progress.pop("files")
    if found != written:
        raise TrainingError(f"{place} has {found} of {written} files of weights; put back a copy of the others")
    return progress, load_weights(place)
