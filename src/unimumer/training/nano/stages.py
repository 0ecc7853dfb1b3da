"""The curriculum: what is learned before what."""

from __future__ import annotations

from dataclasses import dataclass

from unimumer.compose.corpus import Corpus


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the curriculum."""

    name: str
    until: float
    """Share of the time budget at which it ends."""
    longest: int | None = None
    """Longest label, in tokens."""

    def has_members(self, corpus: Corpus) -> bool:
        """Whether the corpus has training expressions that are short enough."""
        lengths = (len(label.split()) for label, held in zip(corpus.labels, corpus.validation) if not held)
        return self.longest is None or any(length <= self.longest for length in lengths)


SYMBOLS, SHORT, CELLS, TASKS = "symbols", "short", "cells", "tasks"
PARTS = (SYMBOLS, CELLS, SHORT)
"""Parts of the curriculum that can be left out, to see what they are worth."""
STAGES = (Stage(SYMBOLS, 0.06), Stage(SHORT, 0.18, longest=10), Stage("all", 0.6), Stage(TASKS, 1.0))
"""Symbols teach the vision tower what the text loss alone is slow to; short expressions teach the text to look; when
it reads, the other kinds of conversation join. Dense supervision of cells goes beside every expression, fading."""


TRAINED = (Stage(SYMBOLS, 0.03), Stage("all", 0.1), Stage(TASKS, 1.0))
"""Of a run that begins with trained weights: symbols that are new to it first, then all that it is to write."""


def stages(without: tuple[str, ...], trained: bool) -> tuple[Stage, ...]:
    """The stages of a run; one that begins with trained weights needs no short expressions."""
    return tuple(stage for stage in (TRAINED if trained else STAGES) if stage.name not in without)
