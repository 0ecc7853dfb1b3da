"""Whether reading takes time linear in the length of a text."""

from __future__ import annotations

import time
from collections.abc import Callable


def is_linear(read: Callable[[str], object], small: str, large: str) -> bool:
    """Whether `large`, ten times `small`, takes about ten times as long; quadratic time would be a hundred times.

    A slow measurement may be another program's fault, so a second one may be better.
    """
    most = 40 * min(_seconds(read, small), _seconds(read, small)) + 0.02
    return any(_seconds(read, large) < most for _ in range(2))


def _seconds(read: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    read(text)
    return time.process_time() - start
