"""Checkpoints: small files, no moment at which a kill loses the run, and damage that is found."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from unimumer.files import FileError
from unimumer.training import TrainingError
from unimumer.training.nano.checkpoint import MAX_FILE, load_state, save_state

pytestmark = pytest.mark.torch

PROGRESS = {"elapsed": 0.0, "pictures": 0, "shape": {}, "seed": 0, "corpus": ""}


def save(folder: Path, step: int) -> None:
    save_state(folder, {**PROGRESS, "step": step}, {"t": torch.full((3,), float(step))})


def saved(folder: Path) -> int:
    found = load_state(folder)
    assert found is not None and found[1]["t"].tolist() == [found[0]["step"]] * 3
    return int(found[0]["step"])


def test_files_stay_small_and_state_survives(tmp_path: Path) -> None:
    tensors = {f"t{i}": torch.full((1 << 20,), float(i)) for i in range(9)}
    save(tmp_path / "c", 1)
    save_state(tmp_path / "c", {**PROGRESS, "step": 2}, tensors)
    files = list((tmp_path / "c").glob("*.safetensors"))
    assert len(files) == 3 and all(MAX_FILE // 3 < file.stat().st_size < 2**24 for file in files)
    assert all(file.stat().st_mode & 0o777 == 0o644 for file in files)
    found = load_state(tmp_path / "c")
    assert found is not None and found[0] == {**PROGRESS, "step": 2}
    assert found[1].keys() == tensors.keys()
    assert all(torch.equal(found[1][name], tensor) for name, tensor in tensors.items())
    assert [path.name for path in tmp_path.iterdir()] == ["c"]
    assert load_state(tmp_path / "none") is None


@pytest.mark.parametrize("moves", [0, 1])
def test_kills_leave_the_old_state_or_the_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int) -> None:
    """Each of two attempts to save is killed when it has moved so many folders."""
    save(tmp_path / "c", 1)
    for attempt in (2, 3):
        left = [KeyboardInterrupt, *[None] * moves]

        def replace(source: Path, target: Path, left: list[type[BaseException] | None] = left) -> None:
            if error := left.pop():
                raise error
            os.rename(source, target)

        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            patch.setattr(os, "replace", replace)
            save(tmp_path / "c", attempt)
        assert saved(tmp_path / "c") in (1, attempt)
    save(tmp_path / "c", 99)
    assert saved(tmp_path / "c") == 99 and [path.name for path in tmp_path.iterdir()] == ["c"]


def test_damage_is_named_and_nobody_is_told_to_delete(tmp_path: Path) -> None:
    save(tmp_path / "c", 1)
    weights, progress = tmp_path / "c" / "model.safetensors", tmp_path / "c" / "progress.json"
    whole = weights.read_bytes()
    for content in (whole[:-1], whole[:4], b"", b"\xff" * 64):
        weights.write_bytes(content)
        with pytest.raises(TrainingError, match=r"model\.safetensors is damaged .*put back a copy"):
            load_state(tmp_path / "c")
    weights.unlink()
    with pytest.raises(TrainingError, match="0 of 1 files of weights"):
        load_state(tmp_path / "c")
    for text in ("{}", json.dumps({**PROGRESS, "step": 1})):  # the second is of a version that counted no files
        progress.write_text(text)
        with pytest.raises(TrainingError, match=r"progress\.json .*of this version.*put back a copy"):
            load_state(tmp_path / "c")
    progress.write_text('{"step": 1')
    with pytest.raises(FileError, match=r"progress\.json: line 1"):
        load_state(tmp_path / "c")
