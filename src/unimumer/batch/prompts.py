"""Files of prompts as a batch needs them: read through once before the run, their records numbered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from unimumer.batch.errors import BatchError
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


def read_chunks(prompts: PromptsFile, size: int) -> Iterator[tuple[int, list[Record]]]:
    """Give the records again, in numbered stretches of `size`; the last may be shorter.

    Raises BatchError when their number has changed, since a journal goes by it.
    """
    return ((number, list(records)) for number, records in groupby(_records(prompts), lambda one: one.index // size))


def _records(prompts: PromptsFile) -> Iterator[Record]:
    count = 0
    for prompted in read_prompts(prompts.path):
        if count < prompts.count:
            yield Record(count, prompted)
        count += 1
    if count != prompts.count:
        raise BatchError(f"{prompts.path}: changed while it was being read")
