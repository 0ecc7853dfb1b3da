"""Decodes pictures ahead of the model, on several threads, never holding more than a bounded number of bytes."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Condition

from unimumer import imaging
from unimumer.batch.prompts import BatchItem
from unimumer.engines.base import Picture
from unimumer.environment import processors
from unimumer.errors import UnimumerError
from unimumer.files import find_file

_MAX_THREADS = 8
_KEPT = 1 << 20
"""Bytes of the largest pictures, about, whose memory is used again rather than given back to the system."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An item with its picture, or with the reason why there is none."""

    item: BatchItem
    picture: Picture | UnimumerError
    sha256: str
    """Of the picture's file, hex; empty when it could not be read."""


@dataclass(slots=True, eq=False)
class _Slot:
    """An item on its way: first the size of its picture is known, then the picture."""

    item: BatchItem
    turn: int
    sha256: str = ""
    size: Future[int] = field(default_factory=Future)
    """Bytes decoded; 0 for what cannot be read."""
    picture: Future[Picture | UnimumerError] = field(default_factory=Future)


class Loader(AbstractContextManager["Loader"]):
    """Threads that decode pictures in the order in which they were asked for. Use it with `with`.

    All decoded and not yet given back are within `memory` bytes; half of it is for one call of the model, the
    other half for what is decoded meanwhile. A picture larger than that is decoded when nothing else is held.
    Paths start from `root`; those that lead out of it are followed, since the prompts are the user's own.
    """

    def __init__(self, root: Path, memory: int) -> None:
        self._root, self._memory = root, memory
        self._changed = Condition()
        self._turns, self._turn = count(), 0
        """Memory is given to the picture whose turn it is, or the first could wait for the last."""
        self._held, self._closed = 0, False
        # glibc keeps freed memory only in blocks as large as it has once seen freed (mallopt(3), M_MMAP_THRESHOLD).
        # Without this one, the pages of every picture are mapped anew: 120 faults and 0.3 ms for 560 x 140 pixels.
        bytearray(_KEPT)
        self._threads = ThreadPoolExecutor(min(_MAX_THREADS, max(2, processors())), "pictures")

    def __exit__(self, *_: object) -> None:
        """Stop the threads; pictures asked for and not taken are dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._threads.shutdown(cancel_futures=True)

    def calls(self, items: Iterable[BatchItem]) -> Iterator[list[Loaded]]:
        """Ask for the pictures of items at once; give them in calls as large as memory allows.

        A call's pictures are let go at the next. Which items share one depends on nothing but their pictures and the
        memory.
        """
        slots = deque(_Slot(item, next(self._turns)) for item in items)
        for slot in slots:
            slot.picture = self._threads.submit(self._load, slot)
        return self._calls(slots)

    def _calls(self, slots: deque[_Slot]) -> Iterator[list[Loaded]]:
        call: list[Loaded] = []
        held = 0
        while slots:
            slot = slots.popleft()
            size = slot.size.result()
            if call and held + size > self._memory // 2:
                yield call
                self._let_go(call, held)
                held = 0
            call.append(Loaded(slot.item, slot.picture.result(), slot.sha256))
            held += size
            del slot  # it has the picture too
        yield call
        self._let_go(call, held)

    def _let_go(self, call: list[Loaded], size: int) -> None:
        call.clear()
        with self._changed:
            self._held -= size
            self._changed.notify_all()

    def _load(self, slot: _Slot) -> Picture | UnimumerError:
        try:
            data = imaging.read(find_file(self._root, slot.item.prompted.image))
            slot.sha256 = hashlib.sha256(data).hexdigest()
            self._reserve(slot, imaging.decoded_size(data))
            return imaging.load(data)
        except Exception as error:  # a picture that never came would leave the model waiting for ever
            if not slot.size.done():
                self._reserve(slot, 0)
            if isinstance(error, UnimumerError):
                return error
            return imaging.ImageError(f"the picture cannot be decoded: {type(error).__name__}")

    def _reserve(self, slot: _Slot, size: int) -> None:
        """Say how large a picture is, and wait until there is room and its turn has come."""
        slot.size.set_result(size)
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._turn == slot.turn and self._fits(size)))
            self._turn += 1
            self._held += size
            self._changed.notify_all()

    def _fits(self, size: int) -> bool:
        return not self._held or self._held + size <= self._memory
