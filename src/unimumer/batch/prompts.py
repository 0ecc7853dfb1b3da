"""Files of prompts as a batch needs them: read through once before the run, their records numbered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from unimumer.data import Prompted, read_prompts


@dataclass(frozen=True, slots=True)
class Record:
    """One picture to be read."""

    index: int
    """Place in the file, from 0: what names the record, since ids may occur twice."""
    prompted: Prompted


@dataclass(frozen=True, slots=True)
class PromptsFile:
    """A file of prompts that was read through once and found sound."""

    path: Path
    count: int
    """Records in it."""
    sha256: str
    """Of its bytes, hex."""


def check_prompts(path: Path) -> PromptsFile:
    """Read a file of prompts through, without keeping it. Raises DataError as `data.read_prompts` does."""
    count = sum(1 for _ in read_prompts(path))
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return PromptsFile(path, count, digest.hexdigest())
