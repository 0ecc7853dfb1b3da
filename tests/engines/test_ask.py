"""Together, else one by one: what asking gives whatever the engine does."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan

import numpy as np
import pytest

from unimumer.engines.base import Answer, Cancelled, Decoding, EngineError, Request, RequestError, Stop, Text, ask
from unimumer.engines.fake import FakeEngine
from unimumer.errors import UnimumerError

REQUESTS = [Request(np.full((4, 4, 3), shade, np.uint8), "?") for shade in (0, 100, 200)]


class Picky(FakeEngine):
    """Fails on calls with the gray picture."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = lambda: False) -> list[Answer]:
        if any(one.picture[0, 0, 0] == 100 for one in requests):
            raise self.error
        return super().generate(requests, decoding, stop)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("bad shape"), "the model failed: RuntimeError: bad shape"),
        (RequestError("refused"), "refused"),
        (UnimumerError("no ink"), "no ink"),
    ],
)
def test_an_error_stands_for_the_answer_it_cost(error: Exception, said: str) -> None:
    first, failed, last = ask(Picky(error), REQUESTS, Decoding())
    assert isinstance(failed, UnimumerError) and str(failed) == said
    assert [first, last] == ask(FakeEngine(), REQUESTS[::2], Decoding())
    assert ask(Picky(error), [], Decoding()) == []


@pytest.mark.parametrize(
    ("error", "raised", "message"),
    [
        (EngineError("no such device"), EngineError, "no such device"),
        (MemoryError(), EngineError, "out of memory with 3 pictures at once"),
        (Cancelled("stopped"), Cancelled, "stopped"),
    ],
)
def test_what_no_other_picture_would_survive_is_raised(error: Exception, raised: type[Exception], message: str) -> None:
    with pytest.raises(raised, match=message):
        ask(Picky(error), REQUESTS, Decoding())


def test_too_few_answers_are_an_error_of_the_engine() -> None:
    class Short(FakeEngine):
        def generate(self, requests: Sequence[Request], decoding: Decoding, *_: object) -> list[Answer]:
            return super().generate(requests, decoding)[1:]

    with pytest.raises(EngineError, match="2 answers to 3 requests"):
        ask(Short(), REQUESTS, Decoding())


@pytest.mark.parametrize("score", [nan, inf, -inf])
def test_a_score_that_is_no_number_is_no_answer(score: float) -> None:
    with pytest.raises(RequestError, match="not finite numbers"):
        Text("x", (-0.1, score))
    with pytest.raises(RequestError, match="not finite numbers"):
        Text("x", (-0.1,), calibrated=score)
