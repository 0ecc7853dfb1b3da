"""Processes that train together: each on batches of its own, the same weights in all of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import torch

from unimumer.compose.corpus import Corpus, load_corpus
from unimumer.training.nano.feed import Stage
from unimumer.training.nano.parallel import Peers, peers
from unimumer.training.nano.shape import Shape
from unimumer.training.nano.train import Trainer, TrainPlan
from unimumer.training.nano.vocabulary import build_tokenizer

from .conftest import TINY

pytestmark = pytest.mark.torch


def take_part(folder: Path, me: Peers) -> None:
    """Train for some steps, the first of them without a use for most of the weights, and write down the outcome."""
    torch.set_num_threads(1)
    corpus = load_corpus(folder / "corpus.npz")
    plan = TrainPlan(time_budget=100.0, cells=64, workers=0)
    made = Trainer(corpus, build_tokenizer(corpus.labels), Shape(1088, **TINY), plan, folder / "checkpoint", me)
    seen = 0
    for stage in (Stage("symbols", 0.5), Stage("all", 1.0)):
        for batch, _ in zip(made._feed(stage), range(2)):
            made._step(batch)
            seen += len(batch.pictures)
    figures = torch.tensor([seen, made.progress["pictures"], me.total(5.0 if me.leads else 0.0)])
    weights = {f"average.{name}": p for name, p in made.average.state_dict().items()} | made.objective.state_dict()
    torch.save((figures, weights), folder / f"{me.rank}.pt")
    me.total(0.0)  # nobody goes on before all have written


def test_all_have_the_same_weights_though_each_has_its_own_batches(corpus: Corpus, tmp_path: Path) -> None:
    corpus.save(tmp_path / "corpus.npz")
    with peers(2, partial(take_part, tmp_path)) as me:
        take_part(tmp_path, me)
    (first, ours), (second, theirs) = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1))
    assert first[0] != second[0] and first[1] == second[1] == first[0] + second[0] and first[2] == second[2] == 5.0
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
