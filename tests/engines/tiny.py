"""Tiny checkpoints with random weights, one of each backbone, in Hugging Face's layout."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from .suite import CHECKPOINT

_TEXT = {
    # As many rows as the repository's model has: its tokenizer is used.
    "vocab_size": json.loads((Path(CHECKPOINT) / "config.json").read_text())["text_config"]["vocab_size"],
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 32,
    "max_position_embeddings": 4096,
    "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6]},
    "tie_word_embeddings": True,
}
_VISION = {"depth": 2, "hidden_size": 64, "intermediate_size": 96, "num_heads": 2, "out_hidden_size": 64}
_HYBRID = {
    "layer_types": ["linear_attention", "full_attention"],
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 2,
    "linear_key_head_dim": 32,
    "linear_value_head_dim": 32,
}
"""Qwen3.5 mixes layers with a running state among those with attention."""
_IDS = {"vision_start_token_id": 3, "vision_end_token_id": 4, "image_token_id": 6, "video_token_id": 7}


def make_checkpoint(kind: str, folder: Path) -> Path:
    """Write a random model of type `kind`; needs torch and transformers."""
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText

    text: dict[str, Any] = dict(_TEXT)
    vision: dict[str, Any] = dict(_VISION)
    cell = 28
    if kind == "qwen3_vl":
        vision |= {"patch_size": 16, "deepstack_visual_indexes": [0], "num_position_embeddings": 64}
        cell = 32
    if kind == "qwen3_5":
        vision |= {"patch_size": 16, "num_position_embeddings": 64}
        # The rotary part is a quarter of a head there.
        text |= _HYBRID | {"rope_parameters": {**_TEXT["rope_parameters"], "mrope_section": [2, 1, 1]}}  # type: ignore[dict-item]
        cell = 32
    config = AutoConfig.for_model(kind, text_config=text, vision_config=vision, tie_word_embeddings=True, **_IDS)
    torch.manual_seed(7)
    model = AutoModelForImageTextToText.from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4)  # larger differences between tokens than rounding can turn round
    model.save_pretrained(folder)
    for file in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"):
        shutil.copy(Path(CHECKPOINT) / file, folder / file)
    processor = json.loads((Path(CHECKPOINT) / "preprocessor_config.json").read_text())
    for field in ("unimumer", "min_pixels", "max_pixels"):
        del processor[field]
    processor |= {"patch_size": cell // 2, "size": {"shortest_edge": 4 * cell**2, "longest_edge": 200 * cell**2}}
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    return folder
