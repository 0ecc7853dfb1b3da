"""How much of what waits a worker takes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from unimumer.engines.fake import FakeEngine
from unimumer.serve.desk import Desk, Job
from unimumer.serve.metrics import Metrics
from unimumer.serve.questions import Question
from unimumer.serve.settings import ServeSettings


def job(beams: int = 1, size: int = 1) -> Job:
    made: Any = SimpleNamespace(question=Question((), beams=beams), size=size, weight=1, over=False)
    return cast("Job", made)


@pytest.mark.parametrize(
    ("workers", "waiting", "taken"),
    [(2, 1, 1), (2, 6, 4), (2, 30, 4), (2, 60, 14), (2, 128, 48), (1, 30, 14), (1, 128, 64), (4, 60, 4)],
)
def test_of_a_short_queue_little_is_taken_and_of_a_long_one_much(workers: int, waiting: int, taken: int) -> None:
    desk = Desk(FakeEngine(), ServeSettings(workers=workers), Metrics())
    desk._closed = False
    desk._waiting.extend(job() for _ in range(waiting))
    assert len(desk._take()) == taken
    assert desk.waiting == waiting - taken


def test_a_large_question_is_taken_whole_and_searches_do_not_mix() -> None:
    desk = Desk(FakeEngine(), ServeSettings(), Metrics())
    desk._closed = False
    desk._waiting.extend([job(size=32), job(), job(beams=4), job()])
    assert [one.size for one in desk._take()] == [32]
    assert [one.question.beams for one in desk._take()] == [1, 1]
    assert [one.question.beams for one in desk._take()] == [4]
