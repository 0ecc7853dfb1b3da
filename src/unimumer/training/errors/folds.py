"""Splits a labelled set into folds, by writer where known: no model is asked about a hand that it has trained on."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from unimumer.data.sample import DataError
from unimumer.files import read_table

MIN_FOLDS = 2


def assign(ids: Iterable[str], folds: int, seed: int, writers: Mapping[str, str]) -> dict[str, int]:
    """Give each id its fold, 0 to `folds` - 1; all ids of a writer share one, an id without a writer stands alone.

    The largest writers come first, those of one size in the order of a hash, each to the smallest fold so far: the
    folds are as even as the writers allow, and the same whatever the order of `ids`. Raises DataError when there
    are fewer writers than folds.
    """
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for id in sorted(set(ids)):
        groups[f"writer {writers[id]}" if id in writers else f"id {id}"].append(id)
    if folds < MIN_FOLDS or len(groups) < folds:
        raise DataError(
            f"{folds} folds of {len(groups)} writers or single pictures cannot be made; "
            f"there must be at least {MIN_FOLDS} folds, and as many writers"
        )
    sizes = [0] * folds
    fold_of: dict[str, int] = {}
    for name in sorted(groups, key=lambda name: (-len(groups[name]), _digest(name, seed))):
        fold = sizes.index(min(sizes))
        sizes[fold] += len(groups[name])
        fold_of |= dict.fromkeys(groups[name], fold)
    return fold_of


def read_writers(path: Path) -> dict[str, str]:
    """Read who wrote what: lines of an id, a tab and a writer. Raises FileError that names the line."""
    writers: dict[str, str] = {}
    for place, id, writer in read_table(path):
        if not id or not writer:
            raise place.error("expected an id, a tab and a writer")
        writers[id] = writer
    return writers


def _digest(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {name}".encode("utf-8", "surrogatepass")).digest()
