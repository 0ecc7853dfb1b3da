"""The model that a run starts from: its folder checked, its size known, the memory it will need estimated."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open

from unimumer.engines.checkpoint import read_checkpoint
from unimumer.engines.pictures import training_sizes
from unimumer.engines.zoo import BACKBONES, Size
from unimumer.errors import UnimumerError
from unimumer.files import read_object
from unimumer.training import TrainingError
from unimumer.training.llamafactory.config import Config


def examine(name: str) -> Size | None:
    """Size of a model: of a folder, whose weights must be whole, or of a known name; None for another name.

    Raises TrainingError for a folder that transformers could not load.
    """
    folder = Path(name)
    if not folder.is_dir():
        if name.startswith((".", "/")) or name.count("/") != 1:
            raise TrainingError(f"{name} is no folder here, nor a name OWNER/MODEL of the hub")
        return BACKBONES[name].size if name in BACKBONES else None
    config = read_object(folder / "config.json")
    text = config.get("text_config", config)
    try:
        layers, width, vocabulary = (int(text[key]) for key in ("num_hidden_layers", "hidden_size", "vocab_size"))
    except (KeyError, TypeError, ValueError):
        raise TrainingError(f"{folder / 'config.json'}: not the configuration of a language model") from None
    for needed in ("tokenizer.json", "tokenizer_config.json"):
        if not (folder / needed).is_file():
            raise TrainingError(f"{folder} has no {needed}")
    return Size(sum(count_parameters(file) for file in weight_files(folder)), layers, width, vocabulary)


def weight_files(folder: Path) -> list[Path]:
    """The files of a model's weights. Raises TrainingError when there are none, and where only pickles are."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        pickled = " (pickled weights are not read: they can run code)" if any(folder.glob("*.bin")) else ""
        raise TrainingError(f"{folder} has no .safetensors weights{pickled}")
    return files


def count_parameters(file: Path) -> int:
    """Number of values in a safetensors file, from its header. Raises TrainingError when it is cut off or damaged."""
    try:
        with safe_open(file, "numpy") as tensors:
            return sum(math.prod(tensors.get_slice(name).get_shape()) for name in tensors.keys())  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise TrainingError(f"{file} is damaged ({error}); put back a copy of it") from None


def picture_tokens(config: Config) -> Callable[[tuple[int, int]], int]:
    """How many tokens at least the model makes of a picture of some height and width; 0 where that is not known.

    Of a model on the hub only the side of its cells is known, not the least size of its pictures.
    """
    name, cap = config.text("model_name_or_path"), int(config.number("image_max_pixels", 768 * 768))
    least, most = 0, cap
    if Path(name).is_dir():
        try:
            checkpoint = read_checkpoint(Path(name))
        except UnimumerError:
            return lambda size: 0
        cell, least, most = checkpoint.cell, checkpoint.min_pixels, checkpoint.max_pixels
    elif name in BACKBONES:
        cell = 28 if BACKBONES[name].name.startswith("Qwen2.5") else 32
    else:
        return lambda size: 0

    def tokens(size: tuple[int, int]) -> int:
        *_, (height, width) = training_sizes(*size, cap, cell, least, most)
        return height * width // cell**2

    return tokens


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that one process needs on its device."""

    states: float
    """Weights, gradients and the optimizer's moments; exact for full fine-tuning."""
    activations: float
    """At most, if every conversation were as long as `cutoff_len`; gradient checkpointing is on."""


def estimate(size: Size, config: Config, processes: int) -> Memory:
    """What training takes a process.

    AdamW holds, a trained parameter, 2 bytes of weight, 2 of gradient and 12 of master copy and moments in bfloat16
    (Rajbhandari et al., 2020, section 3.1), 16 in float32 too; ZeRO-2 shares out all but the weights, ZeRO-3 all.
    Activations: a hidden state a layer is kept, one layer is worked on (34 bytes a value: Korthikanti et al., 2022),
    and logits are there as bfloat16, as float32 and as gradient.
    """
    tokens = config.number("per_device_train_batch_size", 8) * config.number("cutoff_len", 2048)
    wide = 2 if config.flag("bf16") or config.flag("fp16") else 4
    activations = tokens * (size.width * (wide * size.layers + 17 * wide) + size.vocabulary * (wide + 8))
    if config.text("finetuning_type") == "lora":
        adapters = config.number("lora_rank", 8) * 20 * size.width * size.layers
        return Memory(wide * size.parameters + 16 * adapters, activations)
    bytes_each = {2: 2 + 14 / processes, 3: 16 / processes}.get(zero_stage(config), 16.0)
    return Memory(size.parameters * bytes_each, activations)


def zero_stage(config: Config) -> int:
    """Stage of DeepSpeed's ZeRO that a run uses; 0 without DeepSpeed. Raises TrainingError for a file that is none."""
    if not config.settings.get("deepspeed"):
        return 0
    path = Path(config.text("deepspeed"))
    try:
        return int(read_object(path)["zero_optimization"]["stage"])
    except (KeyError, TypeError, ValueError):
        raise TrainingError(f"{path}: no zero_optimization.stage in it") from None
