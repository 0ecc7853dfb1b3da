"""The conversation with a model: its turns, its control tokens, and Qwen2.5-VL's text around a picture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

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


_LOOKS_LIKE_CONTROL = re.compile(r"<\|([^<|>]*)\|>")


def harmless(text: str) -> str:
    """Spell out control tokens: `<|im_end|>` becomes `< im_end >`, which no tokenizer takes for more than text.

    All of this form are meant, whatever the model. In a user's text such a token has crashed Qwen2.5-VL servers.
    """
    return _LOOKS_LIKE_CONTROL.sub(r"< \1 >", text)


def after(prompt: str) -> str:
    """What follows the picture, up to the answer; control tokens inside `prompt` are made harmless."""
    return f"<|vision_end|>{harmless(prompt)}<|im_end|>\n<|im_start|>assistant\n"


def turns(prompt: str, picture: dict[str, Any]) -> list[dict[str, Any]]:
    """System and user turn, as chat templates and servers take them; `picture` is the part that stands for it."""
    question = {"type": "text", "text": harmless(prompt)}
    return [{"role": "system", "content": prompts.SYSTEM}, {"role": "user", "content": [picture, question]}]


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
