"""Batches from worker processes: the same as drawn here, and no interrupt of the workers' own."""

from __future__ import annotations

import os
import signal
import time
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from unimumer.compose.corpus import Corpus
from unimumer.training.nano.batches import ExpressionBatch
from unimumer.training.nano.conversation import ConversationWriter
from unimumer.training.nano.feed import Stage, Stream, feed
from unimumer.training.nano.vocabulary import build_tokenizer

pytestmark = pytest.mark.torch

CELLS = 1024
"""Enough for pictures that go through shared memory."""


@pytest.fixture
def stream(corpus: Corpus) -> Stream:
    return Stream(corpus, ConversationWriter(build_tokenizer(corpus.labels)), Stage("all", 1.0), CELLS, (5,))


def test_workers_hand_over_what_would_be_drawn_here(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    workers = list(islice(feed(stream, 2), 6))
    for number in range(2):
        monkeypatch.setattr(torch.utils.data, "get_worker_info", lambda number=number: SimpleNamespace(id=number))
        for ours, theirs in zip(islice(stream, 3), workers[number::2]):
            assert isinstance(ours, ExpressionBatch) and isinstance(theirs, ExpressionBatch)
            assert ours.pictures.nbytes > 2**16 > ours.before.nbytes
            for name in ("pictures", "before", "cells"):
                assert np.array_equal(getattr(ours, name), getattr(theirs, name))
            assert np.array_equal(ours.branches[0].tokens, theirs.branches[0].tokens)


def test_workers_outlive_an_interrupt_and_end_with_the_iteration(stream: Stream) -> None:
    batches = iter(feed(stream, 2))
    next(batches)
    workers = torch.multiprocessing.active_children()
    assert len(workers) == 2
    for worker in workers:
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGINT)
    assert len(list(islice(batches, 40))) == 40
    del batches
    deadline = time.monotonic() + 30
    while any(worker.is_alive() for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(worker.is_alive() for worker in workers)
