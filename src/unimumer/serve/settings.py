"""The bounds that a server keeps, and how it says no."""

from __future__ import annotations

import math
from dataclasses import dataclass
from http import HTTPStatus

from unimumer.errors import UnimumerError

_MOST_WORKERS = 1024


class ServeError(UnimumerError):
    """A server that cannot be run as asked."""


class Refusal(Exception):
    """An answer to a client other than the one it asked for. The message is for strangers: it names nothing of ours."""

    def __init__(self, status: int, message: str, retry: float | None = None) -> None:
        """`retry` is after how many seconds it may work."""
        super().__init__(message)
        self.status, self.message = status, message
        self.headers = {} if retry is None else {"Retry-After": str(max(1, math.ceil(retry)))}
        if status == 401:
            self.headers["WWW-Authenticate"] = "Bearer"

    @property
    def kind(self) -> str:
        """The status in words, such as `bad_request`."""
        return HTTPStatus(self.status).phrase.lower().replace(" ", "_").replace("-", "_")


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """What a server allows. The defaults suit a small public service on two cores."""

    keys: tuple[str, ...] = ()
    """API keys, one of which every question must carry; none: whoever reaches the server may ask."""
    workers: int = 1
    """Calls of the model under way at once."""
    queue: int = 128
    """Pictures that wait for a worker; what comes on top is refused (503)."""
    deadline: float = 30.0
    """Seconds for an answer, from when the body has been read; then it is refused (504)."""
    body_seconds: float = 15.0
    """Seconds in which a request's head, and then its body, must have arrived (408)."""
    max_body: int = 12_000_000
    """Bytes of the largest body."""
    held: int = 96_000_000
    """Bytes of all bodies that are held at once; what comes on top is refused (503)."""
    max_decoded: int = 100_000_000
    """Bytes of a picture's pixels, and of the pictures that share a call: 33 megapixels."""
    client_open: int = 16
    """Requests of one client under way at once (429)."""
    client_rate: int = 1200
    """Requests of one client a minute (429)."""

    def __post_init__(self) -> None:
        """Raise ServeError for a bound that lets nothing through, and for a key that is easily guessed."""
        for name in self.__slots__:
            value = getattr(self, name)
            if name != "keys" and not 0 < value < math.inf:
                raise ServeError(f"{name} ({value}) must be above 0")
        if self.workers > _MOST_WORKERS:
            raise ServeError(f"workers ({self.workers:,}) are threads of this process, {_MOST_WORKERS:,} at most")
        if any(len(key) < 16 or not key.isascii() or not key.isprintable() or " " in key for key in self.keys):
            raise ServeError("an API key must have at least 16 characters, in ASCII and without spaces")
