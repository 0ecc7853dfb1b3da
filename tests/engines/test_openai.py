"""The client of OpenAI-like servers, against servers that are slow, broken, hostile or overloaded."""

from __future__ import annotations

import time

import numpy as np
import pytest

from unimumer.engines import http
from unimumer.engines.base import Answer, Decoding, EngineError, Request
from unimumer.engines.fake import FakeEngine
from unimumer.engines.load import EngineSettings, load_engine
from unimumer.engines.openai import KEY_VARIABLES, OpenAIEngine, RequestError

from .server import Call, Handler, Log, answer, choice, serving

QUICK = EngineSettings(timeout=5, attempts=3, concurrency=2)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """No test waits; and no key of the person who runs them is sent anywhere."""
    found: list[float] = []
    monkeypatch.setattr(http, "_pause", _noted(found))
    for name in KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return found


def _noted(found: list[float]):
    pause = http._pause

    def note(attempt: int, asked: float | None) -> float:
        found.append(pause(attempt, asked))
        return 0.0

    return note


def requests(count: int) -> list[Request]:
    numbers = np.random.default_rng(1)
    return [Request(numbers.integers(0, 256, (20, 30, 3), np.uint8), "read it") for _ in range(count)]


def asked(handler: Handler, settings: EngineSettings = QUICK, picture: Request | None = None) -> tuple[Answer, Log]:
    """What the engine answers by a server that does so, and what that saw."""
    with serving(handler) as (address, log):
        engine = OpenAIEngine("m", address, settings)
        return engine.generate([picture] if picture else requests(1), Decoding())[0], log


def test_connections_are_kept_and_requests_bounded() -> None:
    def slow(call: Call) -> None:
        time.sleep(0.02)
        answer(call)

    with serving(slow) as (address, log):
        engine = OpenAIEngine("m", address, QUICK)
        twelve = requests(12)
        for _ in range(2):
            answers = engine.generate(twelve, Decoding())
    assert [a.best.text for a in answers] == [a.best.text for a in FakeEngine().generate(twelve, Decoding())]
    assert log.busiest == 2 and len(log.connections) == 2


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(answer)[1].headers[0].get("Authorization") is None
    monkeypatch.setenv(KEY_VARIABLES[0], "secret")
    assert asked(answer)[1].headers[0]["Authorization"] == "Bearer secret"


def test_an_overloaded_server_is_asked_again_when_it_says(pauses: list[float]) -> None:
    def busy(call: Call) -> None:
        if call.number < 2:
            call.send(503 if call.number else 429, {"error": {"message": "full"}}, Retry_After="7")
        else:
            answer(call)

    found, log = asked(busy)
    assert found.best.text and pauses == [7.0, 7.0] and len(log.bodies) == 3


def test_pauses_grow_and_are_bounded(pauses: list[float]) -> None:
    with pytest.raises(EngineError, match=r"answers 502: <html>bad gateway"):
        asked(lambda call: call.send(502, b"<html>bad gateway</html>"), EngineSettings(attempts=12, timeout=5))
    assert len(pauses) == 11 and pauses[1] < pauses[4] and max(pauses) <= http.LONGEST_PAUSE


@pytest.mark.parametrize("wait", ["-3", "1e400", "tomorrow", ""])
def test_a_strange_retry_after_is_survived(wait: str, pauses: list[float]) -> None:
    def busy(call: Call) -> None:
        answer(call) if call.number else call.send(429, {}, Retry_After=wait)

    assert asked(busy)[0].best.text
    assert 0 < pauses[0] <= http.LONGEST_PAUSE


def test_nobody_there_is_a_clear_error() -> None:
    with serving(answer) as (address, _):
        pass
    with pytest.raises(EngineError, match=r"the server 127.0.0.1:\d+ does not answer \(.*\), tried 3 times"):
        OpenAIEngine("m", address, QUICK).generate(requests(1), Decoding())


