"""Where questions wait for the model: a bounded queue, and workers that take together whatever waits."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice

from unimumer.engines.base import Answer, Cancelled, Decoding, Defaults, Engine, Request, Stop, is_calibrated, never
from unimumer.engines.ray import Unavailable
from unimumer.errors import UnimumerError
from unimumer.imaging import ImageError
from unimumer.ink import Ink, InkError
from unimumer.recognizer import Page, Recognition, Recognizer
from unimumer.serve.api import described
from unimumer.serve.metrics import Metrics
from unimumer.serve.questions import Outcome, Question
from unimumer.serve.settings import Refusal, ServeSettings

_LOG = logging.getLogger("unimumer.serve")
LATE = "no answer in time; try again later"
_TOGETHER = 64
"""Pictures in one call of the model, at most."""
_FEW = 4
"""Pictures that are taken together however few wait: with four, most of what a large call saves is saved."""
_SHORT = 16
"""Pictures a worker in a queue that is short."""
BROKEN = "the model could not be run on this; the server's own log says why"


@dataclass(eq=False, slots=True)
class Job:
    """What one request asks the model."""

    question: Question
    deadline: float
    """Moment of `time.monotonic` from which on nobody waits for it."""
    outcomes: asyncio.Future[list[Outcome]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    dropped: bool = False
    """Whether its client is gone."""

    @property
    def size(self) -> int:
        """How many pictures it has."""
        return len(self.question.sound)

    @property
    def weight(self) -> int:
        """Bytes of all of them once decoded, about."""
        return sum(item.weight for item in self.question.sound)

    @property
    def over(self) -> bool:
        """Whether nobody wants the answer any more."""
        return self.dropped or time.monotonic() > self.deadline


class Desk:
    """Takes jobs from the event loop and answers them in threads of its own."""

    def __init__(self, engine: Engine, settings: ServeSettings, metrics: Metrics) -> None:
        """Nothing is answered before `start`."""
        self._engine = _Together(engine)
        self._settings, self._metrics = settings, metrics
        self._waiting: deque[Job] = deque()
        self._ready = threading.Condition()
        self._closed = True
        self._seconds = 0.05  # of a worker, a picture, of late
        self._under_way = 0
        self._workers: list[threading.Thread] = []

    @property
    def waiting(self) -> int:
        """Pictures that wait, those nobody wants any more left out."""
        with self._ready:
            return self._count()

    def start(self) -> None:
        """Start the workers; `close` ends them."""
        self._closed = False
        self._workers = [threading.Thread(target=self._work, daemon=True) for _ in range(self._settings.workers)]
        for worker in self._workers:
            worker.start()

    def submit(self, job: Job) -> None:
        """Let a job wait for a worker. Raises Refusal when too much waits already, or more than is done in time."""
        with self._ready:
            count = self._count()
            wait = (count + self._under_way) * self._seconds / self._settings.workers
            if self._closed or count + job.size > self._settings.queue or wait > self._settings.deadline / 2:
                raise Refusal(503, "too much is waiting; try again", wait / 2)
            self._waiting.append(job)
            self._ready.notify()

    def close(self) -> None:
        """Stop the workers, and wait a little until they have stopped."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
        for worker in self._workers:
            worker.join(timeout=5)

    def _count(self) -> int:
        return sum(job.size for job in self._waiting if not job.over)

    def _work(self) -> None:
        while call := self._take():
            begun = time.monotonic()
            count = sum(job.size for job in call)
            self._answer(call)
            with self._ready:
                self._seconds += 0.2 * ((time.monotonic() - begun) / count - self._seconds)
                self._under_way -= count
            self._metrics.called(count)

    def _take(self) -> list[Job]:
        """Wait for jobs and take those that go together, the oldest first; none once the desk is closed.

        Of a short queue a worker takes little, so that whoever asks next waits for a short call; of a long one it takes
        its share but for that, since large calls are faster a picture.
        """
        with self._ready:
            while not self._closed:
                self._waiting = deque(job for job in self._waiting if not job.over)
                if self._waiting:
                    share = max(_FEW, -(-self._count() // self._settings.workers) - _SHORT)
                    call = self._together(min(share, _TOGETHER))
                    self._under_way += sum(job.size for job in call)
                    return call
                self._ready.wait()
        return []

    def _together(self, most: int) -> list[Job]:
        first = self._waiting.popleft()
        call, count, weight = [first], first.size, first.weight
        for job in list(self._waiting):
            count, weight = count + job.size, weight + job.weight
            if count > most or weight > self._settings.max_decoded:
                break
            if (job.question.beams, job.question.page) == (first.question.beams, first.question.page):
                self._waiting.remove(job)
                call.append(job)
        return call

    def _answer(self, call: list[Job]) -> None:
        """Ask the model about all of a call's pictures and hand out what it says."""

        def stop() -> bool:
            return self._closed or all(job.over for job in call)

        sources = (item.source for job in call for item in job.question.sound)
        try:
            reader = Recognizer(self._engine, beams=call[0].question.beams)
            page = call[0].question.page
            found = _pages(reader, sources, stop) if page else reader.recognize_each(sources, stop)
            for job in call:
                _deliver(job, [_outcome(job.question, one) for one in islice(found, job.size)])
        except Cancelled:
            _refuse(call, Refusal(503, "the server is ending", 1) if self._closed else Refusal(504, LATE))
        except Unavailable:
            _refuse(call, Refusal(503, "what was reading this has died; try again", 1))
        except Exception:  # one call must not end the worker
            _LOG.exception("a call of the model failed")
            _refuse(call, Refusal(500, BROKEN))


class _Together:
    """An engine that is given as many pictures a call as wait, rather than as its defaults say."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name, self.calibrated = engine.name, is_calibrated(engine)
        self.defaults: Defaults = replace(engine.defaults, batch=_TOGETHER)

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        return self._engine.generate(requests, decoding, stop)


def _pages(reader: Recognizer, sources: Iterable[bytes | Ink], stop: Stop) -> Iterator[Page | UnimumerError]:
    for source in sources:
        try:
            yield reader.page(source, stop)
        except (ImageError, InkError) as error:
            yield error


def _outcome(question: Question, found: Recognition | Page | UnimumerError) -> Outcome:
    if isinstance(found, (Recognition, Page)):
        try:
            return described(question, found)
        except Exception:  # what fails on one reading must not cost the others
            _LOG.exception("a reading could not be described")
            return Refusal(500, BROKEN)
    if isinstance(found, (ImageError, InkError)):
        return Refusal(422, str(found))
    _LOG.error("a picture could not be read: %s", found)
    return Refusal(500, BROKEN)


def _refuse(call: list[Job], refusal: Refusal) -> None:
    for job in call:
        _deliver(job, [refusal] * job.size)


def _deliver(job: Job, outcomes: list[Outcome]) -> None:
    with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
        job.outcomes.get_loop().call_soon_threadsafe(_settle, job.outcomes, outcomes)


def _settle(future: asyncio.Future[list[Outcome]], outcomes: list[Outcome]) -> None:
    if not future.done():
        future.set_result(outcomes)
