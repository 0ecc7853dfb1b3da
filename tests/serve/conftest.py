"""A server and an engine for the tests of the server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("uvicorn", reason="needs the extra serve")

from serve.loopback import Client, HeldEngine, running


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with running(client_rate=10**6) as one:
        yield one


@pytest.fixture
def held() -> HeldEngine:
    return HeldEngine()
