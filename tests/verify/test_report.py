"""The summary counts each picture once, and each check where it ran."""

from __future__ import annotations

from unimumer.engines.base import Decoding, Request
from unimumer.tasks import count, tree
from unimumer.verify import CheckCounts, Checks, Verified, summarize, verified

from .conftest import says

CHECKS = Checks(find=False, fix=False)


def results(pictures: list[Request], **other: str) -> list[Verified]:
    engine = says("x + 1", **other)
    return verified(engine, pictures, engine.generate(pictures, Decoding()), CHECKS)


def test_counts(pictures: list[Request]) -> None:
    agreeing = results(pictures)
    changed = results(pictures[:2], count=count.target("x + 7"), tree=tree.target("x + 7"))
    broken = results(pictures[:1], tree="?")
    report = summarize([*agreeing, *changed, *broken])
    assert (report.n, report.agreed, report.changed) == (6, 3, 2)
    assert report.checks == (
        CheckCounts("parse", 6, 6, 0, 0),
        CheckCounts("count", 6, 4, 0, 2),
        CheckCounts("tree", 6, 3, 1, 2),
    )
    assert "6 pictures: all agree on 3, 2 changed" in report.to_text()


def test_nothing_to_count() -> None:
    assert summarize([]).checks == () and summarize([]).n == 0
