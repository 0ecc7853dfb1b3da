"""Makes labelled expressions for ever: composed of written ones, symbols exchanged, and varied like another hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.composer import MAX_TOKENS, UNCHANGED, Composer, Mix
from unimumer.compose.corpus import Corpus
from unimumer.compose.exchange import Exchanger
from unimumer.compose.formulas import FormulaPool
from unimumer.compose.layout import Layouts
from unimumer.compose.library import Library
from unimumer.compose.realize import PlacedInk, place, realize
from unimumer.compose.variation import Variation


@dataclass(frozen=True, slots=True)
class Written:
    """One expression or symbol in ink, a row a point, in typical symbol sizes."""

    kind: str
    """A share of `Mix`, or `symbol`."""
    member: int
    """The expression of the corpus that it was made of, the first of several; -1 for none in particular."""
    label: str
    points: NDArray[np.float32]
    ends: NDArray[np.bool_]
    """The last of its stroke."""
    symbol: NDArray[np.int64]
    """Number of the symbol, in the order of the label."""
    symbol_class: NDArray[np.int16]


class Generator:
    """Makes expressions of some of a corpus's; all randomness comes from `random`."""

    def __init__(
        self,
        corpus: Corpus,
        members: NDArray[np.int64],
        random: np.random.Generator,
        variation: Variation,
        mix: Mix | None = None,
    ) -> None:
        """`variation` says how far ink is changed, `mix` how often what is composed."""
        self.random, self.variation, self.mix = random, variation, mix
        self.library = Library(corpus, members)
        self._formulas = corpus.formulas
        self._held = {corpus.labels[i] for i in np.flatnonzero(corpus.validation & ~corpus.lone)}
        spacing = Random(int(random.integers(2**62)))
        self._layouts = Layouts(self.library, corpus.writer[members], spacing) if corpus.formulas else None
        self._exchanger = Exchanger(self.library)
        self._composers: dict[int, Composer] = {}
        self._single = np.flatnonzero(self.library.symbol_class >= 0)
        classes = self.library.symbol_class[self._single]
        self._chance = np.cumsum(1 / np.sqrt(np.bincount(classes)[classes]))

    def expressions(self, count: int, longest: int | None = None) -> list[Written]:
        """New expressions, labels of at most `longest` tokens."""
        longest = min(longest or MAX_TOKENS, MAX_TOKENS)
        if longest not in self._composers:
            pool = FormulaPool(self._formulas, self._held, longest) if self._formulas else None
            self._composers[longest] = Composer(self.library, self.mix, longest, pool, self._layouts)
        composer = self._composers[longest]
        kinds, pieces, members = zip(*(composer.compose(self.random) for _ in range(count)))
        which = np.array([kind not in UNCHANGED for kind in kinds])
        labels = [piece.tokens for piece in pieces]
        placement, labels = self._exchanger.exchange(place(pieces, self.library), labels, which, self.random)
        return list(self._written(placement, kinds, members, [" ".join(label) for label in labels]))

    def symbols(self, count: int) -> list[Written]:
        """Single symbols, rare classes more often than they are written, of the size they have in their expression."""
        drawn = np.searchsorted(self._chance, self.random.random(count) * self._chance[-1])
        symbol = self._single[drawn.clip(max=len(self._single) - 1)]
        still = np.tile([1.0, 0.0, 0.0, 0.0, 1.0, 0.0], (count, 1))
        placement = PlacedInk(np.arange(count), symbol, still, np.ones(count, np.bool_))
        labels = [self.library.classes[c] for c in self.library.symbol_class[symbol]]
        return list(self._written(placement, ["symbol"] * count, [-1] * count, labels, rescaled=False))

    def _written(
        self,
        placement: PlacedInk,
        kinds: Sequence[str],
        members: Sequence[int],
        labels: Sequence[str],
        rescaled: bool = True,
    ) -> Iterator[Written]:
        inks = realize(placement, len(labels), self.library, self.variation, self.random, rescaled)
        for kind, member, label, columns in zip(kinds, members, labels, inks):
            yield Written(kind, member, label, *columns)
