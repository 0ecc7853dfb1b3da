"""Decodes pictures ahead of the model, on several threads, never holding more than a bounded number of bytes."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType

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
    sha256: str = ""
    size: int | None = None
    """Bytes decoded; 0 for what cannot be read."""
    picture: Picture | UnimumerError | None = None


class Loader:
    """Threads that decode pictures in the order in which they were asked for.

    All decoded and not yet given back are within `memory` bytes; half of it is for one call of the model, the
    other half for what is decoded meanwhile. A picture larger than that is decoded when nothing else is held.
    Paths start from `root`; those that lead out of it are followed, since the prompts are the user's own.
    """

    def __init__(self, root: Path, memory: int) -> None:
        self._root, self._memory = root, memory
        self._changed = Condition()
        self._waiting: deque[_Slot] = deque()
        """Of which no thread has read the file."""
        self._order: deque[_Slot] = deque()
        """Of which the picture has no memory yet; it is given in this order, or the first could wait for the last."""
        self._held, self._closed = 0, False
        # glibc keeps freed memory only in blocks as large as it has once seen freed (mallopt(3), M_MMAP_THRESHOLD).
        # Without this one, the pages of every picture are mapped anew: 120 faults and 0.3 ms for 560 x 140 pixels.
        bytearray(_KEPT)
        count = min(_MAX_THREADS, max(2, processors()))
        self._threads = [Thread(target=self._work, name=f"pictures-{i}", daemon=True) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Loader:
        """Give the loader itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the threads; pictures asked for and not taken are dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def start(self, items: Iterable[BatchItem]) -> list[_Slot]:
        """Ask for the pictures of items, after those asked for before."""
        slots = [_Slot(item) for item in items]
        with self._changed:
            self._waiting.extend(slots)
            self._order.extend(slots)
            self._changed.notify_all()
        return slots

    def calls(self, slots: Iterable[_Slot]) -> Iterator[list[Loaded]]:
        """Give items with their pictures in calls as large as memory allows; a call's are let go at the next.

        Which items share a call depends on nothing but their pictures and the memory.
        """
        call: list[Loaded] = []
        held = 0
        for slot in slots:
            size = self._size(slot)
            if call and held + size > self._memory // 2:
                yield call
                self._let_go(call, held)
                held = 0
            call.append(Loaded(slot.item, self._picture(slot), slot.sha256))
            held += size
        yield call
        self._let_go(call, held)

    def _size(self, slot: _Slot) -> int:
        with self._changed:
            self._changed.wait_for(lambda: slot.size is not None)
        return slot.size or 0

    def _picture(self, slot: _Slot) -> Picture | UnimumerError:
        with self._changed:
            self._changed.wait_for(lambda: slot.picture is not None)
        picture, slot.picture = slot.picture, None
        assert picture is not None
        return picture

    def _let_go(self, call: list[Loaded], size: int) -> None:
        call.clear()
        with self._changed:
            self._held -= size
            self._changed.notify_all()

    def _work(self) -> None:
        while (slot := self._next()) is not None:
            picture = self._load(slot)
            with self._changed:
                slot.picture = picture
                self._changed.notify_all()

    def _next(self) -> _Slot | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            return None if self._closed else self._waiting.popleft()

    def _load(self, slot: _Slot) -> Picture | UnimumerError:
        try:
            data = imaging.read(find_file(self._root, slot.item.prompted.image))
            slot.sha256 = hashlib.sha256(data).hexdigest()
            self._reserve(slot, imaging.decoded_size(data))
            return imaging.load(data)
        except Exception as error:  # a thread that ended here would leave the model waiting for ever
            if slot.size is None:
                self._reserve(slot, 0)
            if isinstance(error, UnimumerError):
                return error
            return imaging.ImageError(f"the picture cannot be decoded: {type(error).__name__}")

    def _reserve(self, slot: _Slot, size: int) -> None:
        """Say how large a picture is, and wait until there is room and its turn has come."""
        with self._changed:
            slot.size = size
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closed or (self._order[0] is slot and self._fits(size)))
            if not self._closed:
                self._order.popleft()
                self._held += size
                self._changed.notify_all()

    def _fits(self, size: int) -> bool:
        return not self._held or self._held + size <= self._memory