@pytest.mark.parametrize("drip", [False, True])
def test_a_server_that_takes_too_long_is_left(drip: bool) -> None:
    def slow(call: Call) -> None:
        call.send_response(200)
        call.send_header("Content-Length", "1000")
        call.end_headers()
        for _ in range(100):
            if drip:
                call.wfile.write(b" ")
            time.sleep(0.05)

    start = time.monotonic()
    with pytest.raises(EngineError, match=r"no answer within 0.3 s\), tried 2 times"):
        asked(slow, EngineSettings(timeout=0.3, attempts=2))
    assert time.monotonic() - start < 3


def test_a_connection_cut_in_the_middle_is_tried_again() -> None:
    def cut(call: Call) -> None:
        if call.number == 0:
            call.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            call.close_connection = True
        elif call.number == 1:
            call.close_connection = True  # and not a word
        else:
            answer(call)

    assert asked(cut)[0].best.text


def test_an_endless_answer_is_not_read_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER", 2**20)
    with pytest.raises(EngineError, match="larger than 1 MiB"):
        asked(lambda call: call.send(200, b"x" * 2**21))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"[" * 100_000,
        b"null",
        b"[]",
        b'{"choices": []}',
        b'{"choices": 3}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": {"content": 3}}]}',
        b'{"choices": [{"message": {"content": "x"}, "logprobs": {"content": [{"token": "x"}]}}]}',
    ],
)
def test_answers_of_another_kind_are_a_clear_error(body: bytes) -> None:
    with pytest.raises(EngineError, match="does not speak the OpenAI chat API"):
        asked(lambda call: call.send(200, body))


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (401, EngineError, "401: no.*UNIMUMER_API_KEY"),
        (404, EngineError, "404: no.*the name 'm'"),
        (400, RequestError, "400: no"),
        (500, RequestError, "500: no"),
        (503, EngineError, "503: no"),
    ],
)
def test_refusals_say_what_to_do(status: int, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        asked(lambda call: call.send(status, {"error": {"message": "no\n\x1b"}}))
    assert type(caught.value) is error and "\n" not in str(caught.value)


def test_fields_that_a_server_refuses_are_left_out_from_then_on() -> None:
    def strict(call: Call) -> None:
        if "chat_template_kwargs" in call.body:
            call.send(400, {"error": {"message": "Unrecognized request argument: chat_template_kwargs"}})
        else:
            answer(call)

    with serving(strict) as (address, log):
        engine = OpenAIEngine("m", address, QUICK)
        for _ in range(2):
            assert engine.generate(requests(1), Decoding())[0].best.logprobs
    assert ["chat_template_kwargs" in body for body in log.bodies] == [True, False, False]


def test_a_server_without_log_probabilities_still_answers() -> None:
    answered, _ = asked(lambda call: call.send(200, {"choices": [choice("x ^ { 2 }")]}))
    assert (answered.best.text, answered.best.logprobs) == ("x ^ { 2 }", ())


@pytest.mark.parametrize("scored", [True, False])
def test_a_loop_is_cut_and_marked(scored: bool) -> None:
    text = "3 ." + " 3" * 500
    logprobs = [-0.1] * 502 if scored else None
    answered, _ = asked(lambda call: call.send(200, {"choices": [choice(text, logprobs, "length")]}))
    assert (answered.best.text, answered.finish) == ("3 . 3", "repetition")
    assert answered.best.logprobs == ((-0.1,) * 3 if scored else ())


def test_large_pictures_are_shrunk_as_in_training() -> None:
    _, log = asked(answer, picture=Request(np.full((1000, 2000, 3), 255, np.uint8), "p"))
    assert len(log.bodies[0]["messages"][1]["content"][0]["image_url"]["url"]) < 10_000


@pytest.mark.parametrize(
    "model", ["openai:", "openai:m", "openai:m@", "openai:m@ftp://x/v1", "openai:m@http://u:p@x/v1"]
)
def test_what_is_no_address_is_refused(model: str) -> None:
    with pytest.raises(EngineError, match=r"give (openai:MODEL@)?http://HOST:PORT/v1"):
        load_engine(model)


def test_beam_search_is_refused() -> None:
    with pytest.raises(EngineError, match="no beam search"):
        OpenAIEngine("m", "http://127.0.0.1:9/v1", QUICK).generate(requests(1), Decoding(beams=2))
