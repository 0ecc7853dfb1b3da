"""Several processes that train the same weights on one machine, each on batches of its own.

On a CPU two processes of one thread each learn about twice as fast as one process of two threads: the pieces of
work in so small a model are too short to be shared out.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist

_PATIENCE = timedelta(minutes=20)
"""How long the others wait for one that saves or validates."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The processes of one run, as one of them sees them."""

    rank: int = 0
    count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this one keeps the time, the log and the checkpoint."""
        return self.rank == 0

    def total(self, figure: float) -> float:
        """Sum of everybody's figure."""
        if self.count > 1:
            shared = torch.tensor([figure], dtype=torch.float64)
            dist.all_reduce(shared)
            figure = float(shared)
        return figure


@contextmanager
def peers(count: int, work: Callable[[Peers], None]) -> Iterator[Peers]:
    """Start `count - 1` more processes that do `work`, and lead them; `work` must be picklable.

    They end when this one leaves the block, however it does: without it they have nobody to share with.
    """
    if count == 1:
        yield Peers()
        return
    with tempfile.TemporaryDirectory() as folder:
        meeting = str(Path(folder) / "meeting")
        spawn = multiprocessing.get_context("spawn")
        others = [spawn.Process(target=_follow, args=(rank, count, meeting, work)) for rank in range(1, count)]
        for process in others:
            process.start()
        try:
            _meet(0, count, meeting)
            yield Peers(0, count)
        finally:
            if dist.is_initialized():
                dist.destroy_process_group()
            for process in others:
                process.join(timeout=5)
                process.kill()


def _meet(rank: int, count: int, meeting: str) -> None:
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=count, timeout=_PATIENCE)


def _follow(rank: int, count: int, meeting: str, work: Callable[[Peers], None]) -> None:
    _meet(rank, count, meeting)
    work(Peers(rank, count))
