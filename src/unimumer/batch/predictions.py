"""Files of predictions, byte for byte in the style of the released ones."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from unimumer.batch.errors import BatchError


def write_json_list(path: Path, items: Iterable[Mapping[str, object]]) -> None:
    """Write objects, one after the other, as `json.dumps(items, indent=2, ensure_ascii=False)` would."""
    with replacing(path) as out:
        empty = True
        for item in items:
            text = json.dumps(item, indent=2, ensure_ascii=False).replace("\n", "\n  ")
            out.write(("[\n  " if empty else ",\n  ") + text)
            empty = False
        out.write("[]" if empty else "\n]")


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file for writing that appears under its name, all at once, when it is whole."""
    part = path.with_name(path.name + ".part")
    try:
        # A lone surrogate, which UTF-8 cannot hold, comes out as its JSON escape.
        with part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, path)
    except OSError as error:
        raise BatchError(f"{path}: cannot be written: {error.strerror}") from error
