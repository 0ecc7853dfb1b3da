"""Locks between the processes that share one journal: who is there, who writes, who works on which chunk."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from unimumer.errors import UnimumerError

_WRITING, _PRESENT, _FIRST_CHUNK = 0, 1, 2


class BatchError(UnimumerError):
    """A batch that cannot be run as asked; the message names the file."""


class Claims:
    """Locks on single bytes of an empty file; the kernel gives them up when their process ends, however it ends.

    Byte 0 is held while the journal is written, byte 1 shared by every process at work, byte 2 + n by the one
    that works on chunk n. Record locks (POSIX `fcntl`) belong to a process and end when it closes the file, so a
    process opens one `Claims` a file. They work over NFS version 4, and 3 with its lock daemon. On Windows, which
    has none, nothing is locked: run one process there.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, made if missing. Raises BatchError when that cannot be done."""
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        except OSError as error:
            raise BatchError(f"{path}: cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Give up every lock."""
        os.close(self._file)

    def enter(self) -> None:
        """Be present beside others; waits while one of them is `alone`."""
        self._lock(_PRESENT, "LOCK_SH")

    def alone(self) -> bool:
        """Whether no other process is present; none comes in then until `enter` or `close`."""
        return self._lock(_PRESENT, wait=False)

    def leave(self) -> None:
        """Be no longer present."""
        self._lock(_PRESENT, "LOCK_UN")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only one to write, for a moment."""
        self._lock(_WRITING)
        try:
            yield
        finally:
            self._lock(_WRITING, "LOCK_UN")

    def take(self, chunk: int) -> bool:
        """Claim a chunk; False when another process has it."""
        return self._lock(_FIRST_CHUNK + chunk, wait=False)

    def drop(self, chunk: int) -> None:
        """Give up a chunk."""
        self._lock(_FIRST_CHUNK + chunk, "LOCK_UN")

    def wait(self, chunk: int) -> None:
        """Sleep until nobody works on a chunk."""
        self._lock(_FIRST_CHUNK + chunk)
        self.drop(chunk)

    def _lock(self, byte: int, kind: Literal["LOCK_EX", "LOCK_SH", "LOCK_UN"] = "LOCK_EX", wait: bool = True) -> bool:
        if sys.platform == "win32":
            return True
        import fcntl

        try:
            fcntl.lockf(self._file, getattr(fcntl, kind) | (0 if wait else fcntl.LOCK_NB), 1, byte)
        except (BlockingIOError, PermissionError):  # what systems call "another process has it"
            return False
        except OSError as error:
            raise BatchError(
                f"{self._path}: cannot be locked: {error.strerror}; use a file system that has locks"
            ) from error
        return True
