"""A pool of engines on a Ray cluster, one a worker; a worker that dies is replaced and its chunks asked again.

Every machine must see what this one does: the same package, and the same files under the same paths.
"""

from __future__ import annotations

import hashlib
import socket
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import unimumer
from unimumer.batch.answers import BatchChunk, ChunkResults, Local
from unimumer.batch.journal import RunSettings
from unimumer.batch.prompts import Prompts
from unimumer.engines.base import Defaults, Engine, EngineError, is_calibrated
from unimumer.engines.ray import ClusterLayout, ask_machines, cause, connect
from unimumer.files import FileError, find_file, sha256
from unimumer.results import Result

_DEPTH = 2
"""Chunks a worker has at once: one with the model, one whose pictures are decoded meanwhile."""
_ATTEMPTS = 3
"""Workers a chunk may outlive; then its items have failed, for it may be a picture that kills them."""
_START_SECONDS = 900
"""For the first worker to have loaded its model."""
_SIGHT_SECONDS = 120
"""For all machines to say what they see."""
_SHARED = "this package, the model and the pictures must be the same, under the same paths, on every machine"


@dataclass(frozen=True, slots=True)
class Sight:
    """Some of what one machine sees; a few files stand for their folders."""

    package: str
    """SHA-256 of the sources of this package, hex."""
    files: tuple[tuple[Path, str], ...]
    """Absolute paths, and the SHA-256 of what is there, hex."""

    def missed_here(self) -> str:
        """What this machine sees otherwise, as the end of a sentence about it; empty when there is nothing."""
        if _package() != self.package:
            return f"has another version of this package: {_SHARED}"
        for path, expected in self.files:
            try:
                found = sha256(path)
            except FileError as error:
                return f"cannot read a file that is read here ({error}): {_SHARED}"
            if found != expected:
                return f"has another file at {path}: {_SHARED}"
        return ""


