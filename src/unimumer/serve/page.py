"""The page, held in memory: no request ever names a file on the disk."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

STATIC = Path(__file__).parent / "static"
"""Where `make page` puts the page."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Its content security policy: no script but its own files; the editor of formulas sets styles of elements."""
_TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".webmanifest": "application/manifest+json"}
_LACKING = "The page has not been built: run `make page` and start again. /openapi.json describes the interface.\n"


def page_routes(folder: Path = STATIC) -> list[Route]:
    """A route to each file of the page, read now; links, which may lead elsewhere, are left out.

    Where there is none, its address says how to get it.
    """
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.resolve() == folder.resolve() / path.relative_to(folder)
    ]
    files = {path.relative_to(folder).as_posix(): _giver(path) for path in paths}
    if "index.html" not in files:
        return [Route("/", _lacking, methods=["GET"])]
    files[""] = files["index.html"]
    return [Route(f"/{name}", give, methods=["GET"]) for name, give in files.items()]


def _giver(path: Path) -> Callable[[Request], Awaitable[Response]]:
    content = path.read_bytes()
    type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}

    async def give(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=type, headers=headers)

    return give


async def _lacking(_: Request) -> Response:
    return PlainTextResponse(_LACKING, 404)
