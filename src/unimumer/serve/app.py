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
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from unimumer.engines.base import Engine
from unimumer.environment import own_version
from unimumer.serve import api
from unimumer.serve.desk import LATE, Desk, Job
from unimumer.serve.gate import Gate, closed
from unimumer.serve.metrics import Metrics
from unimumer.serve.openapi import document
from unimumer.serve.page import STATIC, page_routes
from unimumer.serve.questions import Outcome, Question
from unimumer.serve.settings import Refusal, ServeSettings

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
    service = _Service(engine, settings or ServeSettings())
    description = json.dumps(document(service.settings)).encode()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        service.desk.start()
        yield
        await asyncio.to_thread(service.desk.close)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "model": engine.name, "version": own_version()})

    async def described(_: Request) -> Response:
        return Response(description, media_type="application/json")

    routes = [
        *(
            Route(path, service.gated(address.name, partial(service.ask, address), address.error), methods=["POST"])
            for path, address in api.ADDRESSES.items()
        ),
        Route("/metrics", service.gated("metrics", service.counts), methods=["GET"]),
        Route("/healthz", health, methods=["GET"]),
        Route("/openapi.json", described, methods=["GET"]),
        *page_routes(static),
    ]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _http_error})
    app.router.redirect_slashes = False  # a redirect would name the host that the client claims
    return closed(app)


class _Service:
    """What the endpoints share."""

    def __init__(self, engine: Engine, settings: ServeSettings) -> None:
        self.settings = settings
        self._metrics = Metrics()
        self._gate = Gate(settings)
        self.desk = Desk(engine, settings, self._metrics)

    def gated(self, name: str, handler: Endpoint, error: Callable[[Refusal], dict[str, Any]] = api.error) -> Endpoint:
        """Let a handler be asked by whom the gate lets in, count its answers, and say why there is none.

        Of an error of ours, only the server's log has the details.
        """

        async def answer(request: Request) -> Response:
            begun = time.perf_counter()
            response = Response(status_code=_GONE)
            try:
                with self._gate.admitted(request):
                    response = await handler(request)
            except ClientDisconnect:
                pass
            except Refusal as refusal:
                response = _refused(refusal, error)
            except Exception:
                _LOG.exception("an endpoint failed")
                response = _refused(Refusal(500, "the server made a mistake; its own log says which"), error)
            finally:
                self._metrics.answered(name, response.status_code, time.perf_counter() - begun)
            return response

        return answer

    async def counts(self, _: Request) -> Response:
        return Response(self._metrics.text(self.desk.waiting), media_type="text/plain; version=0.0.4")

    async def ask(self, address: api.Address, request: Request) -> Response:
        async with self._gate.body(request) as data:
            if len(data) < _SMALL:
                question = address.parse(data, request, self.settings)
            else:  # where it does not keep all others waiting
                question = await asyncio.to_thread(address.parse, data, request, self.settings)
            return JSONResponse(address.answer(question, await self._outcomes(question, request)))

    async def _outcomes(self, question: Question, request: Request) -> list[Outcome]:
        """What the model says. Raises Refusal when it says it too late; ClientDisconnect stops its work."""
        seconds = self.settings.deadline
        job = Job(question, time.monotonic() + seconds)
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
        raise ClientDisconnect if done else Refusal(504, LATE)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _refused(refusal: Refusal, error: Callable[[Refusal], dict[str, Any]]) -> Response:
    # What is left of a body that was not read would be taken for the next request.
    return JSONResponse(error(refusal), refusal.status, {**refusal.headers, "Connection": "close"})


async def _http_error(_: Request, error: Exception) -> Response:
    """An address or a method that there is not."""
    assert isinstance(error, HTTPException)
    known = error.status_code != 404
    refusal = Refusal(error.status_code, "this address takes another method" if known else "there is nothing here")
    refusal.headers |= error.headers or {}
    return _refused(refusal, api.error)
