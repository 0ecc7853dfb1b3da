"""Who may ask, how often and how much: keys, limits a client, and bodies that are bounded while they are read."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import NoReturn

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unimumer.serve.settings import Refusal, ServeSettings

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

    @asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[bytes]:
        """Read the body of a request, which counts against what all bodies may take until it is let go.

        Raises Refusal when it is too large, said or not, too slow, packed or a form, and ClientDisconnect.
        """
        bounds, headers, parts = self._settings, request.headers, list[bytes]()
        if headers.get("content-encoding", "identity").lower() != "identity":
            await _refuse(request, 415, "a body must not be compressed")
        if headers.get("content-type", "").lower().startswith("multipart/"):
            form = "send the picture itself as the body (curl --data-binary @photo.jpg), not a form"
            await _refuse(request, 415, form)
        if int(headers.get("content-length", "0")) > bounds.max_body:
            await _refuse(request, 413, f"a body may have {bounds.max_body:,} bytes")
        try:
            try:
                async with asyncio.timeout(bounds.body_seconds):
                    await self._receive(request, parts)
            except TimeoutError:
                raise Refusal(408, f"the body did not arrive within {bounds.body_seconds:g} s") from None
            yield b"".join(parts)
        finally:
            self._held -= sum(map(len, parts))

    async def _receive(self, request: Request, parts: list[bytes]) -> None:
        """Read the parts of a body, and count them."""
        bounds, size, more = self._settings, 0, True
        while more:
            message = await request.receive()
            if message["type"] != "http.request":
                raise ClientDisconnect
            part = message.get("body", b"")
            size += len(part)
            if size > bounds.max_body:
                await _refuse(request, 413, f"a body may have {bounds.max_body:,} bytes")
            if self._held + len(part) > bounds.held:
                raise Refusal(503, "too many large requests at once; try again", 1)
            self._held += len(part)
            parts.append(part)
            more = message.get("more_body", False)


async def _refuse(request: Request, status: int, message: str) -> NoReturn:
    """Refuse, and first drop for a moment what a client goes on to send, or it would not hear why."""
    if "expect" not in request.headers:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while (await request.receive()).get("more_body", False):
                    pass
    raise Refusal(status, message)


def _network(address: str) -> str:
    """The address, or the /64 of one of IPv6, whose owner has all of it."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))


_HEADERS = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""What every answer says, unless, as the page, it says otherwise. There is none of CORS: other sites get no answer."""


def closed(app: ASGIApp) -> ASGIApp:
    """An app whose every answer has the headers of a closed server, and to which ranges are not passed on."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in message["headers"]}
                message["headers"] += [(name, value) for name, value in _HEADERS if name not in names]
            await send(message)

        if scope["type"] == "http":
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name not in _IGNORED]
        await app(scope, receive, with_headers)

    return answer
