"""From a Hugging Face folder of Nano's architecture, as fine-tuning leaves it, to graphs that run without torch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from unimumer.engines.chat import load_tokenizer
from unimumer.engines.geometry import MERGE, PATCH
from unimumer.files import read_object
from unimumer.training import TrainingError
from unimumer.training.nano.checkpoint import load_weights
from unimumer.training.nano.model import Nano, fold
from unimumer.training.nano.run import exporter
from unimumer.training.nano.shape import TEXT_FIELDS, VISION_FIELDS, Shape

_TIED = "lm_head.weight"
"""Some programs write the output layer too, which is the embedding once more."""


def convert(folder: Path, runtime: Path, name: str, int8: Collection[str] = ()) -> None:
    """Write the runtime's graphs of the model in `folder`, those named in `int8` with products of 8 bits.

    `name` is what results will record. Its picture processor is not read: the runtime brings pictures to Nano's scale
    itself, gray. Raises TrainingError when the folder holds another architecture or damaged files, and where the
    packages to export are missing.
    """
    graphs = exporter()
    graphs.export_runtime(read_model(folder), load_tokenizer(folder / "tokenizer.json"), runtime, name, int8)


def read_model(folder: Path) -> Nano:
    """The model in a Hugging Face folder. Raises TrainingError for another architecture or damaged files."""
    shape = shape_of(_config(folder / "config.json"), folder)
    tensors = {key: tensor for key, tensor in load_weights(folder).items() if key != _TIED}
    model = Nano(shape)
    try:
        model.load_state_dict(fold(tensors))
    except (RuntimeError, KeyError, IndexError) as error:
        raise TrainingError(f"the weights in {folder} are not those of its config.json ({error})") from None
    return model


def _config(path: Path) -> Mapping[str, Any]:
    if path.with_name("adapter_config.json").is_file():
        raise TrainingError(f"{path.parent} is an adapter; merge it with its model first (`llamafactory-cli export`)")
    return read_object(path)


def shape_of(config: Mapping[str, Any], folder: Path) -> Shape:
    """The shape that `huggingface_config` would describe so. Raises TrainingError for what Nano cannot be."""
    try:
        text, vision = config["text_config"], config["vision_config"]
        parts = ((text, TEXT_FIELDS), (vision, VISION_FIELDS))
        sizes = {ours: part[theirs] for part, names in parts for theirs, ours in names.items()}
        shape = Shape(**sizes, rope_theta=text["rope_parameters"]["rope_theta"])
        fixed = {
            "model_type": (config["model_type"], "qwen2_5_vl"),
            "tie_word_embeddings": (config["tie_word_embeddings"], True),
            "mrope_section": (text["rope_parameters"]["mrope_section"], list(shape.sections)),
            "fullatt_block_indexes": (vision["fullatt_block_indexes"], list(range(shape.vision_depth))),
            "patch_size": (vision["patch_size"], PATCH),
            "spatial_merge_size": (vision["spatial_merge_size"], MERGE),
        }
    except (KeyError, TypeError) as error:
        raise TrainingError(f"{folder}: not a Nano model: config.json has no usable {error}") from None
    wrong = [f"{key} is {found}, not {needed}" for key, (found, needed) in fixed.items() if found != needed]
    if wrong:
        raise TrainingError(f"{folder}: not a Nano model: {'; '.join(wrong)}")
    return shape
