"""A small server that speaks the OpenAI chat API on 127.0.0.1, well or as badly as a test asks."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
from PIL import Image

from unimumer.engines.base import Decoding, Request
from unimumer.engines.fake import FakeEngine

Handler = Callable[["Call"], None]


@dataclass
class Log:
    """What the server saw."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    headers: list[dict[str, str]] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0


class Call(BaseHTTPRequestHandler):
    """One request; `self.number` counts from 0."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        server: Any = self.server
        log: Log = server.log
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with server.guard:
            self.number = len(log.bodies)
            log.bodies.append(self.body)
            log.connections.add(self.client_address)
            log.headers.append(dict(self.headers))
            log.busy += 1
            log.busiest = max(log.busiest, log.busy)
        try:
            server.handler(self)
        except OSError:
            self.close_connection = True  # the client is gone
        finally:
            with server.guard:
                log.busy -= 1

    def send(self, status: int, body: Any, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(handler: Handler) -> Iterator[tuple[str, Log]]:
    """Address of the API, and what was seen."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Call)
    server.daemon_threads, server.block_on_close = True, False
    server.handler, server.log, server.guard = handler, Log(), threading.Lock()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", server.log
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(call: Call) -> None:
    """Answer as a sound server would, with what the fake engine says about the picture and the question."""
    call.send(200, {"choices": choices(call.body)})


def choices(body: dict[str, Any]) -> list[dict[str, Any]]:
    picture, question = body["messages"][1]["content"]
    uri = picture["image_url"]["url"]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,")))))
    decoding = Decoding(
        body["max_tokens"], temperature=body["temperature"], samples=body.get("n", 1), seed=body.get("seed", 0)
    )
    found = FakeEngine().generate([Request(pixels, question["text"])], decoding)[0]
    return [choice(c.text, list(c.logprobs), found.finish) for c in found.candidates]


def choice(text: str, logprobs: list[float] | None = None, finish: str = "stop") -> dict[str, Any]:
    words = text.split()
    tokens = [word if i == 0 else f" {word}" for i, word in enumerate(words)] + ["<|im_end|>"]
    content = [{"token": t, "logprob": p} for t, p in zip(tokens, logprobs)] if logprobs else None
    return {
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish,
        "logprobs": content and {"content": content},
    }
