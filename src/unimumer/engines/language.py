"""A language model of formulas: of the texts that a picture allows, it knows which people write more often.

N-grams of token ids with backing off (Katz, 1987), as a trie in arrays (Heafield, 2011). A level of the trie holds the
n-grams of one length; those that go on from the same beginning lie side by side, in the order of their last token.
Probabilities are kept as costs: -16 times the natural log, rounded, at most 255.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from unimumer.engines.base import EngineError

STEPS = 16
"""Steps of the cost in one nat."""
FIELDS = {"tokens": np.uint16, "costs": np.uint8, "backoffs": np.uint8, "starts": np.uint32}
"""Arrays of a level, `FIELD.LENGTH` in the file, [n-grams]: the last token of each n-gram; the cost of that token after
the others; what is added to a token's cost after fewer tokens where it never followed; and, with one number more, where
on the next level those begin that go on from each. The last level has no `backoffs` and no `starts`."""

_Place = tuple[int, int]
"""Length and number of an n-gram; the empty one is (0, 0)."""


class Language:
    """Says how probable a text is, whatever its picture."""

    def __init__(self, levels: Sequence[Mapping[str, NDArray[np.generic]]], end: int) -> None:
        """Take the arrays of each length, from 1 on; `end` is the token that ends texts, and stands before them."""
        # A memoryview gives single numbers faster than an array does.
        self._levels = [
            {name: memoryview(np.ascontiguousarray(one.get(name, []), kind).data) for name, kind in FIELDS.items()}
            for one in levels
        ]
        self._end = end

    @classmethod
    def load(cls, path: Path, end: int) -> Language:
        """Read what `unimumer train language` wrote. Raises EngineError for another file."""
        try:
            arrays = load_file(path)
            count = max(int(name.rpartition(".")[2]) for name in arrays)
            levels = [{name: arrays[f"{name}.{n}"] for name in FIELDS if n < count or name in ("tokens", "costs")}
                      for n in range(1, count + 1)]  # fmt: skip
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise EngineError(f"{path} is not a language model of formulas ({error}): make it again") from None
        return cls(levels, end)

    def logprob(self, tokens: Sequence[int]) -> float:
        """Natural log of the probability of a text; its end counts when it is among the `tokens`."""
        cost, places = self._follow([(0, 0)], self._end)
        total = 0
        for token in tokens:
            cost, places = self._follow(places, token)
            total += cost
        return -total / STEPS

    def _follow(self, places: Sequence[_Place], token: int) -> tuple[int, list[_Place]]:
        """Cost of a token after what was written, given by its known ends, longest first; and the same of the next."""
        cost, reached = 0, list[_Place]()
        for length, number in places:
            child = self._child(length, number, token)
            if child is None:
                cost += 0 if reached or not length else self._levels[length - 1]["backoffs"][number]
                continue
            cost += 0 if reached else self._levels[length]["costs"][child]
            reached.append((length + 1, child))
        if not reached:
            cost += 255  # a token that no formula has
        return cost, [*(one for one in reached if one[0] < len(self._levels)), (0, 0)]

    def _child(self, length: int, number: int, token: int) -> int | None:
        tokens = self._levels[length]["tokens"]
        begin, end = self._levels[length - 1]["starts"][number : number + 2] if length else (0, len(tokens))
        found = bisect_left(tokens, token, begin, end)
        return found if found < end and tokens[found] == token else None
