"""Keeps two processes from writing one journal."""

from __future__ import annotations

import sys
from io import FileIO
from pathlib import Path

from unimumer.batch.errors import BatchError


def lock(file: FileIO, path: Path) -> None:
    """Lock an open file until it is closed or the process ends, however that comes about.

    Advisory: only processes that ask are kept out. On Windows, which has no `flock`, nothing is locked.
    Raises BatchError when another process has it.
    """
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BatchError(f"{path}: another process is writing it; wait for it or use another folder") from error
    except OSError as error:
        raise BatchError(f"{path}: cannot be locked: {error.strerror}") from error
