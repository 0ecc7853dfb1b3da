"""The conversation format of Qwen2.5-VL: its control tokens, and the text around a picture."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

from unimumer.engines.base import EngineError
from unimumer.tasks import prompts

CONTROL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
END = "<|im_end|>"
BEFORE = f"<|im_start|>system\n{prompts.SYSTEM}<|im_end|>\n<|im_start|>user\n<|vision_start|>"
"""All that comes before the picture."""


def after(prompt: str) -> str:
    """What follows the picture, up to the answer; control tokens inside `prompt` are made harmless."""
    for token in CONTROL:
        prompt = prompt.replace(token, token.replace("|", " "))
    return f"<|vision_end|>{prompt}<|im_end|>\n<|im_start|>assistant\n"


def load_tokenizer(path: Path) -> Tokenizer:
    """Read a `tokenizer.json`. Raises EngineError when it is not one."""
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise EngineError(f"{path} is not a tokenizer: {error}") from None


def token_id(tokenizer: Tokenizer, token: str) -> int:
    """Id of a control token. Raises EngineError when the tokenizer is not one of this format."""
    number = tokenizer.token_to_id(token)
    if number is None:
        raise EngineError(f"the tokenizer has no {token}: it is not one of a Qwen2.5-VL model")
    return int(number)
