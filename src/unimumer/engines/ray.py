"""Ray: a cluster that is joined or started here, and an engine whose calls its replicas answer, by Ray Serve."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

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

_STORE = 100 << 20
"""Bytes of Ray's object store when we start it; what goes through it is small."""
_ATTEMPTS = 3
"""Replicas a call may outlive."""
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


class Replicas:
    """An `Engine` whose calls are answered by replicas of the one that `load` makes. Use it with `with`.

    A call whose replica dies is given to another, up to three times; Ray Serve starts a new one meanwhile. A call
    that is stopped is no longer waited for, but its replica reads it to the end. Raises EngineError when Ray or Ray
    Serve is missing, when there is no cluster, or when no replica can be started.
    """

    def __init__(self, load: Callable[[], Engine], layout: ClusterLayout) -> None:
        self._ray = connect(layout.address, layout.workers * layout.cpus)
        try:
            self._serve, self._handle = _deployed(load, layout)
            self.name, self.defaults, self.calibrated = self._handle.about.remote().result()
        except BaseException:
            self._ray.shutdown()
            raise

    def __enter__(self) -> Replicas:
        """Give the engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
                cause = getattr(error, "cause", None)
                raise cause if isinstance(cause, UnimumerError) else EngineError(f"a replica failed: {cause}") from None
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
    """The process of one engine; it has one call at a time."""

    def __init__(self, load: Callable[[], Engine]) -> None:
        self._engine = load()

    def about(self) -> tuple[str, Defaults, bool]:
        return self._engine.name, self._engine.defaults, is_calibrated(self._engine)

    def generate(self, requests: list[Request], decoding: Decoding) -> list[Answer]:
        return self._engine.generate(requests, decoding)


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
