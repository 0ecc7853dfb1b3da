"""A pool of engines on a Ray cluster, one a worker; a worker that dies is replaced and its chunks asked again."""

from __future__ import annotations

import socket
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from unimumer.batch.answers import BatchChunk, Local, Part, Terms
from unimumer.engines.base import Defaults, Engine, EngineError
from unimumer.environment import processors
from unimumer.results import Result

_DEPTH = 2
"""Chunks a worker has at once: one with the model, one whose pictures are decoded meanwhile."""
_ATTEMPTS = 3
"""Workers a chunk may outlive; then its items have failed, for it may be a picture that kills them."""
_START_SECONDS = 900
"""For the first worker to have loaded its model."""
_STORE = 100 << 20
"""Bytes of Ray's object store when we start it; items and results are small."""


@dataclass(frozen=True, slots=True)
class ClusterLayout:
    """How many workers, and what each of them takes."""

    workers: int
    cpus: int = 1
    """Processors of one worker."""
    gpus: float = 0
    """Graphics cards of one worker; Ray shows it those and no others."""
    address: str = "local"
    """`local` starts Ray on this machine; `auto`, `HOST:PORT` or `ray://HOST:PORT` is a cluster that runs."""


class Cluster:
    """Answers chunks with the workers of a `ClusterLayout`; see `Answerer`. Use it with `with`.

    `load` makes the engine, in each worker; this package and the pictures are to be found under the same paths on
    every machine. Raises EngineError when Ray is missing or cannot be reached, or when no worker can be started.
    """

    def __init__(self, load: Callable[[], Engine], layout: ClusterLayout) -> None:
        self._load, self._layout = load, layout
        self._ray = _connect(layout)
        self._starting: dict[Any, Any] = {}
        """Workers by the promise of their model's name and defaults."""
        self._working: dict[Any, tuple[Any, BatchChunk]] = {}
        """Worker and chunk by the promise of its results."""
        self._ready: list[Any] = []
        self._deaths = Counter[int]()
        """Workers that died of a chunk, or beside it, by its number."""
        try:
            for _ in range(layout.workers):
                self._start()
            self.name, self.defaults = self._welcome(self._first_done())
        except BaseException:
            self._ray.shutdown()
            raise

    def __enter__(self) -> Cluster:
        """Give the cluster itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers, and Ray if it was started here."""
        self._ray.shutdown()

    def answers(self, chunks: Iterator[BatchChunk], terms: Terms) -> Iterator[Part]:
        """See `Answerer`; gives a chunk at a time, in the order in which they are done."""
        again = deque[BatchChunk]()
        try:
            while not self._hand_out(again, chunks, terms) or self._working:
                promise = self._first_done()
                if promise in self._starting:
                    self._welcome(promise)
                else:
                    yield from self._collect(promise, again)
        finally:
            # What an error has left is of no use to the next file.
            self._working.clear()
            self._deaths.clear()

    def _hand_out(self, again: deque[BatchChunk], chunks: Iterator[BatchChunk], terms: Terms) -> bool:
        """Give every worker what it has room for, what is to be asked again first; True when there is no more."""
        while (worker := self._free()) is not None:
            chunk = again.popleft() if again else next(chunks, None)
            if chunk is None:
                return True
            self._working[worker.answer.remote(chunk, terms)] = (worker, chunk)
        return False

    def _free(self) -> Any:
        """A worker with room for a chunk, the least busy first; None when there is none."""
        loads = Counter(id(worker) for worker, _ in self._working.values())
        least = min(self._ready, key=lambda worker: loads[id(worker)], default=None)
        return None if least is None or loads[id(least)] >= _DEPTH else least

    def _first_done(self) -> Any:
        """Wait for a chunk or for a worker that has loaded its model."""
        patience = None if self._working else _START_SECONDS
        done, _ = self._ray.wait([*self._working, *self._starting], timeout=patience)
        if not done:
            raise EngineError(
                f"no worker has started in {_START_SECONDS} s: each asks for {self._layout.cpus} processors and "
                f"{self._layout.gpus} graphics cards, and the cluster has {self._ray.cluster_resources()}"
            )
        return done[0]

    def _collect(self, promise: Any, again: deque[BatchChunk]) -> Iterator[Part]:
        worker, chunk = self._working.pop(promise)
        try:
            yield chunk, self._ray.get(promise)
        except self._ray.exceptions.RayActorError:
            self._replace(worker)
            self._deaths[chunk.number] += 1
            if self._deaths[chunk.number] < _ATTEMPTS:
                again.append(chunk)
            else:
                yield chunk, _given_up(chunk)
        except self._ray.exceptions.RayTaskError as error:
            raise _cause(error) from None

    def _start(self) -> None:
        layout = self._layout
        kind = self._ray.remote(num_cpus=layout.cpus, num_gpus=layout.gpus, max_concurrency=_DEPTH)(_Worker)
        worker = kind.remote(self._load)
        self._starting[worker.about.remote()] = worker

    def _replace(self, worker: Any) -> None:
        """Start another worker for one that died; it may have had two chunks, and is missed only once."""
        if any(one is worker for one in self._ready):
            self._ready = [one for one in self._ready if one is not worker]
            self._ray.kill(worker)  # it may be out of reach only
            self._start()

    def _welcome(self, promise: Any) -> tuple[str, Defaults]:
        """Let a worker work that has loaded its model; give the model's name and defaults."""
        worker = self._starting.pop(promise)
        try:
            name, defaults = self._ray.get(promise)
        except self._ray.exceptions.RayError as error:
            raise _cause(error) from None
        if name != getattr(self, "name", name):
            raise EngineError(f"a worker has the model {name}, the first had {self.name}: they must be the same")
        self._ready.append(worker)
        return name, defaults


class _Worker:
    """The process of one engine. Its calls come on two threads: one decodes pictures while the other has the model."""

    def __init__(self, load: Callable[[], Engine]) -> None:
        self._local = Local(load())

    def about(self) -> tuple[str, Defaults]:
        return self._local.name, self._local.defaults

    def answer(self, chunk: BatchChunk, terms: Terms) -> list[Result]:
        return [result for _, part in self._local.answers(iter([chunk]), terms) for result in part]


def _connect(layout: ClusterLayout) -> Any:
    try:
        import ray
    except ImportError as error:
        raise EngineError("--ray needs Ray: pip install 'unimumer[ray]'") from error
    _knock(layout.address)
    here: dict[str, Any] = {}
    if layout.address == "local":
        wanted = layout.workers * layout.cpus
        here = {"num_cpus": max(processors(), wanted), "object_store_memory": _STORE, "include_dashboard": False}
    try:
        ray.init(address=layout.address, logging_level="ERROR", log_to_driver=False, **here)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise EngineError(f"no Ray cluster at {layout.address}: {error}") from error
    return ray


def _knock(address: str) -> None:
    """Raise EngineError when nobody listens at `HOST:PORT`: Ray itself would try for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, ValueError) as error:
        raise EngineError(f"no Ray cluster at {address}: {error}") from error


def _given_up(chunk: BatchChunk) -> list[Result]:
    reason = f"the worker died {_ATTEMPTS} times on items {chunk.items[0].index} to {chunk.items[-1].index}"
    return [
        Result(one.index, one.prompted.id, one.prompted.image, one.prompted.label, reason=reason)
        for one in chunk.items
        if one.index in chunk.wanted
    ]


def _cause(error: Exception) -> EngineError:
    """What went wrong in a worker, in one line."""
    cause = getattr(error, "cause", None) or error
    return cause if isinstance(cause, EngineError) else EngineError(f"a worker failed: {str(cause).splitlines()[-1]}")
