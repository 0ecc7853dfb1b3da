"""Writes a trained Nano as a Hugging Face folder, for transformers, vLLM and LLaMA-Factory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor

from unimumer import files
from unimumer.engines import chat
from unimumer.engines.checkpoint import scale_entry
from unimumer.engines.geometry import MERGE, PATCH
from unimumer.imaging.scale import CELL
from unimumer.tasks import prompts
from unimumer.training import TrainingError
from unimumer.training.nano.checkpoint import shards
from unimumer.training.nano.model import Nano, unfold
from unimumer.training.nano.shape import MAX_COLUMNS, MAX_ROWS, SCALE, huggingface_config

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}"
    f"<|im_start|>system\n{prompts.SYSTEM}<|im_end|>\n"
    "{% endif %}"
    "<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""The conversation format of Qwen2.5-VL, for pictures and text."""


def export_huggingface(model: Nano, tokenizer: Tokenizer, folder: Path) -> None:
    """Write weights (float16, files under 16 MiB), configuration, tokenizer and picture processor."""
    take_over(folder)
    _write_weights(unfold(model.state_dict()), folder)
    ids = {name: chat.token_id(tokenizer, name) for name in chat.CONTROL}
    write_json(folder / "config.json", huggingface_config(model.shape, ids))
    write_json(
        folder / "generation_config.json",
        {"eos_token_id": ids["<|im_end|>"], "pad_token_id": ids["<|endoftext|>"]},
    )
    write_json(folder / "preprocessor_config.json", _processor_config())
    write_json(folder / "tokenizer_config.json", _tokenizer_config())
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
    tokenizer.save(str(folder / "tokenizer.json"))


def take_over(folder: Path) -> None:
    """Make the folder, or take over one that this module wrote. Raises TrainingError where another model is in it."""
    template = folder / "chat_template.jinja"
    if any(folder.glob("*.safetensors")) and not (template.is_file() and template.read_text() == CHAT_TEMPLATE):
        raise TrainingError(f"{folder} holds another model; give another folder")
    folder.mkdir(parents=True, exist_ok=True)


def _write_weights(tensors: dict[str, Tensor], folder: Path) -> None:
    for stale in folder.glob("model*.safetensors*"):
        stale.unlink()
    groups = shards(tensors)
    names = [f"model-{i + 1:05d}-of-{len(groups):05d}.safetensors" for i in range(len(groups))]
    for name, group in zip(names, groups):
        save_file(group, folder / name, metadata={"format": "pt"})
        (folder / name).chmod(0o644)
    total = sum(t.numel() * t.element_size() for t in tensors.values())
    where = {key: name for name, group in zip(names, groups) for key in group}
    write_json(folder / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": where})


def _processor_config() -> dict[str, Any]:
    """Pictures that are multiples of a cell pass unchanged; paper becomes 0 and ink -1, as in training."""
    return {
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": "Qwen2_5_VLProcessor",
        "do_convert_rgb": True,
        "do_resize": True,
        "do_rescale": True,
        "do_normalize": True,
        "rescale_factor": 1 / 255,
        "image_mean": [1.0, 1.0, 1.0],
        "image_std": [1.0, 1.0, 1.0],
        "patch_size": PATCH,
        "temporal_patch_size": 2,
        "merge_size": MERGE,
        "min_pixels": CELL * CELL,
        "max_pixels": MAX_ROWS * MAX_COLUMNS * CELL * CELL,
        **scale_entry(SCALE),
    }


def _tokenizer_config() -> dict[str, Any]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "processor_class": "Qwen2_5_VLProcessor",
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "additional_special_tokens": list(chat.CONTROL[3:]),
        "clean_up_tokenization_spaces": False,
        "model_max_length": 4096,
    }


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON that reads well in a diff."""
    files.write_json(path, content, indent=1)
