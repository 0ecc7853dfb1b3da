"""From chunks of items to results: pictures prepared ahead, one engine, and errors that cost one item only."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Protocol

from unimumer.batch.journal import RunSettings
from unimumer.batch.pictures import Loaded, Loader
from unimumer.batch.prompts import BatchItem
from unimumer.engines.base import Answer, Decoding, Engine, Request, ask
from unimumer.errors import UnimumerError
from unimumer.results import Candidate, Result
from unimumer.tasks import recognize


@dataclass(frozen=True, slots=True)
class BatchChunk:
    """A fixed stretch of a set: what is claimed, batched and, when something is missing, asked again."""

    number: int
    items: tuple[BatchItem, ...]
    wanted: frozenset[int]
    """Indices of the items without an answer; the others are there to make up the same calls again."""


ChunkResults = tuple[BatchChunk, list[Result]]
"""What became of some of the wanted items of a chunk."""


class Answerer(Protocol):
    """Something that answers chunks: `Local`, or `cluster.Cluster`."""

    @property
    def name(self) -> str:
        """Name of the model, as `Engine.name`."""

    def answers(self, chunks: Iterator[BatchChunk], settings: RunSettings) -> Iterator[ChunkResults]:
        """Take chunks as there is room for them, and give all that becomes of them, in any order."""


class Local:
    """One engine in this process; while it works on a chunk, the pictures of the next are decoded."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self.name = engine, engine.name

    def answers(self, chunks: Iterator[BatchChunk], settings: RunSettings) -> Iterator[ChunkResults]:
        """See `Answerer`; gives what comes from one call of the engine at a time, in order."""
        with Loader(settings.image_root, settings.memory) as loader:
            started = deque[tuple[BatchChunk, Iterator[list[Loaded]]]]()
            for chunk in chain(chunks, [None]):
                if chunk is not None:
                    started.append((chunk, loader.calls(chunk.items)))
                while len(started) > (chunk is not None):
                    first, calls = started.popleft()
                    for call in calls:
                        yield first, list(_results(self._engine, call, first.wanted, settings))


def _results(engine: Engine, call: list[Loaded], wanted: frozenset[int], settings: RunSettings) -> Iterator[Result]:
    """What becomes of the wanted items of a call, in order."""
    asked = {
        one.item.index: Request(one.picture, one.item.prompted.prompt)
        for one in call
        if not isinstance(one.picture, UnimumerError)
    }
    answers: dict[int, Answer | UnimumerError] = {}
    if not wanted.isdisjoint(asked):
        answers = dict(zip(asked, ask(engine, list(asked.values()), _decoding(settings, next(iter(asked))))))
    for one in call:
        if one.item.index in wanted:
            picture = one.picture
            yield _result(one, picture if isinstance(picture, UnimumerError) else answers[one.item.index])


def _result(one: Loaded, answer: Answer | UnimumerError) -> Result:
    index, prompted = one.item.index, one.item.prompted
    result = partial(Result, index, prompted.id, prompted.image, prompted.label, one.sha256)
    if isinstance(answer, UnimumerError):
        return result(reason=str(answer))
    if answer.blank:
        return result(reason="no ink found in the picture")
    candidates = tuple(Candidate(recognize.parse(text.text), text.confidence) for text in answer.candidates)
    chosen = recognize.choose([candidate.latex for candidate in candidates])
    return result(candidates, chosen, answer.finish, answer.findings)


def _decoding(settings: RunSettings, first: int) -> Decoding:
    """How to search in the call that begins with item `first`: draws of its own, the same whoever makes it."""
    if not settings.decoding.temperature:
        return settings.decoding
    digest = hashlib.sha256(f"{settings.decoding.seed} {settings.prompts_sha256} {first}".encode()).digest()
    # 31 bits: every engine takes such a seed.
    return replace(settings.decoding, seed=int.from_bytes(digest[:4], "big") >> 1)
