"""A real server on loopback in a thread of the test, and engines whose work a test can hold and watch."""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from unimumer.engines.base import Answer, Cancelled, Decoding, Request, Stop, never
from unimumer.engines.fake import FakeEngine
from unimumer.serve import ServeSettings, create_app, listen, server

ROOT = Path(__file__).parents[2]
ASK = "/v1/recognize"
STROKES = [[[0, 0], [0, 40]], [[20, 20], [50, 20]], [[35, 5], [35, 35]], [[70, 0], [70, 40]]]


def png(width: int = 60, height: int = 40, ink: int = 0) -> bytes:
    """A picture of a bar; another one for each `ink`."""
    picture = Image.new("L", (width, height), 255)
    picture.paste(0, (5, 5, 10 + ink % 40, height - 10))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


@dataclass
class Reply:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Asks the server on a port of loopback, over a new connection each time."""

    port: int

    def ask(
        self, path: str, body: bytes | object = None, method: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection.request(method or ("GET" if body is None else "POST"), path, data, dict(headers or {}))
        response = connection.getresponse()
        reply = Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        connection.close()
        return reply

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def sent(self, *parts: bytes) -> bytes:
        """What comes back, to the end of the connection, for bytes that are sent as they are."""
        with self.connected() as connection:
            for part in parts:
                connection.sendall(part)
            return everything(connection)

    def count(self, name: str) -> float:
        """A value out of the metrics."""
        lines = [line.rpartition(" ") for line in self.ask("/metrics").body.decode().splitlines()]
        return next((float(value) for found, _, value in lines if found == name), 0.0)


def everything(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


@dataclass
class HeldEngine(FakeEngine):
    """Answers once it is let go; ends as soon as it is stopped."""

    free: threading.Event = field(default_factory=threading.Event)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    calls: list[int] = field(default_factory=list)
    prompts: set[str] = field(default_factory=set)
    cancelled: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        self.calls.append(len(requests))
        self.prompts.update(request.prompt for request in requests)
        self.begun.release()
        while not self.free.wait(0.01):
            if stop():
                self.cancelled += 1
                raise Cancelled("stopped")
        return super().generate(requests, decoding)


Serving = Callable[..., Any]


@contextmanager
def running(engine: Any = None, static: Path | None = None, **bounds: Any) -> Iterator[Client]:
    """A server until the end of the block, whose every thread has then ended."""
    settings = ServeSettings(**bounds)
    app = create_app(engine or FakeEngine(), settings, static or Path("/nonexistent"))
    listener = listen("127.0.0.1", 0)
    one = server(app, settings)
    thread = threading.Thread(target=one.run, kwargs={"sockets": [listener]})
    port = listener.getsockname()[1]
    thread.start()
    try:
        yield Client(port)
    finally:
        one.should_exit = True
        if isinstance(engine, HeldEngine):
            engine.free.set()
        thread.join(timeout=30)
        assert not thread.is_alive()


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for what must come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it has not come true"
        time.sleep(0.01)


def head(extra: bytes, path: bytes = b"/v1/recognize", method: bytes = b"POST") -> bytes:
    return method + b" " + path + b" HTTP/1.1\r\nHost: a\r\n" + extra + b"\r\n\r\n"


def refused(reply: Reply, status: int) -> str:
    assert reply.status == status, reply.body
    error = reply.json["error"]
    message: str = error["message"] if isinstance(error, dict) else error
    for secret in ("/", "0x", "Error", "unimumer", "python"):
        assert secret not in message.replace("data:image/…", ""), message
    return message


@contextmanager
def started(
    *arguments: str, before: Sequence[str] = (), environment: dict[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], Client]]:
    """The command as a process, once it says where it listens, and a client of it."""
    command = [*before, sys.executable, "-m", "unimumer", "serve", "--port", "0", *arguments]
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **(environment or {})}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=variables, start_new_session=True) as process:
        try:
            assert process.stderr is not None
            said, port = [], None
            while port is None and (line := process.stderr.readline()):  # Ray may have something to say before
                said.append(line)
                port = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            assert port, said
            yield process, Client(int(port[1]))
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what it was started before, too
