"""Processes that train together: the same weights in each, and the gradient of all their batches."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import torch

from unimumer.training.nano.parallel import Peers, peers

pytestmark = pytest.mark.torch


def gradient(rank: int) -> torch.Tensor:
    return torch.arange(6.0).view(2, 3) * (rank + 1)


def take_part(folder: Path, me: Peers) -> None:
    """Share what each process has, and write down what it gets."""
    weights = [torch.zeros(2, 3, requires_grad=True), torch.zeros(4, requires_grad=True)]
    weights[0].grad = gradient(me.rank)
    if me.leads:
        weights[1].grad = torch.ones(4)
    me.share_gradients(weights)
    got = [w.grad for w in weights]
    torch.save([*got, torch.tensor([me.agree(5.0 + me.rank), me.total(10 + me.rank)])], folder / f"{me.rank}.pt")


def test_all_get_the_mean_gradient_the_leaders_clock_and_the_sum(tmp_path: Path) -> None:
    with peers(2, partial(take_part, tmp_path)) as me:
        take_part(tmp_path, me)
    both = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1)]
    for first, second, figures in both:
        assert torch.equal(first, (gradient(0) + gradient(1)) / 2)
        assert torch.equal(second, torch.full((4,), 0.5))
        assert figures.tolist() == [5.0, 21.0]


def test_one_alone_keeps_what_it_has() -> None:
    with peers(1, partial(take_part, Path())) as me:
        weight = torch.zeros(3, requires_grad=True)
        weight.grad = torch.ones(3)
        me.share_gradients([weight])
    assert me.leads and torch.equal(weight.grad, torch.ones(3))
    assert me.agree(2.5) == 2.5 and me.total(7) == 7
