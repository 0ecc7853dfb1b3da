"""What a batch asks: a set of pictures with their questions, read through once before the run, its items numbered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from unimumer.batch.claims import BatchError
from unimumer.data import Prompted, read_prompts
from unimumer.files import PICTURE_SUFFIXES, list_folder, sha256
from unimumer.tasks import recognize


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One picture to be read."""

    index: int
    """Place in the set, from 0: what names the item, since ids may occur twice."""
    prompted: Prompted


@dataclass(frozen=True, slots=True)
class Prompts:
    """A set of questions that was read through once and found sound."""

    name: str
    """Of the files of results."""
    count: int
    sha256: str
    """Of all that is asked, hex."""
    read: Callable[[], Iterator[Prompted]]
    """Reads it once more, from the beginning."""
    labelled: bool = True
    """Whether there are labels to score answers by."""

    def items(self) -> Iterator[BatchItem]:
        """Give the items again. Raises BatchError when their number has changed, since a journal goes by it."""
        count = 0
        for prompted in self.read():
            if count < self.count:
                yield BatchItem(count, prompted)
            count += 1
        if count != self.count:
            raise BatchError(f"{self.name}: changed while it was being read")

    def chunks(self, size: int) -> Iterator[tuple[int, list[BatchItem]]]:
        """Give the items again, in numbered stretches of `size`; the last may be shorter."""
        return ((number, list(items)) for number, items in groupby(self.items(), lambda one: one.index // size))


def check_prompts(path: Path) -> Prompts:
    """Read a file of prompts through, without keeping it. Raises FileError as `data.read_prompts` does."""
    count = sum(1 for _ in read_prompts(path))
    return Prompts(path.stem, count, sha256(path), partial(read_prompts, path))


def check_pictures(folder: Path, recursive: bool = False) -> tuple[Prompts, list[Path]]:
    """Ask for the expression in every picture of a folder; its items have no labels, and their paths start there.

    Gives also what else is in the folder. Raises BatchError when there are no pictures in it.
    """
    found, others = list_folder(folder, PICTURE_SUFFIXES, recursive)
    if not found:
        raise BatchError(f"no pictures in {folder}")
    asked = [Prompted(path.relative_to(folder).as_posix(), recognize.prompt(), "") for path in found]
    names = "\n".join(one.image for one in asked).encode("utf-8", "surrogateescape")
    name = folder.resolve().name or "pictures"
    return Prompts(name, len(asked), hashlib.sha256(names).hexdigest(), partial(iter, asked), labelled=False), others
