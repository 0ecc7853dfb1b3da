"""The curriculum, and how its batches come from the processes that draw to the one that trains."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from unimumer.compose.corpus import Corpus
from unimumer.training.nano.batches import BatchSource
from unimumer.training.nano.conversation import ConversationWriter
from unimumer.training.nano.objective import Batch


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the curriculum."""

    name: str
    until: float
    """Share of the time budget at which it ends."""
    longest: int | None = None
    """Longest label, in tokens."""

    def has_members(self, corpus: Corpus) -> bool:
        """Whether the corpus has training expressions that are short enough."""
        lengths = (len(label.split()) for label, held in zip(corpus.labels, corpus.validation) if not held)
        return self.longest is None or any(length <= self.longest for length in lengths)


SYMBOLS, SHORT, CELLS, TASKS = "symbols", "short", "cells", "tasks"
PARTS = (SYMBOLS, CELLS, SHORT)
"""Parts of the curriculum that can be left out, to see what they are worth."""
STAGES = (Stage(SYMBOLS, 0.06), Stage(SHORT, 0.18, longest=10), Stage("all", 0.6), Stage(TASKS, 1.0))
"""Symbols teach the vision tower what the text loss alone is slow to; short expressions teach the text to look; when
it reads, the other kinds of conversation join. Dense supervision of cells goes beside every expression, fading."""


TRAINED = (Stage(SYMBOLS, 0.03), Stage("all", 0.1), Stage(TASKS, 1.0))
"""Of a run that begins with trained weights: symbols that are new to it first, then all that it is to write."""


def stages(without: tuple[str, ...], trained: bool) -> tuple[Stage, ...]:
    """The stages of a run; one that begins with trained weights needs no short expressions."""
    return tuple(stage for stage in (TRAINED if trained else STAGES) if stage.name not in without)


class Stream(IterableDataset[Batch]):
    """Batches of one stage for ever, of a stream of its own in each worker process."""

    def __init__(
        self, corpus: Corpus, conversation: ConversationWriter, stage: Stage, cells: int, seed: tuple[int, ...]
    ) -> None:
        """Batches of at most `cells` visual tokens."""
        super().__init__()
        self.args = (corpus, conversation, stage, cells, seed)

    def __iter__(self) -> Iterator[Batch]:
        """Draw in this process."""
        corpus, conversation, stage, cells, seed = self.args
        worker = torch.utils.data.get_worker_info()
        source = BatchSource(corpus, conversation, (*seed, worker.id if worker else 0))
        return source.symbols(cells // 4) if stage.name == SYMBOLS else source.expressions(cells, stage.longest)


def feed(stream: Stream, workers: int) -> Iterable[Batch]:
    """Batches of a stream in a fixed order, drawn by `workers` processes ahead of time, or by none when asked for.

    The workers start with the first batch, and end when the iteration is given up.
    """
    ahead = 8 if workers else None
    return DataLoader(stream, batch_size=None, num_workers=workers, prefetch_factor=ahead, worker_init_fn=_begin)


def _begin(worker: int) -> None:
    """Leave an interrupt from the keyboard to the trainer, which ends its workers when it has saved."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ForkingPickler.register(np.ndarray, _through_memory)


def _through_memory(array: NDArray[Any]) -> tuple[Any, ...]:
    """How an array is handed over: a large one in shared memory, as tensors are; a pipe is too slow for a GPU."""
    if array.nbytes < 2**16:
        reduced: tuple[Any, ...] = array.__reduce__()  # type: ignore[assignment]
        return reduced
    return Tensor.numpy, (torch.from_numpy(array),)
