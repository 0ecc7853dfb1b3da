"""Scores a model, while it is trained, on held-out ink that is drawn, cleaned and fitted as a user's ink is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from unimumer.compose.corpus import Corpus
from unimumer.engines.pictures import gray_to_rgb
from unimumer.imaging.scale import CELL
from unimumer.ink import picture
from unimumer.training.nano.batches import ExpressionBatch
from unimumer.training.nano.conversation import IGNORE, RECOGNIZE, ConversationWriter
from unimumer.training.nano.model import Nano
from unimumer.training.nano.objective import Asked, answers, reduced
from unimumer.training.nano.shape import SCALE

_TASK_BATCHES = 12
"""Batches on which kinds other than recognition are scored: a figure to follow, not to report."""


@dataclass(frozen=True, slots=True)
class Recognized:
    """How each held-out expression [n] is recognized, given the right tokens before each of its own."""

    new: NDArray[np.bool_]
    """Its label is not among the training labels."""
    source: NDArray[np.int8]
    """Its collection, an index into `Corpus.sources`."""
    right: NDArray[np.bool_]
    """All tokens rank first: these are exactly the expressions that greedy decoding gets right."""
    tokens: NDArray[np.int64]
    """Length of its label, with the end."""
    hits: NDArray[np.int64]
    """Tokens that rank first."""
    losses: NDArray[np.float64]
    """Nats, all tokens together."""


class HeldOut:
    """The held-out expressions of a corpus as the package draws and fits them, pictures of one size together."""

    def __init__(self, corpus: Corpus) -> None:
        """Draw all of them, once."""
        self.corpus = corpus
        self.members = np.flatnonzero(corpus.validation & ~corpus.lone).tolist()
        self._pictures = {i: SCALE.fitted(gray_to_rgb(picture(corpus.ink(i)))) for i in self.members}

    def batches(
        self, tokenizer: Tokenizer, cells: int, kind: str = RECOGNIZE
    ) -> Iterator[tuple[list[int], ExpressionBatch]]:
        """Each expression once, by its member, at most about `cells` tokens a batch; of cells nothing is said."""
        conversation = ConversationWriter(tokenizer)
        random = np.random.default_rng(0)
        order = sorted(self.members, key=lambda i: (self._pictures[i].shape, i))
        for (height, width), same in groupby(order, key=lambda i: self._pictures[i].shape):
            members, most = list(same), max(1, cells * CELL**2 // (height * width))
            for first in range(0, len(members), most):
                some = members[first : first + most]
                branch = conversation.branch(kind, [self.corpus.labels[i] for i in some], random)
                nothing = np.zeros((len(some), height * width // CELL**2, len(self.corpus.classes)), np.bool_)
                pictures = np.stack([self._pictures[i] for i in some])
                yield some, ExpressionBatch(pictures, conversation.before, (branch,), nothing)


def recognized(model: Nano, held: HeldOut, tokenizer: Tokenizer, cells: int) -> Recognized:
    """Read all held-out ink; in the order of `held.members`, whatever the model."""
    corpus = held.corpus
    known = {corpus.labels[i] for i in np.flatnonzero(~corpus.validation)}
    found: dict[int, tuple[float, ...]] = {}
    with torch.no_grad(), reduced(model):
        for members, batch in held.batches(tokenizer, cells):
            rows = _scored(answers(model, batch)[0][0])
            found |= dict(zip(members, zip(*(column.tolist() for column in rows))))
    right, tokens, hits, losses = (np.array(column) for column in zip(*(found[i] for i in held.members)))
    new = np.array([corpus.labels[i] not in known for i in held.members])
    return Recognized(new, corpus.source[held.members], right.astype(bool), tokens, hits, losses)


def validate(model: Nano, held: HeldOut, tokenizer: Tokenizer, cells: int, kinds: Sequence[str]) -> dict[str, float]:
    """Score recognition on all held-out ink, and other `kinds` of conversation on some of it.

    `exprate`, in %, counts expressions that are right as a whole; `exprate_<source>` those of one collection, and
    `exprate_new` those whose label is not among the training labels: the collections have many expressions in several
    hands, and only the new ones tell whether the model reads or remembers. `<kind>_exact` is the share of whole right
    answers of another kind.
    """
    found = recognized(model, held, tokenizer, cells)
    new = found.right[found.new]
    figures = {"n": len(found.right), "exprate": 100 * float(found.right.mean()), "n_new": len(new)}
    figures["exprate_new"] = 100 * float(new.mean()) if len(new) else 0.0
    for number in np.unique(found.source).tolist():
        of = found.source == number
        name = held.corpus.sources[number]
        figures[f"exprate_{name}"] = 100 * float(found.right[of].mean())
        figures[f"loss_{name}"] = float(found.losses[of].sum() / found.tokens[of].sum())
    figures["token_accuracy"] = 100 * float(found.hits.sum() / found.tokens.sum())
    figures["validation_loss"] = float(found.losses.sum() / found.tokens.sum())
    with torch.no_grad(), reduced(model):
        for kind in kinds:
            batches = list(held.batches(tokenizer, cells, kind))
            right: list[bool] = []
            for _, batch in batches[:: max(1, len(batches) // _TASK_BATCHES)]:
                whole, tokens, *_ = _scored(answers(model, batch)[0][0])
                right += whole[tokens > 0].tolist()
            if right:
                figures[f"{kind}_exact"] = 100 * float(np.mean(right))
    return figures


def _scored(asked: Asked) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Of each answer of a batch: whether it is right as a whole, its tokens, those that rank first, its loss."""
    wanted = asked.targets != IGNORE
    hit = (asked.logits.argmax(-1) == asked.targets) & wanted
    return (hit == wanted).all(dim=1), wanted.sum(1), hit.sum(1), asked.losses().sum(1)
