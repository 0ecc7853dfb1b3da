"""Nano as a Hugging Face folder: written for transformers, vLLM and LLaMA-Factory, read as fine-tuning leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from unimumer.engines import chat
from unimumer.engines.checkpoint import scale_entry
from unimumer.engines.geometry import MERGE, PATCH
from unimumer.files import read_object, write_json, write_text
from unimumer.imaging.scale import CELL
from unimumer.tasks import prompts
from unimumer.training import TrainingError
from unimumer.training.nano.checkpoint import load_weights, save_weights
from unimumer.training.nano.model import Nano, fold, unfold
from unimumer.training.nano.shape import MAX_COLUMNS, MAX_ROWS, SCALE, Shape

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
TEXT_FIELDS = {
    "vocab_size": "vocabulary",
    "hidden_size": "text_width",
    "intermediate_size": "text_hidden",
    "num_hidden_layers": "text_depth",
    "num_attention_heads": "text_heads",
    "num_key_value_heads": "text_kv_heads",
}
VISION_FIELDS = {
    "depth": "vision_depth",
    "hidden_size": "vision_width",
    "intermediate_size": "vision_hidden",
    "num_heads": "vision_heads",
}
"""Fields of a `Shape` by what transformers' configurations of text and vision call them."""


def export_huggingface(model: Nano, tokenizer: Tokenizer, folder: Path) -> None:
    """Write weights (float16, files under 16 MiB), configuration, tokenizer and picture processor."""
    take_over(folder)
    save_weights(folder, unfold(model.state_dict()))
    ids = {name: chat.token_id(tokenizer, name) for name in chat.CONTROL}
    configurations = {
        "config": huggingface_config(model.shape, ids),
        "generation_config": {"eos_token_id": ids["<|im_end|>"], "pad_token_id": ids["<|endoftext|>"]},
        "preprocessor_config": _processor_config(),
        "tokenizer_config": _tokenizer_config(),
    }
    for name, content in configurations.items():
        write_json(folder / f"{name}.json", content, indent=1)
    write_text(folder / "chat_template.jinja", CHAT_TEMPLATE)
    write_text(folder / "tokenizer.json", tokenizer.to_str(pretty=True))


def take_over(folder: Path) -> None:
    """Make the folder, or take over one that this module wrote. Raises TrainingError where another model is in it."""
    template = folder / "chat_template.jinja"
    if any(folder.glob("*.safetensors")) and not (template.is_file() and template.read_text() == CHAT_TEMPLATE):
        raise TrainingError(f"{folder} holds another model; give another folder")
    folder.mkdir(parents=True, exist_ok=True)


def huggingface_config(shape: Shape, ids: dict[str, int]) -> dict[str, Any]:
    """`config.json` of transformers' `Qwen2_5_VLForConditionalGeneration`; `ids` gives the special tokens' ids."""
    return {
        "architectures": ["Qwen2_5_VLForConditionalGeneration"],
        "model_type": "qwen2_5_vl",
        "dtype": "float32",
        "bos_token_id": ids["<|endoftext|>"],
        "eos_token_id": ids["<|im_end|>"],
        "pad_token_id": ids["<|endoftext|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
        "vision_token_id": ids["<|vision_pad|>"],
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "tie_word_embeddings": True,
        "text_config": _text_config(shape),
        "vision_config": _vision_config(shape),
    }


def _text_config(shape: Shape) -> dict[str, Any]:
    return {
        "model_type": "qwen2_5_vl_text",
        **{theirs: getattr(shape, ours) for theirs, ours in TEXT_FIELDS.items()},
        "hidden_act": "silu",
        "max_position_embeddings": 4096,
        "rms_norm_eps": 1e-6,
        "use_sliding_window": False,
        "tie_word_embeddings": True,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": shape.rope_theta,
            "mrope_section": list(shape.sections),
        },
    }


def _vision_config(shape: Shape) -> dict[str, Any]:
    return {
        "model_type": "qwen2_5_vl",
        **{theirs: getattr(shape, ours) for theirs, ours in VISION_FIELDS.items()},
        "out_hidden_size": shape.text_width,
        "hidden_act": "silu",
        "in_channels": 3,
        "patch_size": PATCH,
        "spatial_merge_size": MERGE,
        "temporal_patch_size": 2,
        "tokens_per_second": 2,
        "window_size": 8 * PATCH,
        "fullatt_block_indexes": list(range(shape.vision_depth)),
    }


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


def read_huggingface(folder: Path) -> tuple[Nano, Tokenizer]:
    """The model in a Hugging Face folder, and its tokenizer.

    Its picture processor is not read: pictures are brought to Nano's scale, gray, whatever it says. Raises
    TrainingError for another architecture or damaged files, EngineError for no tokenizer.
    """
    if (folder / "adapter_config.json").is_file():
        raise TrainingError(f"{folder} is an adapter; merge it with its model first (`llamafactory-cli export`)")
    model = Nano(shape_of(read_object(folder / "config.json"), folder))
    # Some programs write the output layer too, which is the embedding once more.
    tensors = {key: tensor for key, tensor in load_weights(folder).items() if key != "lm_head.weight"}
    try:
        model.load_state_dict(fold(tensors))
    except (RuntimeError, KeyError, IndexError) as error:
        raise TrainingError(f"the weights in {folder} are not those of its config.json ({error})") from None
    return model, chat.load_tokenizer(folder / "tokenizer.json")


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
