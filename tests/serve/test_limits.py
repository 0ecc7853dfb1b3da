"""What many clients together, and each of them, may ask: queue, deadline, keys, rate."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from serve.loopback import ASK, HeldEngine, head, png, refused, running, until
from unimumer.engines.fake import FakeEngine


class TestLimits:
    def test_a_full_queue_says_when_to_come_again(self, held: HeldEngine) -> None:
        with running(held, queue=2) as one:
            sockets = []
            for i in range(3):
                connection = one.connected()
                sockets.append(connection)
                body = png(ink=i)
                connection.sendall(head(b"Content-Length: %d" % len(body)) + body)
                if not i:
                    assert held.begun.acquire(timeout=10)
                until(lambda: one.count("unimumer_waiting_pictures") == i)  # noqa: B023
            full = one.ask(ASK, png())
            refused(full, 503)
            assert int(full.headers["retry-after"]) >= 1
            held.free.set()
            for connection in sockets:
                assert connection.recv(65536).startswith(b"HTTP/1.1 200")
                connection.close()
            assert held.calls == [1, 2]  # what waited was read together

    def test_what_takes_too_long_is_refused_and_stopped(self, held: HeldEngine) -> None:
        with running(held, deadline=0.3) as one:
            refused(one.ask(ASK, png()), 504)
            until(lambda: held.cancelled == 1)

    def test_what_would_come_too_late_is_refused_at_once(self) -> None:
        with running(Slow(), deadline=2.0, client_open=100) as one:
            for _ in range(8):
                assert one.ask(ASK, png()).status == 200
            with ThreadPoolExecutor(40) as pool:
                statuses = Counter(pool.map(lambda i: one.ask(ASK, png(ink=i)).status, range(40)))
        assert statuses.keys() == {200, 503}, statuses

    def test_a_client_that_is_gone_stops_its_work(self, held: HeldEngine) -> None:
        with running(held) as one:
            for waiting in (False, True):
                body = png()
                connection = one.connected()
                connection.sendall(head(b"Content-Length: %d" % len(body)) + body)
                assert waiting or held.begun.acquire(timeout=10)
                connection.close()
                until(lambda: held.cancelled == 1)
            until(lambda: one.count('unimumer_requests_total{endpoint="recognize",status="499"}') == 2)
            assert len(held.calls) <= 2

    def test_keys(self) -> None:
        key = "k" * 16
        with running(keys=("other" * 4, key), client_rate=9) as one:
            refused(one.ask(ASK, png()), 401)
            refused(one.ask(ASK, png(), headers={"Authorization": f"Bearer {key}x"}), 401)
            refused(one.ask("/metrics"), 401)
            assert one.ask("/healthz").status == 200
            for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}, {"app_key": key}):
                assert one.ask(ASK, png(), headers=headers).status == 200
            for _ in range(6):
                refused(one.ask(ASK, png(), headers={"X-API-Key": "guess"}), 401)
            assert one.ask(ASK, png(), headers={"X-API-Key": "guess"}).status == 429  # guesses are counted
            assert one.ask(ASK, png(), headers={"X-API-Key": key}).status == 200

    def test_rate_of_a_client(self) -> None:
        with running(client_rate=3) as one:
            assert [one.ask(ASK, png()).status for _ in range(4)] == [200, 200, 200, 429]
            assert 1 <= int(one.ask(ASK, png()).headers["retry-after"]) <= 60

    def test_requests_of_a_client_at_once(self, held: HeldEngine) -> None:
        with running(held, client_open=1) as one, one.connected() as first:
            body = png()
            first.sendall(head(b"Content-Length: %d" % len(body)) + body)
            assert held.begun.acquire(timeout=10)
            refused(one.ask(ASK, body), 429)
            held.free.set()
            assert first.recv(65536).startswith(b"HTTP/1.1 200")
            until(lambda: one.ask(ASK, body).status == 200)


class Slow(FakeEngine):
    def generate(self, requests: Any, *rest: Any) -> Any:
        time.sleep(0.1 * len(requests))
        return super().generate(requests, *rest)
