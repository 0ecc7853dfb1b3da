from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from unimumer.data.sample import DataError
from unimumer.data.sharegpt import read_prompts
from unimumer.engines.base import Answer, Decoding, Engine, Request
from unimumer.engines.fake import FakeEngine
from unimumer.training.errors.candidates import AS_PUBLISHED, Drawn, Item, Settings, draw_fold

from .conftest import ANSWERS

Labelled = tuple[Path, FakeEngine]
SETTINGS = Settings("fake", replace(AS_PUBLISHED, samples=3), 2, "0")


class Halting:
    """An engine that fails after some calls."""

    name = "halting"

    def __init__(self, engine: Engine, calls: int, error: BaseException) -> None:
        self.engine, self.calls, self.error = engine, calls, error

    def generate(self, requests: Sequence[Request], decoding: Decoding) -> list[Answer]:
        self.calls -= 1
        if self.calls < 0:
            raise self.error
        return self.engine.generate(requests, decoding)


class Picky(FakeEngine):
    """An engine that a certain picture breaks."""

    def generate(self, requests: Sequence[Request], decoding: Decoding) -> list[Answer]:
        if any(request.picture.shape[0] == 7 for request in requests):
            raise RuntimeError("no such picture")
        return super().generate(requests, decoding)


def items(path: Path) -> list[Item]:
    return [Item(i, prompted) for i, prompted in enumerate(read_prompts(path))]


def draw(labelled: Labelled, engine: Engine, name: str = "fold0.jsonl", **changes: object) -> tuple[Drawn, ...]:
    path = labelled[0]
    settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]
    return draw_fold(path.parent / "c" / name, items(path), settings, lambda: engine, path.parent)


def test_every_picture_has_its_answer_and_its_samples(labelled: Labelled) -> None:
    drawn = draw(labelled, labelled[1])
    assert [one.best for one in drawn] == [answer for _, answer in ANSWERS]
    assert {len(one.texts) for one in drawn} == {3}
    assert any(one.best in one.texts for one in drawn)


@pytest.mark.parametrize("calls", range(6))
@pytest.mark.parametrize("torn", [b"", b'{"index": 5, "be'])
def test_a_killed_run_ends_with_the_same_bytes(labelled: Labelled, calls: int, torn: bytes) -> None:
    whole = draw(labelled, labelled[1])
    folder = labelled[0].parent / "c"
    with pytest.raises(KeyboardInterrupt):
        draw(labelled, Halting(labelled[1], calls, KeyboardInterrupt()), "again.jsonl")
    with (folder / "again.jsonl").open("ab") as file:
        file.write(torn)
    assert draw(labelled, labelled[1], "again.jsonl") == whole
    assert (folder / "again.jsonl").read_bytes() == (folder / "fold0.jsonl").read_bytes()


def test_a_torn_batch_is_asked_again(labelled: Labelled) -> None:
    draw(labelled, labelled[1])
    path = labelled[0].parent / "c" / "fold0.jsonl"
    before = path.read_bytes()
    path.write_bytes(b"".join(before.splitlines(keepends=True)[:4]))
    draw(labelled, labelled[1])
    assert path.read_bytes() == before


def test_what_is_done_loads_no_model(labelled: Labelled) -> None:
    done = draw(labelled, labelled[1])
    path = labelled[0]
    journal = path.parent / "c" / "fold0.jsonl"

    def load() -> Engine:
        raise AssertionError

    assert draw_fold(journal, items(path), SETTINGS, load, path.parent) == done


def test_a_picture_that_fails_costs_itself_only(labelled: Labelled) -> None:
    from PIL import Image

    folder = labelled[0].parent
    (folder / "p1.png").write_bytes(b"no picture")
    Image.new("RGB", (9, 7)).save(folder / "p2.png")
    drawn = draw(labelled, Picky())
    assert [one.index for one in drawn if one.reason] == [1, 2]
    assert "RuntimeError: no such picture" in (drawn[2].reason or "")


def test_other_settings_and_damage_are_refused(labelled: Labelled) -> None:
    draw(labelled, labelled[1])
    with pytest.raises(DataError, match="model 'fake' there, 'other' now"):
        draw(labelled, labelled[1], model="other")
    path = labelled[0].parent / "c" / "fold0.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"best"', b'"beast"', 1))
    with pytest.raises(DataError, match="is damaged; remove it"):
        draw(labelled, labelled[1])
