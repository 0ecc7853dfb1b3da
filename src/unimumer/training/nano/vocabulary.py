"""Builds Nano's tokenizer: byte-level BPE of the Qwen2 kind in which every LaTeX token of the labels is one id."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from unimumer.compose.alphabet import TOKENS
from unimumer.engines.chat import CONTROL
from unimumer.tasks import prompts
from unimumer.training import TrainingError

QUESTIONS = (
    prompts.TREE,
    prompts.COUNT,
    prompts.FIND_ERRORS,
    prompts.FIX_ERRORS,
    "\n\nerroneous formula: ",
    "\n\nMarked formula: ",
    "\nMarked formula: ",
    "\nCorrection log: ",
)
"""Fixed texts of the four other tasks that are only ever asked, never answered."""
PHRASES = (
    "system\n",
    "user\n",
    "assistant\n",
    prompts.SYSTEM,
    prompts.RECOGNIZE,
    *QUESTIONS,
    " <error_start>",
    " <error_end>",
    " <deleted>",
    *(f" ({name})" for name in ("right", "sub", "sup", "above", "below", "begin_cases", "end_cases", "nextline")),
)
"""Fixed texts of the five tasks, an id each, so that a prompt costs next to nothing to read."""

_PIECES = r" ?\\[A-Za-z]+| ?\\[^A-Za-z]| ?\{[A-Za-z]+\}| ?[A-Za-z]| ?[0-9]| ?[^\sA-Za-z0-9]|\s"


def build_tokenizer(labels: Iterable[str]) -> Tokenizer:
    """Train on space-tokenized labels; raises TrainingError when a label token does not become one id."""
    written = {token for label in labels for token in label.split()} | set(TOKENS)
    alphabet = sorted(written | {chr(c) for c in range(33, 127)})
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1 << 20,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=[AddedToken(name, special=True, normalized=False) for name in CONTROL],
        show_progress=False,
    )
    tokenizer.train_from_iterator([token for token in alphabet for token in (token, f" {token}")], trainer)
    tokenizer.add_tokens([AddedToken(phrase, normalized=False) for phrase in PHRASES])
    for token in alphabet:
        if len(tokenizer.encode(token).ids) != 1 or len(tokenizer.encode(f" {token}").ids) != 1:
            raise TrainingError(f"label token {token!r} does not become one id")
    return tokenizer


def carried_over(old: Tokenizer, new: Tokenizer) -> list[tuple[int, int]]:
    """Ids of the same text in two tokenizers, old and new."""
    known = old.get_vocab()
    return [(known[text], id) for text, id in new.get_vocab().items() if text in known]
