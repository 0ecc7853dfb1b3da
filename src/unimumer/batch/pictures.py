"""Loads pictures a little ahead of the model, never more than a bounded number."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from unimumer import imaging
from unimumer.batch.prompts import Record
from unimumer.engines.base import Picture

AHEAD = 8
"""Pictures loaded, or being loaded, before they are asked for."""
_LOADERS = 2


def load_ahead(
    records: Iterable[Record], root: Path
) -> Generator[tuple[Record, Picture | imaging.ImageError], None, None]:
    """Give each record with its picture, or with the reason why there is none, in order.

    Paths start from `root`; those that lead out of it are followed, since the prompts are the user's own.
    """
    pool = ThreadPoolExecutor(_LOADERS, thread_name_prefix="pictures")
    waiting: deque[tuple[Record, Future[Picture | imaging.ImageError]]] = deque()
    try:
        for record in records:
            waiting.append((record, pool.submit(_load, root / record.prompted.image)))
            if len(waiting) > AHEAD:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)
    finally:
        pool.shutdown(cancel_futures=True)


def _first(
    waiting: deque[tuple[Record, Future[Picture | imaging.ImageError]]],
) -> tuple[Record, Picture | imaging.ImageError]:
    # In a function of its own, so that no local name keeps the picture alive.
    record, future = waiting.popleft()
    return record, future.result()


def _load(path: Path) -> Picture | imaging.ImageError:
    try:
        return imaging.load(path)
    except imaging.ImageError as error:
        return error
