"""The conversation with a model: its turns, its control tokens, Qwen2.5-VL's text, and a checkpoint's own template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer

from unimumer.engines.base import EngineError, Finish, Text
from unimumer.engines.repetition import first_loop
from unimumer.files import read_object
from unimumer.tasks import prompts

if TYPE_CHECKING:
    from unimumer.engines.checkpoint import Checkpoint

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
PICTURE = "<|image_pad|>"
"""Stands for the picture in a prompt of each of the backbones."""
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


class Template:
    """From a question to token ids, and back, by a checkpoint's own tokenizer and template; needs transformers."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        """Load the tokenizer; raises EngineError when the folder has none, or no chat template."""
        from transformers import AutoTokenizer

        folder = checkpoint.folder
        try:
            tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        except Exception as error:  # the library's errors share no base
            raise EngineError(f"the tokenizer in {folder} cannot be used: {error}") from None
        self.tokenizer = tokenizer
        if not tokenizer.chat_template:
            raise EngineError(f"{folder} has no chat template (chat_template.jinja); copy it from the base model")
        self.picture_id: int = tokenizer.convert_tokens_to_ids(PICTURE)
        self.ends = _ends(checkpoint, tokenizer)

    def prompt_ids(self, question: str) -> list[int]:
        """Token ids of the conversation up to the answer, with one id for the picture; thinking is switched off."""
        text = self.tokenizer.apply_chat_template(
            turns(question, {"type": "image"}),
            add_generation_prompt=True,
            tokenize=False,
            enable_thinking=False,
        )
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        if ids.count(self.picture_id) != 1:
            raise EngineError(f"the chat template does not place the picture: it has no {PICTURE}, or several")
        return ids

    def text(self, ids: Sequence[int], logprobs: Sequence[float]) -> Text:
        """Decode an answer without its control tokens."""
        tokens = tuple("" if i in self.ends else self._decode([i]) for i in ids)
        return Text(self._decode(ids), tuple(logprobs), tokens)

    def cut(self, ids: list[int], logprobs: list[float], finish: Finish) -> tuple[Text, Finish]:
        """Decode an answer that was not watched while it was written: a loop in it is cut."""
        loop = first_loop(ids)
        if loop is None:
            return self.text(ids, logprobs), finish
        return self.text(ids[: loop.kept], logprobs[: loop.kept]), "repetition"

    def _decode(self, ids: Sequence[int]) -> str:
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False))


def _ends(checkpoint: Checkpoint, tokenizer: Any) -> frozenset[int]:
    """Tokens that end an answer: those of generation_config.json and the tokenizer's own."""
    path = checkpoint.folder / "generation_config.json"
    try:
        listed = read_object(path).get("eos_token_id") if path.is_file() else None
        ends = listed if isinstance(listed, list) else [listed, tokenizer.eos_token_id]
        return frozenset(int(end) for end in ends if end is not None)
    except (ValueError, TypeError) as error:
        raise EngineError(f"{path} is damaged: {error}") from None
