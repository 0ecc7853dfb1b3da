from __future__ import annotations

from dataclasses import replace

import numpy as np

from unimumer.engines.base import Decoding, Request
from unimumer.engines.fake import FakeEngine, request_key
from unimumer.tasks import count, recognize, tree
from unimumer.verify import Checks, Verified, VerifyingEngine, VerifyReport, verified

from .conftest import says

PICTURE = np.full((40, 60, 3), 255, np.uint8)
REQUEST = Request(PICTURE, recognize.prompt())
CHECKS = Checks(find=False, fix=False)


def engine(plain: str, said: str) -> VerifyingEngine:
    """A model that reads `plain`, and whose counts and tree say `said`."""
    script = {
        request_key(REQUEST): plain,
        request_key(Request(PICTURE, count.prompt())): count.target(said),
        request_key(Request(PICTURE, tree.prompt())): tree.target(said),
    }
    return VerifyingEngine(FakeEngine(script), CHECKS)


def test_an_answer_that_all_agree_with_is_left_as_it_is() -> None:
    made = engine("x + 1", "x + 1")
    (answer,) = made.generate([REQUEST], Decoding())
    assert [(finding.check, finding.verdict) for finding in answer.findings] == [
        (check, "agreed") for check in ("parse", "count", "tree")
    ]
    plain = FakeEngine({request_key(REQUEST): "x + 1"}).generate([REQUEST], Decoding())[0]
    assert replace(answer, findings=()) == plain
    assert made.name == "fake+count+tree" and (made.report.n, made.report.agreed, made.report.changed) == (1, 1, 0)


def test_what_the_checks_vote_for_comes_first_and_the_plain_answer_after() -> None:
    made = engine("x + 1", "x + 7")
    (answer,) = made.generate([REQUEST], Decoding())
    assert [text.text for text in answer.candidates] == ["x + 7", "x + 1"]
    assert answer.best.confidence is None and answer.finish == "stop"
    assert made.report.changed == 1


def results(pictures: list[Request], **other: str) -> list[Verified]:
    engine = says("x + 1", **other)
    return verified(engine, pictures, engine.generate(pictures, Decoding()), CHECKS)


def test_counts(pictures: list[Request]) -> None:
    agreeing = results(pictures)
    changed = results(pictures[:2], count=count.target("x + 7"), tree=tree.target("x + 7"))
    broken = results(pictures[:1], tree="?")
    report = VerifyReport([*agreeing, *changed, *broken])
    assert (report.n, report.agreed, report.changed) == (6, 3, 2)
    assert report.to_text().splitlines() == [
        "check        ran  agreed  malformed  changed",
        "parse          6       6          0        0",
        "count          6       4          0        2",
        "tree           6       3          1        2",
        "6 pictures: all agree on 3, 2 changed",
    ]
