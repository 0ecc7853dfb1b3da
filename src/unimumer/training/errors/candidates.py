"""Draws candidates from a model for the pictures of its fold: a batch, whose every answer also has the greedy text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

from unimumer.batch import BatchItem, BatchPlan, Prompts, run
from unimumer.engines.base import Answer, Decoding, Defaults, Engine, Request, Stop, never
from unimumer.results import Result, read_results

AS_PUBLISHED = Decoding(temperature=0.95, top_p=0.7, top_k=50, samples=10)
"""Settings of the authors' error corpus; of n it is known only that it was 10 at least once."""


class GreedyAndDrawn:
    """An engine whose first candidate is what a model would answer, by greedy decoding, and the others are drawn.

    The model is loaded when it is first asked, so a fold that is done costs no loading. Equal texts are kept.
    """

    def __init__(self, name: str, load: Callable[[], Engine]) -> None:
        """`name` is that of the model as it was asked for, a name or a folder."""
        self.name, self._load = name, load

    @cached_property
    def _engine(self) -> Engine:
        return self._load()

    @property
    def defaults(self) -> Defaults:
        """Those of the model."""
        return self._engine.defaults

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Answer every request, in order, by two calls of the model."""
        greedy = replace(decoding, temperature=0.0, top_p=1.0, top_k=0, samples=1)
        best = self._engine.generate(requests, greedy, stop)
        drawn = self._engine.generate(requests, decoding, stop)
        return [replace(one, candidates=(one.best, *more.candidates)) for one, more in zip(best, drawn)]


def draw(
    name: str, items: Sequence[BatchItem], plan: BatchPlan, progress: Callable[[int], object] = lambda _: None
) -> list[Result]:
    """Draw candidates for every item, or finish what the journal `NAME_items.jsonl` in the output folder has.

    An item that fails has its reason in its result. `progress` is told the number of items finished since it was last
    called. Raises BatchError for a journal of other settings, and EngineError.
    """
    asked = "".join(json.dumps([item.index, item.prompted.image, item.prompted.prompt]) for item in items)
    digest = hashlib.sha256(asked.encode()).hexdigest()
    run(Prompts(name, len(items), digest, lambda: (item.prompted for item in items)), plan, progress)
    return read_results(plan.output / f"{name}_items.jsonl")
