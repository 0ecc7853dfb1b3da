"""Checkpoints: small files, no moment at which a kill loses the run, and damage that is found."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch

from unimumer.training import TrainingError
from unimumer.training.nano.checkpoint import MAX_FILE, load_state, save_state, shards

pytestmark = pytest.mark.torch

PROGRESS = {"elapsed": 0.0, "pictures": 0, "shape": {}}


def save(folder: Path, step: int) -> None:
    save_state(folder, {**PROGRESS, "step": step}, {"t": torch.full((3,), float(step))})


def saved(folder: Path) -> int:
    found = load_state(folder)
    assert found is not None and found[1]["t"].tolist() == [found[0]["step"]] * 3
    return int(found[0]["step"])


def test_files_stay_small_and_state_survives(tmp_path: Path) -> None:
    tensors = {f"t{i}": torch.full((1 << 20,), float(i)) for i in range(9)}
    assert all(sum(t.nbytes for t in group.values()) <= MAX_FILE for group in shards(tensors))
    save(tmp_path / "c", 1)
    save_state(tmp_path / "c", {**PROGRESS, "step": 2}, tensors)
    found = load_state(tmp_path / "c")
    assert found is not None and found[0] == {**PROGRESS, "step": 2}
    assert found[1].keys() == tensors.keys()
    assert all(torch.equal(found[1][name], tensor) for name, tensor in tensors.items())
    assert [path.name for path in tmp_path.iterdir()] == ["c"]
    assert load_state(tmp_path / "none") is None


@pytest.mark.parametrize("kills", [(0,), (1,), (1, 0), (1, 0, 0), (0, 1), (1, 1), (1, 0, 1, 0)])
def test_kills_between_the_moves_leave_the_old_state_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: tuple[int, ...]
) -> None:
    """`kills`: for each attempt in turn, how many moves it gets to make before it is killed."""
    folder = tmp_path / "c"
    save(folder, 1)
    last = 1
    for attempt, moves in enumerate(kills, start=2):
        left = iter([True] * moves)

        def replace(source: Path, target: Path, left: object = left) -> None:
            if not next(left, False):  # type: ignore[call-overload]
                raise KeyboardInterrupt
            os.rename(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", replace)
            try:
                save(folder, attempt)
            except KeyboardInterrupt:
                assert saved(folder) == last
            else:
                last = attempt
        assert saved(folder) in (last, attempt)
    save(folder, 99)
    assert saved(folder) == 99 and [path.name for path in tmp_path.iterdir()] == ["c"]


def test_damage_is_named_and_nobody_is_told_to_delete(tmp_path: Path) -> None:
    save(tmp_path / "c", 1)
    shard, progress = tmp_path / "c" / "state-00.safetensors", tmp_path / "c" / "progress.json"
    whole = shard.read_bytes()
    for content in (whole[:-1], whole[:4], b"", b"\xff" * 64):
        shard.write_bytes(content)
        with pytest.raises(TrainingError, match=r"state-00\.safetensors is damaged .*put back a copy"):
            load_state(tmp_path / "c")
    shard.unlink()
    with pytest.raises(TrainingError, match="0 of 1 state files"):
        load_state(tmp_path / "c")
    for text in ('{"step": 1', "[]", "{}", json.dumps({"step": 1})):
        progress.write_text(text)
        with pytest.raises(TrainingError, match=r"progress\.json .*put back a copy"):
            load_state(tmp_path / "c")
