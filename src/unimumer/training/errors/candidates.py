"""Draws candidates from a model for the pictures of its fold: a batch, whose every answer also has the greedy text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from unimumer.batch import BatchItem, BatchPlan, Local, Prompts, run
from unimumer.engines.base import Answer, Decoding, Defaults, Engine, Request, Stop, never
from unimumer.results import Result, read_results
from unimumer.training import TrainingError

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


def draw_fold(
    journal: Path,
    items: Sequence[BatchItem],
    engine: GreedyAndDrawn,
    plan: tuple[Path, Decoding, int],
    progress: Callable[[int], object] = lambda _: None,
) -> list[Result]:
    """Draw candidates for every item, or finish what the journal has (`NAME_items.jsonl`, see `batch.run`).

    `plan` is the folder that the paths of pictures start from, how to draw, and how many pictures share a call. An
    item that fails has its reason in its result. `progress` is told the number of items finished since it was last
    called. Raises BatchError for a journal of other settings, and EngineError.
    """
    name = journal.name.removesuffix("_items.jsonl")
    old = journal.with_name(f"{name}.jsonl")
    if old.exists():
        raise TrainingError(f"{old} was drawn by an earlier version of unimumer; remove it to draw anew")
    journal.parent.mkdir(parents=True, exist_ok=True)
    prompts = Prompts(name, len(items), _sha256(items), lambda: (item.prompted for item in items))
    image_root, decoding, batch_size = plan
    run(prompts, BatchPlan(Local(engine), journal.parent, image_root, decoding, batch_size), progress)
    return read_results(journal)


def _sha256(items: Sequence[BatchItem]) -> str:
    """Of all that is asked about the pictures of a fold."""
    digest = hashlib.sha256()
    for item in items:
        line = json.dumps([item.index, item.prompted.image, item.prompted.prompt])
        digest.update(line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
