"""Makes labelled expressions for ever: composed of written ones, symbols exchanged, and varied like another hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.composer import MAX_TOKENS, MIX, UNCHANGED, Composer
from unimumer.compose.corpus import Corpus
from unimumer.compose.exchange import Exchanger
from unimumer.compose.formulas import FormulaPool
from unimumer.compose.layout import Layouts
from unimumer.compose.library import Library
from unimumer.compose.realize import PlacedInk, place, realize
from unimumer.ink import Ink


@dataclass(frozen=True, slots=True)
class Written:
    """One expression or symbol in ink, a row a point, in typical symbol sizes."""

    kind: str
    """One of `MIX`, or `symbol`."""
    label: str
    points: NDArray[np.float32]
    ends: NDArray[np.bool_]
    """The last of its stroke."""
    symbol: NDArray[np.int64]
    """Number of the symbol, counted in the order of the label through all expressions that were made together."""
    symbol_class: NDArray[np.int16]


class Generator:
    """Makes expressions of some of a corpus's; all randomness comes from `random`."""

    def __init__(
        self,
        corpus: Corpus,
        members: NDArray[np.int64],
        random: np.random.Generator,
        mix: Mapping[str, float] = MIX,
    ) -> None:
        """`mix` has the shares of some kinds of `MIX`, or of all."""
        self.random, self.mix, self._formulas = random, mix, corpus.formulas
        self.library = Library(corpus, members)
        self._held = {corpus.labels[i] for i in np.flatnonzero(corpus.validation & ~corpus.lone)}
        self._layouts = Layouts(self.library, corpus.writer[members], Random(int(random.integers(2**62))))
        self._exchanger = Exchanger(self.library)
        self._composers: dict[int, Composer] = {}
        self._single = np.flatnonzero(self.library.symbol_class >= 0)
        classes = self.library.symbol_class[self._single]
        self._chance = np.cumsum(1 / np.sqrt(np.bincount(classes)[classes]))

    def expressions(self, count: int, longest: int | None = None) -> list[Written]:
        """New expressions, labels of at most `longest` tokens."""
        longest = min(longest or MAX_TOKENS, MAX_TOKENS)
        if longest not in self._composers:
            pool = FormulaPool(self._formulas, self._held, longest)
            self._composers[longest] = Composer(self.library, self.mix, longest, pool, self._layouts)
        kinds, pieces = zip(*(self._composers[longest].compose(self.random) for _ in range(count)))
        which = np.array([kind not in UNCHANGED for kind in kinds])
        labels = [piece.tokens for piece in pieces]
        placement, labels = self._exchanger.exchange(place(pieces, self.library), labels, which, self.random)
        return list(self._written(placement, kinds, [" ".join(label) for label in labels]))

    def symbols(self, count: int) -> list[Written]:
        """Single symbols, rare classes more often than they are written, of the size they have in their expression."""
        drawn = np.searchsorted(self._chance, self.random.random(count) * self._chance[-1])
        symbol = self._single[drawn.clip(max=len(self._single) - 1)]
        still = np.tile([1.0, 0.0, 0.0, 0.0, 1.0, 0.0], (count, 1))
        placement = PlacedInk(np.arange(count), symbol, still, np.ones(count, np.bool_))
        labels = [self.library.classes[c] for c in self.library.symbol_class[symbol]]
        return list(self._written(placement, ["symbol"] * count, labels, rescaled=False))

    def _written(
        self, placement: PlacedInk, kinds: Sequence[str], labels: Sequence[str], rescaled: bool = True
    ) -> Iterator[Written]:
        inks = realize(placement, len(labels), self.library, self.random, rescaled)
        return (Written(kind, label, *columns) for kind, label, columns in zip(kinds, labels, inks))


_UNIT, _TOGETHER = 100.0, 500
"""Units of composed ink to a typical symbol size; expressions that are made at once."""


def composed(corpus: Corpus, count: int, seed: int) -> Iterator[Ink]:
    """New expressions of a corpus's training ink with their labels as the annotation `truth`, a name for each.

    They are those that Nano trains on, single symbols left out; the same `seed` gives the same, however many.
    """
    kinds = {kind: share for kind, share in MIX.items() if kind != "lone"}
    generator = Generator(corpus, np.flatnonzero(~corpus.validation), np.random.default_rng(seed), kinds)
    for first in range(0, count, _TOGETHER):
        for i, one in enumerate(generator.expressions(_TOGETHER)[: count - first], first):
            strokes = np.split(np.round(one.points * _UNIT, 1), np.flatnonzero(one.ends[:-1]) + 1)
            yield Ink(f"composed_{seed}_{i:06}", tuple(strokes), annotations={"truth": f"${one.label}$"})
