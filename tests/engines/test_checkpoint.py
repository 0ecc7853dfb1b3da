"""Model folders: what is taken for which, and what is refused before anything heavy is loaded."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unimumer.engines.base import EngineError, Request
from unimumer.engines.checkpoint import find_checkpoint, read_checkpoint
from unimumer.engines.load import MAX_PIXELS
from unimumer.engines.nano import NanoEngine
from unimumer.engines.zoo import FAMILIES

from .suite import CHECKPOINT, examples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of Nano's folder."""
    return Path(shutil.copytree(CHECKPOINT, tmp_path / "model"))


def change(path: Path, **fields: Any) -> None:
    """Set fields of a JSON file; None removes one."""
    content = json.loads(path.read_text()) | fields
    path.write_text(json.dumps({name: value for name, value in content.items() if value is not None}))


def test_nano_is_seen_as_its_own_runtime_sees_it() -> None:
    checkpoint = find_checkpoint(CHECKPOINT)
    assert (checkpoint.name, checkpoint.cell) == ("nano", 28)
    nano = NanoEngine.load(threads=1)
    for request in examples():
        prepared = checkpoint.prepared(request, MAX_PIXELS)
        assert np.array_equal(prepared, np.repeat(nano.prepare(request)[:, :, None], 3, axis=2))


@pytest.mark.parametrize("kind", FAMILIES)
def test_every_backbone_is_known(kind: str, folder: Path) -> None:
    change(folder / "config.json", model_type=kind)
    change(folder / "preprocessor_config.json", unimumer=None)
    assert read_checkpoint(folder).scale is None


def test_large_pictures_come_at_the_size_of_training(folder: Path) -> None:
    size = {"shortest_edge": 3136, "longest_edge": 12_845_056}
    change(folder / "preprocessor_config.json", unimumer=None, size=size, min_pixels=None, max_pixels=None)
    checkpoint = read_checkpoint(folder)
    picture = Request(np.full((2000, 3000, 3), 255, np.uint8), "p")
    height, width = checkpoint.prepared(picture, MAX_PIXELS).shape[:2]
    assert (height, width) == (420, 616) and height * width <= MAX_PIXELS
    assert checkpoint.prepared(picture, 10**7).shape[:2] == (1988, 2996)
    small = Request(np.full((20, 30, 3), 255, np.uint8), "p")
    assert checkpoint.prepared(small, MAX_PIXELS).shape == (56, 84, 3)


def test_processor_settings_may_lie_in_another_file(folder: Path) -> None:
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(EngineError, match=r"processor_config.json"):
        read_checkpoint(folder)
    (folder / "processor_config.json").write_text(json.dumps({"image_processor": settings}))
    assert read_checkpoint(folder).scale == find_checkpoint(CHECKPOINT).scale


def test_an_unknown_model_is_named_and_the_known_ones_too(folder: Path) -> None:
    change(folder / "config.json", model_type="llava")
    with pytest.raises(EngineError, match=r"type 'llava'; this version runs Qwen2.5-VL .*Qwen3-VL .*Qwen3.5"):
        read_checkpoint(folder)


def test_pickles_are_refused_unread(folder: Path) -> None:
    for path in folder.glob("*.safetensors"):
        path.unlink()
    with pytest.raises(EngineError, match="holds no weights"):
        read_checkpoint(folder)

    class Bomb:
        def __reduce__(self) -> Any:
            return (Path.touch, (folder / "ran",))

    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(EngineError, match="pickles"):
        find_checkpoint(str(folder))
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "3", "[" * 100_000, "\x00"])
@pytest.mark.parametrize("file", ["config.json", "preprocessor_config.json"])
def test_damaged_files_are_a_clear_error(folder: Path, file: str, content: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises(EngineError, match=f"{file}"):
        read_checkpoint(folder)


@pytest.mark.parametrize("fields", [{"size": 3}, {"size": {"longest_edge": "x"}}, {"unimumer": {"rows": 1}}])
def test_settings_of_the_wrong_kind_are_a_clear_error(folder: Path, fields: dict[str, Any]) -> None:
    change(folder / "preprocessor_config.json", **fields)
    with pytest.raises(EngineError, match="damaged"):
        read_checkpoint(folder)


def test_the_fingerprint_tells_weights_and_settings_apart(folder: Path) -> None:
    first = read_checkpoint(folder).fingerprint
    assert first == find_checkpoint(CHECKPOINT).fingerprint
    weights = next(folder.glob("*.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))
    second = read_checkpoint(folder).fingerprint
    change(folder / "preprocessor_config.json", unimumer=None)
    assert len({first, second, read_checkpoint(folder).fingerprint}) == 3


@pytest.mark.parametrize("name", ["", "nowhere", "/nowhere/x", "../a", "a/b/c", "a b/c", "https://x/y"])
def test_what_is_neither_folder_nor_hub_name_opens_no_connection(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    if name:
        with pytest.raises(EngineError, match="there is no folder"):
            find_checkpoint(name)


def test_a_model_that_cannot_be_fetched_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(name: str, **rest: object) -> str:
        raise ConnectionError("no route to host\nsecond line")

    monkeypatch.setattr("huggingface_hub.snapshot_download", offline)
    with pytest.raises(EngineError, match=r"could not be fetched from the hub \(no route to host\).*hf download a/b"):
        find_checkpoint("a/b")
