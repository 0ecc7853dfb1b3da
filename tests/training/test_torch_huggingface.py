"""Hugging Face folders that are read: the released one, and such as Nano cannot be made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from unimumer.training import TrainingError
from unimumer.training.nano.huggingface import export_huggingface, huggingface_config, read_huggingface, shape_of
from unimumer.training.nano.model import Nano, fold
from unimumer.training.nano.shape import Shape
from unimumer.training.nano.vocabulary import build_tokenizer

from .conftest import TINY

pytestmark = pytest.mark.torch

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tokenizer = build_tokenizer(["x + 1"])
    vocabulary = -(-tokenizer.get_vocab_size() // 64) * 64
    export_huggingface(Nano(Shape(vocabulary, **TINY)), tokenizer, tmp_path / "tiny")
    return tmp_path / "tiny"


def test_the_shipped_folder_gives_the_shipped_weights() -> None:
    """The graphs themselves are compared where the export is tested; that takes its time."""
    model, tokenizer = read_huggingface(MODELS / "nano")
    tensors: dict[str, Any] = {}
    for file in sorted((MODELS / "nano").glob("*.safetensors")):
        tensors |= load_file(file)
    expected = fold(tensors)
    state = model.state_dict()
    assert state.keys() == expected.keys() and all(torch.equal(state[key], expected[key]) for key in state)
    assert tokenizer.get_vocab_size() <= model.shape.vocabulary


def test_a_shape_survives_its_configuration() -> None:
    shape = Shape(1088, **TINY)
    ids = {name: 0 for name in ("<|endoftext|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>")}
    ids |= {"<|vision_pad|>": 0, "<|image_pad|>": 0, "<|video_pad|>": 0}
    assert shape_of(huggingface_config(shape, ids), Path("x")) == shape


@pytest.mark.parametrize(
    ("part", "key", "value", "reason"),
    [
        (None, "model_type", "qwen3_vl", "model_type is qwen3_vl"),
        (None, "tie_word_embeddings", False, "tie_word_embeddings"),
        ("vision_config", "fullatt_block_indexes", [0], "fullatt_block_indexes"),
        ("vision_config", "depth", None, "no usable"),
        ("text_config", "rope_parameters", {}, "rope_theta"),
        ("text_config", "num_hidden_layers", 3, "not those of its config"),
    ],
)
def test_other_models_are_refused(folder: Path, part: str | None, key: str, value: Any, reason: str) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    (config if part is None else config[part])[key] = value
    path.write_text(json.dumps(config))
    with pytest.raises(TrainingError, match=reason):
        read_huggingface(folder)


def test_folders_without_sound_weights(folder: Path) -> None:
    (file,) = folder.glob("*.safetensors")
    tensors = load_file(file)
    save_file({k: v for k, v in tensors.items() if "layers.0" not in k}, file)
    with pytest.raises(TrainingError, match="not those of its config"):
        read_huggingface(folder)
    file.write_bytes(b"no")
    with pytest.raises(TrainingError, match="damaged"):
        read_huggingface(folder)
    file.unlink()
    with pytest.raises(TrainingError, match=r"no \.safetensors weights"):
        read_huggingface(folder)
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(TrainingError, match="merge it with its model first"):
        read_huggingface(folder)
