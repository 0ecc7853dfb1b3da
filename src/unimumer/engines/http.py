"""A small JSON client for one server: connections kept, every attempt bounded in time and size, failures retried."""

from __future__ import annotations

import http.client
import json
import random
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from unimumer.engines.base import EngineError

MAX_ANSWER = 32 * 2**20
"""Bytes of the largest answer that is read."""
LONGEST_PAUSE = 60.0
"""Seconds waited at most between two attempts, whatever the server asks for."""
_AGAIN = (408, 409, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said in the end."""

    status: int
    body: Any
    """The JSON it sent; a string when it was none."""
    wait: float | None
    """Seconds after which it asks to be asked again, by the header Retry-After; a date in it is not heeded."""


class JsonClient:
    """Posts JSON to one server, from any number of threads, over connections that are kept until the client goes.

    The standard library is enough: what matters here - one deadline for a whole attempt, a bound on what is
    read, retries - would be this package's to write on top of any client.
    """

    def __init__(self, base: str, headers: Mapping[str, str], timeout: float, attempts: int) -> None:
        """`base` is an http or https address, `timeout` the seconds of one attempt; raises EngineError for another."""
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise EngineError(f"{base!r} is not the address of a server: give http://HOST:PORT/v1")
        self.host = parts.netloc
        self._secure, self._path = parts.scheme == "https", parts.path.rstrip("/")
        self._headers = {**headers, "Content-Type": "application/json"}
        self._timeout, self._attempts = timeout, attempts
        self._idle: list[http.client.HTTPConnection] = []
        weakref.finalize(self, _close_all, self._idle)

    def post(self, path: str, content: Mapping[str, Any]) -> Reply:
        """Post and give the reply to the last attempt; raises EngineError when the server cannot be reached.

        Tried again, after longer and longer pauses or when the server says: refused and broken connections,
        slow attempts, and the statuses that promise that it may work later.
        """
        data = json.dumps(content).encode()
        for attempt in range(1, self._attempts + 1):
            last, wait = attempt == self._attempts, None
            try:
                reply = self._attempt(path, data)
                if reply.status not in _AGAIN or last:
                    return reply
                wait = reply.wait
            except (OSError, http.client.HTTPException, ValueError) as error:
                if last:
                    slow = isinstance(error, TimeoutError)
                    why = f"no answer within {self._timeout:g} s" if slow else str(error) or type(error).__name__
                    tried = f"tried {self._attempts} times"
                    raise EngineError(f"the server {self.host} does not answer ({why}), {tried}") from None
            time.sleep(_pause(attempt, wait))
        raise AssertionError("there is at least one attempt")

    def _attempt(self, path: str, data: bytes) -> Reply:
        """One exchange, and one more when the connection, perhaps an old one, turns out to be closed."""
        try:
            return self._exchange(path, data)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            return self._exchange(path, data)

    def _exchange(self, path: str, data: bytes) -> Reply:
        connection = self._connection()
        overdue = threading.Event()
        alarm = threading.Timer(self._timeout, _interrupt, (connection, overdue))
        alarm.daemon = True
        alarm.start()
        try:
            connection.request("POST", self._path + path, data, self._headers)
            response = connection.getresponse()
            body = response.read(MAX_ANSWER + 1)
            if len(body) > MAX_ANSWER:
                raise ValueError(f"its answer is larger than {MAX_ANSWER // 2**20} MiB")
            if response.length or overdue.is_set():  # cut short, which read(n) passes over
                raise http.client.IncompleteRead(body, response.length)
            reply = Reply(response.status, _decoded(body), _retry_after(response.headers))
        except BaseException as error:
            connection.close()
            if overdue.is_set():
                raise TimeoutError from error
            raise
        finally:
            alarm.cancel()
        self._idle.append(connection)
        return reply

    def _connection(self) -> http.client.HTTPConnection:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        if self._secure:
            return http.client.HTTPSConnection(self.host, timeout=self._timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(self.host, timeout=self._timeout)


def _close_all(connections: list[http.client.HTTPConnection]) -> None:
    for connection in connections:
        connection.close()


def _interrupt(connection: http.client.HTTPConnection, overdue: threading.Event) -> None:
    """End an exchange that takes too long as a whole, however steadily the server drips."""
    overdue.set()
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # closed already


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body[:2000].decode("utf-8", "replace")


def _retry_after(headers: http.client.HTTPMessage) -> float | None:
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    except ValueError:
        return None


def _pause(attempt: int, asked: float | None) -> float:
    """Seconds to wait after the n-th attempt: what the server asks for, or 0.5, 1, 2, … with some chance in it."""
    backoff = 0.5 * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)
    return min(LONGEST_PAUSE, backoff if asked is None else max(asked, 0.1))
