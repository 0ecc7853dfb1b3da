"""Finds answers that run in a circle, such as `3 . 3 3 3 3 …`, so that they can be stopped early and cut."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

LONGEST_UNIT = 48
"""Tokens of the longest unit that is looked for."""
REPEATS, LENGTH = 20, 80
"""A unit repeated so often in a row, over so many tokens in all, is a loop.

In 6,431 + 5,851 published labels the most is 15 repeats (`3 . 3 3 3 …`) and 31 tokens, whether tokens are those of the
labels or about those of Qwen's tokenizer; tree text takes some five of the latter a symbol. See docs/engines.md.
"""


@dataclass(frozen=True, slots=True)
class Loop:
    """A unit of tokens, repeated to the end of a text."""

    begin: int
    """Index of the first token that repeats one unit later."""
    unit: int
    """Tokens of the unit."""

    @property
    def kept(self) -> int:
        """How many tokens are worth keeping: all up to the loop, and its unit once."""
        return self.begin + self.unit


def loop_at_end(tokens: Sequence[Hashable], end: int | None = None) -> Loop | None:
    """Find the loop that `tokens[:end]` ends in, of the shortest unit that will do; None when there is none.

    The last repeat may be unfinished. It costs a few steps when the end is no loop, so it can be asked after
    every token.
    """
    end = len(tokens) if end is None else end
    for unit in range(1, LONGEST_UNIT + 1):
        span = max(REPEATS * unit, LENGTH)
        if span > end:
            return None
        if all(tokens[i] == tokens[i - unit] for i in range(end - 1, end - span + unit - 1, -1)):
            return Loop(_begin(tokens, unit, end - span), unit)
    return None


def first_loop(tokens: Sequence[Hashable]) -> Loop | None:
    """Find the loop that would have been seen first, had each token been asked about; None when there is none.

    So cutting a whole answer afterwards and stopping it early give the same text.
    """
    ends = range(LENGTH, len(tokens) + 1)
    return next((loop for end in ends if (loop := loop_at_end(tokens, end))), None)


def _begin(tokens: Sequence[Hashable], unit: int, begin: int) -> int:
    """Follow a loop back to its first token."""
    while begin > 0 and tokens[begin - 1] == tokens[begin - 1 + unit]:
        begin -= 1
    return begin
