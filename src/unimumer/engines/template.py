"""Prompts and texts of a checkpoint, by its own tokenizer and chat template; needs transformers, not torch."""

from __future__ import annotations

from typing import Any

from unimumer.engines import chat
from unimumer.engines.base import EngineError, Finish, Text
from unimumer.engines.checkpoint import Checkpoint
from unimumer.engines.repetition import first_loop
from unimumer.files import read_object

PICTURE = "<|image_pad|>"
"""Stands for the picture in a prompt of each of the backbones."""


class Template:
    """From a question to token ids, and back from token ids to a text."""

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
            chat.turns(question, {"type": "image"}),
            add_generation_prompt=True,
            tokenize=False,
            enable_thinking=False,
        )
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        if ids.count(self.picture_id) != 1:
            raise EngineError(f"the chat template does not place the picture: it has no {PICTURE}, or several")
        return ids

    def text(self, ids: list[int], logprobs: list[float]) -> Text:
        """Decode an answer without its control tokens."""
        tokens = tuple("" if i in self.ends else self._decode([i]) for i in ids)
        return Text(self._decode(ids), tuple(logprobs), tokens)

    def cut(self, ids: list[int], logprobs: list[float], finish: Finish) -> tuple[Text, Finish]:
        """Decode an answer that was not watched while it was written: a loop in it is cut."""
        loop = first_loop(ids)
        if loop is None:
            return self.text(ids, logprobs), finish
        return self.text(ids[: loop.kept], logprobs[: loop.kept]), "repetition"

    def _decode(self, ids: list[int]) -> str:
        return str(self.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def _ends(checkpoint: Checkpoint, tokenizer: Any) -> frozenset[int]:
    """Tokens that end an answer: those of generation_config.json and the tokenizer's own."""
    path = checkpoint.folder / "generation_config.json"
    try:
        listed = read_object(path).get("eos_token_id") if path.is_file() else None
        ends = listed if isinstance(listed, list) else [listed, tokenizer.eos_token_id]
        return frozenset(int(end) for end in ends if end is not None)
    except (ValueError, TypeError) as error:
        raise EngineError(f"{path} is damaged: {error}") from None
