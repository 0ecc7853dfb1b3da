"""Who may ask, how often and how much: keys, limits a client, and bodies that are bounded while they are read."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unimumer.serve.settings import Gone, Refusal, ServeSettings

CLOSED = "default-src 'none'; frame-ancestors 'none'"
"""The content security policy of everything but the page."""
_IGNORED = (b"range", b"if-range")
"""Headers that no answer heeds: every answer is whole."""


_LINGER = 2.0
"""Seconds in which the rest of a body that is too large may arrive, to be dropped."""


class Gate:
    """The bounds of one server, and what counts against them now."""

    def __init__(self, settings: ServeSettings) -> None:
        self._settings = settings
        self._keys = [key.encode() for key in settings.keys]
        self._open: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._minute = 0
        self._held = 0

    @contextmanager
    def admitted(self, request: Request) -> Iterator[None]:
        """Let one request in. Raises Refusal: 401 without a valid key, 429 when its client asks too much."""
        client = self._client(request)
        self._count(client)
        if self._open[client] >= self._settings.client_open:
            raise Refusal(429, f"more than {self._settings.client_open} requests of one client at once", 1)
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]

    def _client(self, request: Request) -> str:
        """A name for whoever asks: its key, else its address. What a proxy says of it is not believed."""
        address = _network(request.client.host if request.client else "")
        if not self._keys:
            return address
        bearer = request.headers.get("authorization", "")
        given = bearer[7:] if bearer[:7].lower() == "bearer " else ""
        given = given or request.headers.get("x-api-key") or request.headers.get("app_key") or ""
        # Each is compared, in the same time however much of it is right.
        right = [hmac.compare_digest(given.encode(), key) for key in self._keys]
        if any(right):
            return f"key {right.index(True)}"
        self._count(address)
        raise Refusal(401, "no valid API key: send `Authorization: Bearer KEY`")

    def _count(self, client: str) -> None:
        now = time.monotonic()
        if int(now // 60) != self._minute:
            self._minute = int(now // 60)
            self._asked.clear()
        if self._asked[client] >= self._settings.client_rate:
            raise Refusal(429, f"more than {self._settings.client_rate} requests of one client a minute", 60 - now % 60)
        self._asked[client] += 1

    @contextmanager
    def body(self, request: Request) -> Iterator[Body]:
        """Give the body of a request, which counts against what all bodies may take until it is let go."""
        body = Body(request, self)
        try:
            yield body
        finally:
            self._held -= body.size

    def hold(self, size: int) -> None:
        """Count bytes of a body. Raises Refusal when all bodies together take too much."""
        if self._held + size > self._settings.held:
            raise Refusal(503, "too many large requests at once; try again", 1)
        self._held += size

    @property
    def settings(self) -> ServeSettings:
        """What it allows."""
        return self._settings


class Body:
    """One request's body while it is read."""

    def __init__(self, request: Request, gate: Gate) -> None:
        self._request, self._gate = request, gate
        self.size = 0

    async def read(self) -> bytes:
        """Read it. Raises Refusal when it is too large, said or not, too slow, packed or a form, and Gone."""
        settings, headers = self._gate.settings, self._request.headers
        if headers.get("content-encoding", "identity").lower() != "identity":
            await self._refuse(415, "a body must not be compressed")
        if headers.get("content-type", "").lower().startswith("multipart/"):
            await self._refuse(415, "send the picture itself as the body (curl --data-binary @photo.jpg), not a form")
        if int(headers.get("content-length", "0")) > settings.max_body:
            await self._refuse(413, f"a body may have {settings.max_body:,} bytes")
        try:
            async with asyncio.timeout(settings.body_seconds):
                return await self._parts(settings.max_body)
        except TimeoutError:
            raise Refusal(408, f"the body did not arrive within {settings.body_seconds:g} s") from None

    async def _parts(self, most: int) -> bytes:
        parts = []
        more = True
        while more:
            message = await self._request.receive()
            if message["type"] != "http.request":
                raise Gone
            part = message.get("body", b"")
            if self.size + len(part) > most:
                await self._refuse(413, f"a body may have {most:,} bytes")
            self._gate.hold(len(part))
            self.size += len(part)
            parts.append(part)
            more = message.get("more_body", False)
        return b"".join(parts)

    async def _refuse(self, status: int, message: str) -> NoReturn:
        """Refuse, and first drop for a moment what a client goes on to send, or it would not hear why."""
        if "expect" not in self._request.headers:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LINGER):
                    while (await self._request.receive()).get("more_body", False):
                        pass
        raise Refusal(status, message)


def _network(address: str) -> str:
    """The address, or the /64 of one of IPv6, whose owner has all of it."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))


class Safe:
    """An app whose every answer has the headers of a closed server, and to which ranges are not passed on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in message["headers"]}
                message["headers"] += [(name, value) for name, value in _HEADERS if name not in names]
            await send(message)

        if scope["type"] == "http":
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name not in _IGNORED]
        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


_HEADERS = (
    (b"content-security-policy", CLOSED.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""What every answer says, unless it says otherwise itself. There is none of CORS: other sites get no answer."""
