"""Holds an answer against its checks, and says what stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from unimumer.engines.base import Answer, CheckFinding, Engine, Request, Stop, never
from unimumer.tasks import recognize
from unimumer.tasks.answers import Malformed
from unimumer.tasks.find_errors import Marking
from unimumer.verify.checks import Checks, Voice
from unimumer.verify.hearing import Heard, hear
from unimumer.verify.vote import RankedCandidate, form, ranked


@dataclass(frozen=True, slots=True)
class Verified:
    """A reading with what its checks said."""

    latex: str
    """The reading that stands, space-tokenized."""
    plain: str
    """The reading of plain decoding."""
    candidates: tuple[RankedCandidate, ...]
    """All readings, best first; the first one stands."""
    findings: tuple[CheckFinding, ...]
    """One for each check that ran; none for a picture without ink."""

    @property
    def agreed(self) -> bool:
        """Whether every check that ran agrees with the plain answer."""
        return bool(self.findings) and all(finding.verdict == "agreed" for finding in self.findings)

    @property
    def confidence(self) -> float | None:
        """Probability that plain decoding gives to the reading, 0 to 1; None when it is not known."""
        return self.candidates[0].confidence

    @property
    def changed(self) -> bool:
        """Whether another expression than the plain answer's stands."""
        return form(self.latex) != form(self.plain)

    @property
    def changed_by(self) -> tuple[Voice, ...]:
        """Who voted for the reading that replaced the plain answer; none when that stands."""
        return self.candidates[0].votes if self.changed else ()


def verified(
    engine: Engine, requests: Sequence[Request], answers: Sequence[Answer], checks: Checks, stop: Stop = never
) -> list[Verified]:
    """Verify the plain `answers` to `requests`, in order, by one call of the engine for each check.

    What a model answers to a check is never an error, and a question that its runtime fails on is a malformed one: see
    `CheckFinding`. Raises EngineError and Cancelled when the engine does.
    """
    return [judge(heard, checks) for heard in hear(engine, requests, answers, checks, stop)]


def judge(heard: Heard, checks: Checks) -> Verified:
    """Vote on what was heard, as far as `checks` are switched on."""
    heard = heard.only(checks)
    candidates = tuple(ranked(heard, checks))
    findings = () if heard.plain.blank else tuple(_findings(heard, candidates))
    return Verified(candidates[0].latex, heard.answer, candidates, findings)


def _findings(heard: Heard, candidates: Sequence[RankedCandidate]) -> Iterator[CheckFinding]:
    well_formed = recognize.well_formed(heard.answer)
    yield CheckFinding("parse", "agreed" if well_formed else "malformed")
    votes = next(c.votes for c in candidates if form(c.latex) == form(heard.answer))
    names: tuple[Literal["count", "tree", "find", "fix"], ...] = ("count", "tree", "find", "fix")
    for name in names:
        said = getattr(heard, name)
        if isinstance(said, Malformed):
            yield CheckFinding(name, "malformed", said.reason)
        elif said is not None:
            shown = said.marked if isinstance(said, Marking) and said.spans else ""
            yield CheckFinding(name, "agreed" if name in votes else "disagreed", shown)
