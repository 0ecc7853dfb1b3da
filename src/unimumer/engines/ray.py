"""Ray: a cluster that is joined or started here, and an engine whose calls its replicas answer, by Ray Serve."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Event
from typing import Any, TypeVar

from unimumer.engines.base import (
    Answer,
    Cancelled,
    Decoding,
    Defaults,
    Engine,
    EngineError,
    Request,
    Stop,
    is_calibrated,
    never,
)
from unimumer.environment import processors
from unimumer.errors import UnimumerError

T = TypeVar("T")
_STORE = 100 << 20
"""Bytes of Ray's object store when we start it; what goes through it is small."""
_ATTEMPTS = 3
"""Replicas a call may outlive."""
_LOAD_SECONDS = 900
"""For every machine to have loaded the model once."""
_STEP = 0.1
"""Seconds after which a call that is under way looks whether anybody still wants it."""


class Unavailable(EngineError):
    """A call whose replicas died; the same call may be answered a little later."""


def connect(address: str, wanted: int) -> Any:
    """Join the Ray cluster at `address`, or start one here of `wanted` processors at least if it is `local`.

    Gives the module. Raises EngineError when Ray is missing, or when there is no cluster.
    """
    try:
        import ray
    except ImportError as error:
        raise EngineError("--ray needs Ray: pip install 'unimumer[ray]'") from error
    _knock(address)
    here: dict[str, Any] = {}
    if address == "local":
        here = {"num_cpus": max(processors(), wanted), "object_store_memory": _STORE, "include_dashboard": False}
    try:
        ray.init(address=address, logging_level="ERROR", log_to_driver=False, **here)
    except (ConnectionError, ValueError, RuntimeError) as error:
        hint = "" if address == "local" else "; one that was started with a token asks for RAY_AUTH_MODE=token"
        raise EngineError(f"no Ray cluster at {address}: {error}{hint}") from error
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


