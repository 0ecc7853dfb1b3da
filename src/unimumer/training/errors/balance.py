"""Chooses records: as many as there are training records, no confusion crowding out the others."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence

from unimumer.training.errors.confusions import count
from unimumer.training.errors.entries import Entry, Pool


def balance(pool: Pool, size: int, right_share: float, seed: int) -> list[Entry]:
    """Choose at most `size` entries, `right_share` of them right ones, in the order of the pictures.

    Drawn without replacement, by weight (Efraimidis and Spirakis, 2006): an entry weighs as much as its confusions
    are rare, by the square root, and each picture weighs the same however many entries it has. Where the wrong
    entries do not suffice there are fewer, and the right ones keep to their share. What is chosen follows from
    entries and seed, whatever the order of the entries.
    """
    wrong = _heaviest(pool.wrong, min(len(pool.wrong), size - round(size * right_share)), seed)
    most = round(len(wrong) * right_share / (1 - right_share))
    right = _heaviest(pool.right, min(len(pool.right), most, size - len(wrong)), seed)
    return sorted((*wrong, *right), key=lambda entry: (entry.item.index, entry.text))


def _heaviest(entries: Sequence[Entry], number: int, seed: int) -> list[Entry]:
    errors = [entry.errors for entry in entries]
    frequent = count(errors)
    of_picture = Counter(entry.item.index for entry in entries)
    weights = [
        (sum(frequent[one] ** -0.5 for one in found) / len(found) if found else 1.0) / of_picture[entry.item.index]
        for entry, found in zip(entries, errors)
    ]
    keys = {id(entry): -math.log(_uniform(entry, seed)) / weight for entry, weight in zip(entries, weights)}
    return sorted(entries, key=lambda entry: (keys[id(entry)], entry.item.index, entry.text))[:number]


def _uniform(entry: Entry, seed: int) -> float:
    """A number in (0, 1), by hash."""
    digest = hashlib.sha256(f"{seed} {entry.item.index} {entry.text}".encode("utf-8", "surrogatepass")).digest()
    return (int.from_bytes(digest[:6], "big") + 0.5) / 2**48
