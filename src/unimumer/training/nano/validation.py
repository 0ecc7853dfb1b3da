"""Scores a model on the held-out writers' ink while it is trained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from unimumer.training.nano.batches import ExpressionBatch, Source
from unimumer.training.nano.conversation import IGNORE, Conversation
from unimumer.training.nano.corpus import Corpus
from unimumer.training.nano.objective import Asked, Objective

_TASK_BATCHES = 12
"""Batches on which kinds other than recognition are scored: a figure to follow, not to report."""


@dataclass(frozen=True, slots=True)
class Recognized:
    """How each held-out expression [n] is recognized, given the right tokens before each of its own."""

    new: NDArray[np.bool_]
    """Its label is not among the training labels."""
    right: NDArray[np.bool_]
    """All tokens rank first: these are exactly the expressions that greedy decoding gets right."""
    tokens: NDArray[np.int64]
    """Length of its label, with the end."""
    hits: NDArray[np.int64]
    """Tokens that rank first."""
    losses: NDArray[np.float64]
    """Nats, all tokens together."""


def recognized(objective: Objective, corpus: Corpus, tokenizer: Tokenizer, cells: int) -> Recognized:
    """Read all held-out ink as it was written; in the order of the corpus, whatever the model."""
    source = Source(corpus, Conversation(tokenizer), (0,), validation=True)
    known = {corpus.labels[i] for i in np.flatnonzero(~corpus.validation)}
    found: dict[int, tuple[float, ...]] = {}
    with torch.no_grad(), torch.autocast(objective.device.type, torch.bfloat16):
        for batch in source.once(cells):
            rows = _scored(objective.answers(batch)[0][0])
            found |= dict(zip(batch.members.tolist(), zip(*(column.tolist() for column in rows))))
    members = sorted(found)
    right, tokens, hits, losses = (np.array(column) for column in zip(*(found[i] for i in members)))
    new = np.array([corpus.labels[i] not in known for i in members])
    return Recognized(new, right.astype(bool), tokens, hits, losses)


def validate(
    objective: Objective, corpus: Corpus, tokenizer: Tokenizer, cells: int, kinds: Sequence[str]
) -> dict[str, float]:
    """Score recognition on all held-out ink, and other `kinds` of conversation on some of it.

    `exprate`, in %, counts expressions that are right as a whole. `exprate_new` counts only those whose label is not
    among the training labels: the collections have many expressions in several hands, and only the new ones tell
    whether the model reads or remembers. `<kind>_exact` is the share of whole right answers of another kind.
    """
    found = recognized(objective, corpus, tokenizer, cells)
    new = found.right[found.new]
    with torch.no_grad(), torch.autocast(objective.device.type, torch.bfloat16):
        tasks = _tasks(objective, corpus, tokenizer, cells, kinds)
    return {
        "n": len(found.right),
        "exprate": 100 * float(found.right.mean()),
        "n_new": len(new),
        "exprate_new": 100 * float(new.mean()) if len(new) else 0.0,
        "token_accuracy": 100 * float(found.hits.sum() / found.tokens.sum()),
        "validation_loss": float(found.losses.sum() / found.tokens.sum()),
        **tasks,
    }


def _tasks(
    objective: Objective, corpus: Corpus, tokenizer: Tokenizer, cells: int, kinds: Sequence[str]
) -> dict[str, float]:
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for kind in kinds:
        for batch in _some(corpus, tokenizer, cells, kind):
            asked = next(a for a in objective.answers(batch)[0] if a.kind == kind)
            whole, tokens, *_ = _scored(asked)
            right[kind] += whole[tokens > 0].tolist()
    return {f"{kind}_exact": 100 * float(np.mean(hits)) for kind, hits in right.items() if hits}


def _some(corpus: Corpus, tokenizer: Tokenizer, cells: int, kind: str) -> Iterator[ExpressionBatch]:
    source = Source(corpus, Conversation(tokenizer, [kind], share=1.0), (0,), validation=True)
    batches = list(source.once(cells))
    yield from batches[:: max(1, len(batches) // _TASK_BATCHES)]


def _scored(asked: Asked) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Of each answer of a batch: whether it is right as a whole, its tokens, those that rank first, its loss."""
    wanted = asked.targets != IGNORE
    hit = (asked.logits.argmax(-1) == asked.targets) & wanted
    return (hit == wanted).all(dim=1), wanted.sum(1), hit.sum(1), asked.losses().sum(1)
