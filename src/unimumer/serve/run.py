"""The application behind uvicorn: one socket, requests that must come in time, and a graceful end."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from unimumer.serve.settings import ServeError, ServeSettings

_CONNECTIONS = 1000
"""Connections at once; uvicorn itself refuses more (503)."""
_HEAD_BYTES = 32_768


def listen(host: str, port: int) -> socket.socket:
    """Open the socket; port 0 takes a free one. Raises ServeError when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise ServeError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None


def server(app: ASGIApp, settings: ServeSettings) -> uvicorn.Server:
    """Give what answers by `run(sockets=[listener])`; a signal has it finish what is under way and return."""
    config = uvicorn.Config(
        app,
        http=_protocol(settings.body_seconds),
        ws="none",
        loop="asyncio",
        log_level="warning",
        access_log=False,  # addresses and queries are nobody's business
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_CONNECTIONS,
        h11_max_incomplete_event_size=_HEAD_BYTES,
        timeout_keep_alive=max(1, int(settings.body_seconds)),
        timeout_graceful_shutdown=int(settings.deadline + settings.body_seconds) + 1,
    )
    return _Graceful(config)


class _Graceful(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do as uvicorn does, but do not raise the signal again at the end: a graceful end is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        ends = (signal.SIGINT, signal.SIGTERM)
        before = {one: signal.signal(one, self.handle_exit) for one in ends}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def _protocol(seconds: float) -> type[asyncio.Protocol]:
    """HTTP/1.1 whose requests must have their heads complete within so many seconds, which uvicorn does not ask."""

    class Impatient(H11Protocol):
        _alarm: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._set_alarm()

        def data_received(self, data: bytes) -> None:
            before = self.cycle
            super().data_received(data)
            if self.cycle is not before:
                self._clear_alarm()
            elif self._alarm is None and (before is None or before.response_complete):
                self._set_alarm()

        def connection_lost(self, exc: Exception | None) -> None:
            self._clear_alarm()
            super().connection_lost(exc)

        def _set_alarm(self) -> None:
            self._alarm = self.loop.call_later(seconds, self.transport.close)

        def _clear_alarm(self) -> None:
            if self._alarm is not None:
                self._alarm.cancel()
                self._alarm = None

    return Impatient