@dataclass(frozen=True, slots=True)
class ClusterLayout:
    """How many workers a cluster has, each with a model of its own, and what each of them takes."""

    workers: int
    cpus: int = 1
    """Processors of one worker."""
    gpus: float = 0
    """Graphics cards of one worker; Ray shows it those and no others."""
    address: str = "local"
    """`local` starts Ray on this machine; `auto`, `HOST:PORT` or `ray://HOST:PORT` is a cluster that runs."""

    def __post_init__(self) -> None:
        """Raise EngineError for what no cluster could give."""
        if not self.address.strip():
            raise EngineError("a Ray cluster has an address: auto, HOST:PORT or ray://HOST:PORT")
        if not 0 <= self.gpus < math.inf or (self.gpus > 1 and self.gpus != int(self.gpus)):
            raise EngineError(f"graphics cards of one worker are a share of one, or a whole number, not {self.gpus}")

    def room(self, resources: dict[str, float]) -> int:
        """How many workers a machine with these resources could hold, as Ray names and counts them."""
        cpus = resources.get("CPU", 0) // self.cpus
        return int(cpus if not self.gpus else min(cpus, resources.get("GPU", 0) // self.gpus))


class Replicas(AbstractContextManager["Replicas"]):
    """An `Engine` whose calls are answered by replicas of the one that `load` makes. Use it with `with`.

    A call whose replica dies is given to another, up to three times; Ray Serve starts a new one meanwhile. A call
    that is stopped ends in its replica too. Raises EngineError when Ray or Ray Serve is missing, when there is no
    cluster or too small a one, or when one of its machines cannot load the model: Ray Serve would try for ever.
    """

    def __init__(self, load: Callable[[], Engine], layout: ClusterLayout) -> None:
        self._ray = connect(layout.address, layout.workers * layout.cpus)
        try:
            _try_machines(self._ray, load, layout)
            self._serve, self._handle = _deployed(load, layout)
            self.name, self.defaults, self.calibrated = self._handle.about.remote().result()
        except BaseException:
            self._ray.shutdown()
            raise

    def __exit__(self, *_: object) -> None:
        """End the replicas, and Ray if it was started here."""
        self._serve.delete("unimumer")
        self._ray.shutdown()

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """See `Engine`. Raises Unavailable when one replica after the other dies of it, or beside it."""
        for _ in range(_ATTEMPTS):
            response = self._handle.generate.remote(list(requests), decoding)
            try:
                return self._result(response, stop)
            except self._ray.exceptions.RayTaskError as error:
                raise cause(error) from None
            except self._ray.exceptions.RayError:
                continue
        raise Unavailable(f"{_ATTEMPTS} replicas died, one after the other")

    def _result(self, response: Any, stop: Stop) -> list[Answer]:
        while True:
            try:
                found: list[Answer] = response.result(timeout_s=_STEP)
                return found
            except TimeoutError:
                if stop():
                    response.cancel()
                    raise Cancelled("stopped by its caller") from None


class _Replica:
    """The process of one engine; it has one call at a time, but for the last step of one that was stopped."""

    def __init__(self, load: Callable[[], Engine]) -> None:
        self._engine = load()

    def about(self) -> tuple[str, Defaults, bool]:
        return self._engine.name, self._engine.defaults, is_calibrated(self._engine)

    async def generate(self, requests: list[Request], decoding: Decoding) -> list[Answer]:
        gone = Event()
        try:
            return await asyncio.to_thread(self._engine.generate, requests, decoding, gone.is_set)
        finally:  # Ray Serve cancels the task of a call that its caller has cancelled
            gone.set()


def ask_machines(
    ray: Any, layout: ClusterLayout, seconds: int, question: Callable[[T], str], about: T, **resources: float
) -> None:
    """Ask every machine with room for a worker, which answers with what is wrong there, or with nothing.

    An answer ends the sentence "the machine NAME …". Raises EngineError for one, and for a machine that does not
    answer in so many seconds; `resources` are what Ray sets aside for the question.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    task = ray.remote(max_retries=0, **resources)(question)
    asked = {}
    for node in _with_room(ray, layout):
        there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        name = f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})"
        asked[task.options(scheduling_strategy=there).remote(about)] = name
    done, late = ray.wait([*asked], num_returns=len(asked), timeout=seconds) if asked else ([], [])
    for promise in done:
        try:
            said = ray.get(promise)
        except ray.exceptions.RayError as error:
            said = f"died, or cannot run this package ({cause(error)})"
        if said:
            raise EngineError(f"the machine {asked[promise]} {said}")
    if late:
        raise EngineError(f"the machine {asked[late[0]]} has not answered in {seconds} s")


def cause(error: Exception) -> UnimumerError:
    """What went wrong in a process of the cluster, in one line."""
    inner = getattr(error, "cause", None) or error
    if isinstance(inner, UnimumerError):
        return inner
    return EngineError(f"a process of the cluster failed: {str(inner).strip().splitlines()[-1]}")


def _with_room(ray: Any, layout: ClusterLayout) -> list[dict[str, Any]]:
    return [node for node in ray.nodes() if node["Alive"] and layout.room(node["Resources"])]


def _try_machines(ray: Any, load: Callable[[], Engine], layout: ClusterLayout) -> None:
    """Raise EngineError when there is no room for all replicas, or for a machine that cannot load the model."""
    room = sum(layout.room(node["Resources"]) for node in _with_room(ray, layout))
    if room < layout.workers:
        raise EngineError(
            f"the cluster has room for {room} of {layout.workers} replicas: each asks for {layout.cpus} processors "
            f"and {layout.gpus:g} graphics cards"
        )
    ask_machines(ray, layout, _LOAD_SECONDS, _tried, load, num_cpus=layout.cpus, num_gpus=layout.gpus)


def _tried(load: Callable[[], Engine]) -> str:
    """Load the model, in a process that ends with it; say what is wrong, nothing when all is well."""
    try:
        load()
    except Exception as error:  # runtimes raise almost anything
        kind = "" if isinstance(error, UnimumerError) else f"{type(error).__name__}: "
        return f"cannot load the model: {kind}{error}"
    return ""


def _deployed(load: Callable[[], Engine], layout: ClusterLayout) -> tuple[Any, Any]:
    """Ray Serve, and what asks the replicas. None of Ray's own HTTP is started."""
    try:
        from ray import serve
    except ImportError as error:
        raise EngineError("Ray Serve is not there: pip install 'unimumer[ray-serve]'") from error
    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    made = serve.deployment(_Replica).options(
        name="model",
        num_replicas=layout.workers,
        max_ongoing_requests=1,
        health_check_period_s=2,
        graceful_shutdown_timeout_s=5,
        ray_actor_options={"num_cpus": layout.cpus, "num_gpus": layout.gpus},
    )
    try:
        serve.start(proxy_location="Disabled")
        return serve, serve.run(made.bind(load), name="unimumer", route_prefix=None)
    except RuntimeError:
        said = serve.status().applications["unimumer"].deployments["model"].message
        raise EngineError(f"no replica could be started: {said.strip().splitlines()[-1]}") from None
