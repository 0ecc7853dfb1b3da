"""Spreads work over the cores of this machine, in order and with little in flight."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

from unimumer.files.reading import FileError

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

_T = TypeVar("_T")
_R = TypeVar("_R")
_IN_FLIGHT = 3
"""Items handed out for each process: one at work, and enough waiting that none runs dry."""


def spread(work: Callable[[_T], _R], items: Iterable[_T], jobs: int) -> Iterator[_R]:
    """Yield `work(item)` of every item, in their order, done by `jobs` processes.

    `items` is read as results are taken, never far ahead. With one job or one item no process is started.
    `work`, the items and the results must be picklable. Raises what `work` raises, and FileError when a
    process dies of something else (killed, out of memory).
    """
    # What starts processes takes longer to import than all the rest of this room, and few commands need it.
    import multiprocessing
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor

    rest = iter(items)
    first = list(islice(rest, 2))
    if jobs == 1 or len(first) < 2:
        yield from map(work, chain(first, rest))
        return
    # Spawned, not forked: a copy of a process with threads, as a progress bar has, may hang.
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_prepare)
    try:
        yield from _in_order(pool, work, chain(first, rest), jobs * _IN_FLIGHT)
    except BrokenProcessPool:
        raise FileError("a worker process died: killed, or out of memory; free some and run again") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, work: Callable[[_T], _R], items: Iterable[_T], limit: int) -> Iterator[_R]:
    waiting: deque[Future[_R]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) == limit:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _prepare() -> None:
    """Leave Ctrl-C to the parent, and end when it ends, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
