"""The application: which address is answered by what, behind the gate and at the desk."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from unimumer.engines.base import Engine
from unimumer.serve import api
from unimumer.serve.desk import LATE, Desk, Job, Outcome
from unimumer.serve.gate import Gate, Safe
from unimumer.serve.metrics import Metrics
from unimumer.serve.openapi import document
from unimumer.serve.page import STATIC, page_routes
from unimumer.serve.questions import Question
from unimumer.serve.settings import Gone, Refusal, ServeSettings

Endpoint = Callable[[Request], Awaitable[Response]]
_LOG = logging.getLogger("unimumer.serve")
_SMALL = 32_768
"""Bytes of a body that is parsed at once."""
_GONE = 499
"""In the metrics, a client that left before its answer; it is never sent."""


def create_app(engine: Engine, settings: ServeSettings | None = None, static: Path = STATIC) -> ASGIApp:
    """Make the ASGI application that reads with `engine`, and gives out the page in `static` where there is one.

    It answers between the beginning and the end of its lifespan.
    """
    server = _Server(engine, settings or ServeSettings())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        server.desk.start()
        yield
        await asyncio.to_thread(server.desk.close)

    routes = [
        Route("/v1/recognize", server.endpoint("recognize", server.recognize), methods=["POST"]),
        Route("/v3/strokes", server.endpoint("strokes", server.strokes, api.stroke_error), methods=["POST"]),
        Route("/v1/chat/completions", server.endpoint("chat", server.chat), methods=["POST"]),
        Route("/metrics", server.endpoint("metrics", server.counts), methods=["GET"]),
        Route("/healthz", server.open(server.health), methods=["GET"]),
        Route("/openapi.json", server.open(server.description), methods=["GET"]),
        *page_routes(static),
    ]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _http_error})
    app.router.redirect_slashes = False  # a redirect would name the host that the client claims
    return Safe(app)


class _Server:
    """What the endpoints share."""

    def __init__(self, engine: Engine, settings: ServeSettings) -> None:
        self._settings = settings
        self._metrics = Metrics()
        self._gate = Gate(settings)
        self._description = json.dumps(document(settings)).encode()
        self.desk = Desk(engine, settings, self._metrics)

    def endpoint(
        self, name: str, handler: Endpoint, error: Callable[[Refusal], dict[str, Any]] = api.error
    ) -> Endpoint:
        """Let a handler be asked by whom the gate lets in, and count its answers."""

        async def answer(request: Request) -> Response:
            begun = time.perf_counter()
            status = _GONE
            try:
                response = await _refusable(partial(self._admitted, handler), request, error)
                status = response.status_code
                return response
            except Gone:
                return Response(status_code=400)  # to nobody
            finally:
                self._metrics.answered(name, status, time.perf_counter() - begun)

        return answer

    def open(self, handler: Endpoint) -> Endpoint:
        """Let everybody ask, as often as they like: it costs nothing."""
        return partial(_refusable, handler, error=api.error)

    async def _admitted(self, handler: Endpoint, request: Request) -> Response:
        with self._gate.admitted(request):
            return await handler(request)

    async def recognize(self, request: Request) -> Response:
        with self._gate.body(request) as body:
            content_type = request.headers.get("content-type", "").lower()
            question = await _parsed(
                api.recognize, await body.read(), content_type, request.query_params, self._settings
            )
            return JSONResponse(api.recognition(question, await self._outcomes(question, request)))

    async def strokes(self, request: Request) -> Response:
        with self._gate.body(request) as body:
            question = await _parsed(api.strokes, await body.read())
            return JSONResponse(api.stroke_answer(await self._outcomes(question, request)))

    async def chat(self, request: Request) -> Response:
        with self._gate.body(request) as body:
            question = await _parsed(api.chat, await body.read(), self._settings)
            return JSONResponse(api.chat_answer(await self._outcomes(question, request)))

    async def counts(self, _: Request) -> Response:
        return Response(self._metrics.text(self.desk.waiting), media_type="text/plain; version=0.0.4")

    async def health(self, _: Request) -> Response:
        return JSONResponse(api.health(self.desk.name))

    async def description(self, _: Request) -> Response:
        return Response(self._description, media_type="application/json")

    async def _outcomes(self, question: Question, request: Request) -> list[Outcome]:
        """What the model says. Raises Refusal when it says it too late, and Gone, whereupon its work stops."""
        seconds = self._settings.deadline
        job = Job(question, partial(api.described, question.formats, question.symbols), time.monotonic() + seconds)
        if not job.size:
            return []
        self.desk.submit(job)
        left = asyncio.ensure_future(_disconnected(request))
        try:
            done, _ = await asyncio.wait((job.outcomes, left), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            job.dropped = True
            left.cancel()
        if job.outcomes in done:
            return job.outcomes.result()
        raise Gone if done else Refusal(504, LATE)


async def _parsed(parser: Callable[..., Question], data: bytes, *rest: object) -> Question:
    """Parse a body; a large one where it does not keep all others waiting."""
    return parser(data, *rest) if len(data) < _SMALL else await asyncio.to_thread(parser, data, *rest)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _refusable(handler: Endpoint, request: Request, error: Callable[[Refusal], dict[str, Any]]) -> Response:
    """The handler's answer, or its refusal, or word of an error whose details only the server's log has."""
    try:
        return await handler(request)
    except Refusal as refusal:
        found = refusal
    except Gone:
        raise
    except Exception:
        _LOG.exception("an endpoint failed")
        found = Refusal(500, "the server made a mistake; its own log says which")
    # What is left of a body that was not read would be taken for the next request.
    headers = {**found.headers, "Connection": "close"}
    return JSONResponse(error(found), found.status, headers)


async def _http_error(_: Request, error: Exception) -> Response:
    """An address or a method that there is not."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    refusal = Refusal(status, "there is nothing here" if status == 404 else "this address takes another method")
    return JSONResponse(api.error(refusal), status, {**headers, "Connection": "close"})
