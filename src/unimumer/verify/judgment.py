"""Holds an answer against its checks, which vote for its candidates, and says what stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from unimumer.engines.base import Answer, CheckFinding, Engine, Request, Stop, never
from unimumer.latex import LatexError, normalize, to_latex
from unimumer.tasks import count, recognize
from unimumer.tasks.answers import Malformed
from unimumer.tasks.count import Counting
from unimumer.tasks.find_errors import Marking
from unimumer.tasks.fix_errors import Correction
from unimumer.tasks.tree import TreeReading
from unimumer.verify.hearing import CHECKS, Checks, Heard, hear

Voice = Literal["plain", "count", "tree", "find", "fix"]
"""What can vote for a candidate."""


@dataclass(frozen=True, slots=True)
class RankedCandidate:
    """One expression that the picture may show."""

    latex: str
    """As first written, space-tokenized."""
    confidence: float | None
    """Probability that plain decoding gives it, 0 to 1; None for one that only a check wrote, or when not known."""
    well_formed: bool
    votes: tuple[Voice, ...]


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
    for name in CHECKS:
        said = getattr(heard, name)
        if isinstance(said, Malformed):
            yield CheckFinding(name, "malformed", said.reason)
        elif said is not None:
            shown = said.marked if isinstance(said, Marking) and said.spans else ""
            yield CheckFinding(name, "agreed" if name in votes else "disagreed", shown)


def form(latex: str) -> str:
    """What two readings of one expression share: the normal form; of a text that does not parse, itself."""
    try:
        return normalize(latex)
    except LatexError:
        return latex


def ranked(heard: Heard, checks: Checks) -> list[RankedCandidate]:
    """All candidates, best first: those that parse, then by votes, then by the probability of plain decoding.

    What only a check wrote is outside the beams of plain decoding, so it counts as less probable than all in them:
    on equal votes the plain answer stands.
    """
    found: dict[str, tuple[str, float | None]] = {}
    for latex, confidence in _written(heard):
        found.setdefault(form(latex), (latex, confidence))
    candidates = [
        RankedCandidate(latex, confidence, recognize.well_formed(latex), tuple(_votes(key, heard, checks)))
        for key, (latex, confidence) in found.items()
    ]
    return sorted(candidates, key=lambda c: (not c.well_formed, -len(c.votes)))  # stable: as found


def _written(heard: Heard) -> Iterator[tuple[str, float | None]]:
    """Every LaTeX that the model wrote, the plain answer's first."""
    for text in heard.plain.candidates:
        yield recognize.parse(text.text), text.confidence
    for said in (heard.tree, heard.count, heard.fix):
        if isinstance(said, (TreeReading, Counting, Correction)):
            yield said.latex, None


def _votes(key: str, heard: Heard, checks: Checks) -> Iterator[Voice]:
    """The voices for the candidate of the form `key`."""
    is_plain = key == form(heard.answer)
    if checks.plain and is_plain:
        yield "plain"
    if isinstance(heard.count, Counting) and heard.count.counts == count.counts(key):
        yield "count"
    if isinstance(heard.tree, TreeReading) and to_latex(heard.tree.tree) == key:
        yield "tree"
    if isinstance(heard.find, Marking) and not heard.find.spans and is_plain:
        yield "find"
    if isinstance(heard.fix, Correction) and form(heard.fix.latex) == key:
        yield "fix"
