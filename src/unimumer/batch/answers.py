"""From chunks of records to outcomes: pictures prepared ahead, one engine, and errors that cost one record only."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from unimumer.batch.outcome import Outcome
from unimumer.batch.pictures import Loaded, Loader
from unimumer.batch.prompts import Record
from unimumer.engines.base import Answer, Decoding, Engine, EngineError, Request
from unimumer.errors import UnimumerError
from unimumer.tasks import recognize


@dataclass(frozen=True, slots=True)
class Chunk:
    """A fixed stretch of a file of prompts: what is claimed, batched and, when something is missing, asked again."""

    number: int
    records: tuple[Record, ...]
    wanted: frozenset[int]
    """Indices of the records without an answer; the others are there to make up the same calls again."""


@dataclass(frozen=True, slots=True)
class Job:
    """What answers depend on beside their chunk and the model."""

    image_root: Path
    """Folder that the paths of pictures start from."""
    decoding: Decoding
    memory: int
    """Bound on decoded pictures, bytes."""
    prompts_sha256: str


Part = tuple[Chunk, list[Outcome]]
"""What became of some of the wanted records of a chunk."""


class Answerer(Protocol):
    """Something that answers chunks: `Local`, or `cluster.Cluster`."""

    @property
    def name(self) -> str:
        """Name of the model, as `Engine.name`."""
        ...

    def answers(self, chunks: Iterator[Chunk], job: Job) -> Iterator[Part]:
        """Take chunks as there is room for them, and give all that becomes of them, in any order."""
        ...


class Local:
    """One engine in this process; while it works on a chunk, the pictures of the next are decoded."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def name(self) -> str:
        """See `Answerer`."""
        return self._engine.name

    def answers(self, chunks: Iterator[Chunk], job: Job) -> Iterator[Part]:
        """See `Answerer`; gives what comes from one call of the engine at a time, in order."""
        with Loader(job.image_root, job.memory) as loader:
            started = deque[tuple[Chunk, Iterator[list[Loaded]]]]()
            for chunk in chunks:
                started.append((chunk, loader.calls(loader.start(chunk.records))))
                if len(started) > 1:
                    yield from self._parts(*started.popleft(), job)
            while started:
                yield from self._parts(*started.popleft(), job)

    def _parts(self, chunk: Chunk, calls: Iterator[list[Loaded]], job: Job) -> Iterator[Part]:
        for call in calls:
            yield chunk, list(_outcomes(self._engine, call, chunk.wanted, job))


def _outcomes(engine: Engine, call: list[Loaded], wanted: frozenset[int], job: Job) -> Iterator[Outcome]:
    """What becomes of the wanted records of a call, in order."""
    asked = [
        (record.index, Request(picture, record.prompted.prompt))
        for record, picture in call
        if not isinstance(picture, UnimumerError)
    ]
    useful = any(index in wanted for index, _ in asked)
    answers = dict(_generate(engine, asked, job)) if useful else {}
    for record, picture in call:
        if record.index in wanted:
            yield _outcome(record, picture if isinstance(picture, UnimumerError) else answers[record.index])


def _outcome(record: Record, answer: Answer | Exception) -> Outcome:
    index, img_id = record.index, record.prompted.id
    if isinstance(answer, UnimumerError):
        return Outcome(index, img_id, reason=str(answer))
    if isinstance(answer, Exception):
        return Outcome(index, img_id, reason=f"the model failed: {type(answer).__name__}: {answer}")
    if answer.blank:
        return Outcome(index, img_id, reason="no ink found in the picture")
    texts = [recognize.parse(candidate.text) for candidate in answer.candidates]
    best = recognize.choose(texts)
    return Outcome(index, img_id, texts[best], answer.candidates[best].confidence, answer.finish)


_Asked = tuple[int, Request]
"""A request and the index of its record."""


def _generate(engine: Engine, asked: list[_Asked], job: Job) -> Iterable[tuple[int, Answer | Exception]]:
    """Answers by index; when a call fails, each request is asked alone, and the error is its answer."""
    try:
        answers = engine.generate([request for _, request in asked], _decoding(job, asked[0][0]))
    except EngineError:
        raise
    except MemoryError as error:
        # Asking alone would go on, but with answers of other batches than the same run with more memory.
        raise EngineError(f"out of memory with {len(asked)} pictures at once; use smaller batches") from error
    except Exception as error:  # whatever a runtime raises on one picture must not cost the others
        if len(asked) == 1:
            return [(asked[0][0], error)]
        return [answer for one in asked for answer in _generate(engine, [one], job)]
    if len(answers) != len(asked):
        raise EngineError(f"{engine.name} gave {len(answers)} answers to {len(asked)} requests")
    return zip((index for index, _ in asked), answers)


def _decoding(job: Job, first: int) -> Decoding:
    """How to search in the call that begins with record `first`: draws of its own, the same whoever makes it."""
    if not job.decoding.temperature:
        return job.decoding
    digest = hashlib.sha256(f"{job.decoding.seed} {job.prompts_sha256} {first}".encode()).digest()
    # 31 bits: every engine takes such a seed.
    return replace(job.decoding, seed=int.from_bytes(digest[:4], "big") >> 1)
