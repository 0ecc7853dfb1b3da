"""The size of a Nano model and of what it sees, and the Qwen2.5-VL configuration that describes it to others."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from unimumer.engines.geometry import MERGE, PATCH
from unimumer.engines.pictures import Scale

SYMBOL_PIXELS = 30.0
"""Typical size of a stroke in a training picture, pixels, by `ink.picture.stroke_size`."""
MAX_ROWS, MAX_COLUMNS = 8, 48
"""Largest picture, in cells; larger ink is shrunk to fit."""
SCALE = Scale(33.6, MAX_ROWS, MAX_COLUMNS)
"""The scale at which pictures are read. `imaging.symbol_size` sees the pen's width too and is about 9 % larger than the
measure of strokes by which training pictures are drawn, so this is `SYMBOL_PIXELS` with a little to spare."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Widths and depths; everything else follows from the architecture. The default has 6 million parameters."""

    vocabulary: int
    vision_depth: int = 6
    vision_width: int = 192
    vision_heads: int = 3
    vision_hidden: int = 576
    text_depth: int = 4
    text_width: int = 256
    text_heads: int = 4
    text_kv_heads: int = 2
    text_hidden: int = 704
    rope_theta: float = 10000.0

    @property
    def head(self) -> int:
        """Width of one attention head of the text model."""
        return self.text_width // self.text_heads

    @property
    def sections(self) -> tuple[int, int, int]:
        """How many rotary frequencies turn with time, row and column; they sum to half a head."""
        spatial = self.head * 3 // 16
        return self.head // 2 - 2 * spatial, spatial, spatial

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for checkpoints."""
        return asdict(self)


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
