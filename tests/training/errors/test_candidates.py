from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from unimumer.batch import BatchError, BatchItem
from unimumer.data.sharegpt import read_prompts
from unimumer.engines.base import Answer, Decoding, Engine, Request
from unimumer.engines.fake import FakeEngine
from unimumer.results import Result
from unimumer.training.errors import build
from unimumer.training.errors.build import AS_PUBLISHED, GreedyAndDrawn, Plan

from .conftest import ANSWERS

Labelled = tuple[Path, FakeEngine]
THREE = replace(AS_PUBLISHED, samples=3)


class Halting:
    """An engine that fails after some calls."""

    def __init__(self, engine: Engine, calls: int, error: BaseException) -> None:
        self.engine, self.calls, self.error = engine, calls, error

    def generate(self, requests: Sequence[Request], decoding: Decoding, *_: object) -> list[Answer]:
        self.calls -= 1
        if self.calls < 0:
            raise self.error
        return self.engine.generate(requests, decoding)


class Picky(FakeEngine):
    """An engine that a certain picture breaks."""

    def generate(self, requests: Sequence[Request], decoding: Decoding, *_: object) -> list[Answer]:
        if any(request.picture.shape[0] == 7 for request in requests):
            raise RuntimeError("no such picture")
        return super().generate(requests, decoding)


def draw(labelled: Labelled, engine: Engine, folder: str = "c", name: str = "fake") -> list[Result]:
    path = labelled[0]
    items = [BatchItem(i, prompted) for i, prompted in enumerate(read_prompts(path))]
    plan = Plan(path, path.parent / folder, path.parent, decoding=THREE, batch_size=2)
    (plan.out / "candidates").mkdir(parents=True, exist_ok=True)
    return build.draw(plan, 0, items, GreedyAndDrawn(name, lambda: engine), lambda name, done, of: None)


def test_every_picture_has_its_answer_and_its_samples(labelled: Labelled) -> None:
    drawn = draw(labelled, labelled[1])
    assert [one.candidates[0].latex for one in drawn] == [answer for _, answer in ANSWERS]
    assert {len(one.candidates) for one in drawn} == {4}
    assert any(one.candidates[0] in one.candidates[1:] for one in drawn)


@pytest.mark.parametrize("calls", range(6))
def test_a_killed_run_ends_with_the_same_bytes(labelled: Labelled, calls: int) -> None:
    whole = draw(labelled, labelled[1])
    folder = labelled[0].parent
    with pytest.raises(KeyboardInterrupt):
        draw(labelled, Halting(labelled[1], calls, KeyboardInterrupt()), "again")  # type: ignore[arg-type]
    assert draw(labelled, labelled[1], "again") == whole
    for path in (folder / "c" / "candidates").iterdir():
        assert (folder / "again" / "candidates" / path.name).read_bytes() == path.read_bytes()


def test_what_is_done_loads_no_model(labelled: Labelled) -> None:
    done = draw(labelled, labelled[1])
    assert draw(labelled, None) == done  # type: ignore[arg-type]


def test_a_picture_that_fails_costs_itself_only(labelled: Labelled) -> None:
    folder = labelled[0].parent
    (folder / "p1.png").write_bytes(b"no picture")
    Image.new("RGB", (9, 7)).save(folder / "p2.png")
    drawn = draw(labelled, Picky())
    assert [one.index for one in drawn if one.reason] == [1, 2]
    assert "RuntimeError: no such picture" in (drawn[2].reason or "")


def test_another_model_is_refused(labelled: Labelled) -> None:
    draw(labelled, labelled[1])
    with pytest.raises(BatchError, match="model 'fake' there, 'other' now"):
        draw(labelled, labelled[1], name="other")