def take_sight(sets: Iterable[Prompts], root: Path, model: Path | None) -> Sight:
    """Take from this machine the first, middle and last picture of every set, and the description of the model.

    Paths of pictures start from `root`; `model` is a folder, or None for a model that has none of its own. What
    cannot be read here is left out, since it is not read in a single run either.
    """
    paths = [(model / name).absolute() for name in ("nano.json", "config.json")] if model else []
    for one in sets:
        wanted = {0, one.count // 2, one.count - 1}
        asked = (item.prompted.image for item in one.items() if item.index in wanted)
        paths += [find_file(root, image).absolute() for image in asked]
    found = []
    for path in paths:
        with suppress(FileError):
            found.append((path, sha256(path)))
    return Sight(_package(), tuple(found))


def _package() -> str:
    folder = Path(unimumer.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class Cluster(AbstractContextManager["Cluster"]):
    """Answers chunks with the workers of a `ClusterLayout`; see `Answerer`. Use it with `with`.

    `load` makes the engine, in each worker; this package and the pictures are to be found under the same paths on
    every machine that has room for a worker, and each must see what is in `sight`. Raises EngineError when Ray is
    missing or cannot be reached, when a machine sees something else, or when no worker can be started.
    """

    name: str
    """See `Answerer`; known once the first worker has loaded its model."""
    defaults: Defaults
    calibrated: bool

    def __init__(self, load: Callable[[], Engine], layout: ClusterLayout, sight: Sight | None = None) -> None:
        self._load, self._layout, self._sight = load, layout, sight
        self._ray = connect(layout.address, layout.workers * layout.cpus)
        self._lost = 0
        """Workers that died while they were starting, since the last that did not."""
        self._starting: dict[Any, Any] = {}
        """Workers by the promise of their model's name and defaults."""
        self._working: dict[Any, tuple[Any, BatchChunk]] = {}
        """Worker and chunk by the promise of its results."""
        self._ready: list[Any] = []
        self._deaths = Counter[int]()
        """Workers that died of a chunk, or beside it, by its number."""
        try:
            if sight is not None and layout.address != "local":
                ask_machines(self._ray, layout, _SIGHT_SECONDS, Sight.missed_here, sight, num_cpus=0)
            for _ in range(layout.workers):
                self._start()
            while not self._ready:
                self._welcome(self._first_done())
        except BaseException:
            self._ray.shutdown()
            raise

    def __exit__(self, *_: object) -> None:
        """End the workers, and Ray if it was started here."""
        self._ray.shutdown()

    def answers(self, chunks: Iterator[BatchChunk], settings: RunSettings) -> Iterator[ChunkResults]:
        """See `Answerer`; gives a chunk at a time, in the order in which they are done."""
        # Workers run in other folders than the command.
        settings = replace(settings, image_root=settings.image_root.absolute())
        again = deque[BatchChunk]()
        try:
            while not self._hand_out(again, chunks, settings) or self._working:
                promise = self._first_done()
                if promise in self._starting:
                    self._welcome(promise)
                else:
                    yield from self._collect(promise, again)
        finally:
            # What an error has left is of no use to the next file.
            self._working.clear()
            self._deaths.clear()

    def _hand_out(self, again: deque[BatchChunk], chunks: Iterator[BatchChunk], settings: RunSettings) -> bool:
        """Give every worker what it has room for, what is to be asked again first; True when there is no more."""
        while (worker := self._free()) is not None:
            chunk = again.popleft() if again else next(chunks, None)
            if chunk is None:
                return True
            self._working[worker.answer.remote(chunk, settings)] = (worker, chunk)
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

    def _collect(self, promise: Any, again: deque[BatchChunk]) -> Iterator[ChunkResults]:
        worker, chunk = self._working.pop(promise)
        try:
            yield chunk, self._ray.get(promise)
        except self._ray.exceptions.RayTaskError as error:
            raise cause(error) from None
        except self._ray.exceptions.RayError:  # the worker has died, or its machine did with the answer
            self._replace(worker)
            self._deaths[chunk.number] += 1
            if self._deaths[chunk.number] < _ATTEMPTS:
                again.append(chunk)
            else:
                yield chunk, _given_up(chunk)

    def _start(self) -> None:
        layout = self._layout
        kind = self._ray.remote(num_cpus=layout.cpus, num_gpus=layout.gpus, max_concurrency=_DEPTH)(_Worker)
        worker = kind.remote()
        self._starting[worker.prepare.remote(self._load, self._sight)] = worker

    def _replace(self, worker: Any) -> None:
        """Start another worker for one that died; it may have had two chunks, and is missed only once."""
        if any(one is worker for one in self._ready):
            self._ready = [one for one in self._ready if one is not worker]
            self._ray.kill(worker)  # it may be out of reach only
            self._start()

    def _welcome(self, promise: Any) -> None:
        """Let a worker work that has loaded its model; start another for one that died meanwhile."""
        worker = self._starting.pop(promise)
        try:
            place, name, defaults, calibrated = self._ray.get(promise)
        except self._ray.exceptions.RayTaskError as error:
            raise cause(error) from None
        except self._ray.exceptions.RayError as error:
            self._lost += 1
            if self._lost >= _ATTEMPTS:
                raise EngineError(f"{_ATTEMPTS} workers died one after the other while they started: {error}") from None
            self._start()
            return
        if name != (first := getattr(self, "name", name)):
            raise EngineError(f"the machine {place} has the model {name}, the first had {first}: {_SHARED}")
        self.name, self.defaults, self.calibrated, self._lost = name, defaults, calibrated, 0
        self._ready.append(worker)


class _Worker:
    """The process of one engine. Its calls come on two threads: one decodes pictures while the other has the model."""

    _local: Local

    def prepare(self, load: Callable[[], Engine], sight: Sight | None) -> tuple[str, str, Defaults, bool]:
        """Load the model; give where this is, the model's name and defaults, and whether it is calibrated."""
        place = socket.gethostname()
        if sight is not None and (missed := sight.missed_here()):
            raise EngineError(f"the machine {place} {missed}")
        engine = load()
        self._local = Local(engine)
        return place, engine.name, engine.defaults, is_calibrated(engine)

    def answer(self, chunk: BatchChunk, settings: RunSettings) -> list[Result]:
        return [result for _, part in self._local.answers(iter([chunk]), settings) for result in part]


def _given_up(chunk: BatchChunk) -> list[Result]:
    reason = f"the worker died {_ATTEMPTS} times on items {chunk.items[0].index} to {chunk.items[-1].index}"
    return [
        Result(one.index, one.prompted.id, one.prompted.image, one.prompted.label, reason=reason)
        for one in chunk.items
        if one.index in chunk.wanted
    ]
