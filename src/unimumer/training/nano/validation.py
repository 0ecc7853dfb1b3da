"""Scores a model on the held-out writers' ink while it is trained."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from tokenizers import Tokenizer

from unimumer.training.nano.batches import ExpressionBatch, Source
from unimumer.training.nano.conversation import IGNORE, Conversation
from unimumer.training.nano.corpus import Corpus
from unimumer.training.nano.objective import Asked, Objective

_TASK_BATCHES = 12
"""Batches on which kinds other than recognition are scored: a figure to follow, not to report."""


def validate(
    objective: Objective, corpus: Corpus, tokenizer: Tokenizer, cells: int, kinds: Sequence[str]
) -> dict[str, float]:
    """Score recognition on all held-out ink, and other `kinds` of conversation on some of it.

    `exprate`, in %, counts expressions all of whose tokens rank first given the right ones before them: these are
    exactly those that greedy decoding gets right. `exprate_new` counts only those whose label is not among the
    training labels: the collections have many expressions in several hands, and only the new ones tell whether the
    model reads or remembers. `<kind>_exact` is the same share for another kind of conversation.
    """
    source = Source(corpus, Conversation(tokenizer), (0,), validation=True)
    known = {corpus.labels[i] for i in np.flatnonzero(~corpus.validation)}
    new = np.array([label not in known for label in corpus.labels])
    sums: Counter[str] = Counter()
    with torch.no_grad(), torch.autocast(objective.device.type, torch.bfloat16):
        for batch in source.once(cells):
            asked = objective.answers(batch)[0][0]
            whole, tokens, count = _right(asked)
            sums["right"] += int(whole.sum())
            sums["right_new"] += int(whole[new[batch.members]].sum())
            sums["tokens"] += tokens
            sums["asked"] += count
            sums["loss"] += asked.loss("sum").item()  # type: ignore[assignment]
        tasks = _tasks(objective, corpus, tokenizer, cells, kinds)
    n, n_new = len(source.members), int(new[source.members].sum())
    return {
        "n": n,
        "exprate": 100 * sums["right"] / n,
        "n_new": n_new,
        "exprate_new": 100 * sums["right_new"] / max(1, n_new),
        "token_accuracy": 100 * sums["tokens"] / sums["asked"],
        "validation_loss": sums["loss"] / sums["asked"],
        **tasks,
    }


def _tasks(
    objective: Objective, corpus: Corpus, tokenizer: Tokenizer, cells: int, kinds: Sequence[str]
) -> dict[str, float]:
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for kind in kinds:
        for batch in _some(corpus, tokenizer, cells, kind):
            asked = next(a for a in objective.answers(batch)[0] if a.kind == kind)
            suited = (asked.targets != IGNORE).any(dim=1).cpu().numpy()
            right[kind] += _right(asked)[0][suited].tolist()
    return {f"{kind}_exact": 100 * float(np.mean(hits)) for kind, hits in right.items() if hits}


def _some(corpus: Corpus, tokenizer: Tokenizer, cells: int, kind: str) -> Iterator[ExpressionBatch]:
    source = Source(corpus, Conversation(tokenizer, [kind], share=1.0), (0,), validation=True)
    batches = list(source.once(cells))
    yield from batches[:: max(1, len(batches) // _TASK_BATCHES)]


def _right(asked: Asked) -> tuple[np.ndarray, int, int]:
    """Which answers are right as a whole [batch], how many of their tokens, and of how many."""
    wanted = asked.targets != IGNORE
    hit = (asked.logits.argmax(-1) == asked.targets) & wanted
    whole = (hit == wanted).all(dim=1)
    return whole.cpu().numpy(), int(hit.sum()), int(wanted.sum())
