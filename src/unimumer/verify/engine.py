"""An engine that verifies what another one answers, so that whatever runs engines can run verified ones; its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from unimumer.engines.base import Answer, Check, Decoding, Engine, Request, Stop, Text, is_calibrated, never
from unimumer.verify.checks import Checks
from unimumer.verify.judgment import Verified, verified


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """Numbers of pictures for one check."""

    check: Check
    ran: int
    agreed: int
    malformed: int
    changed: int
    """Whose answer was replaced with the vote of this check."""


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The work of all checks."""

    n: int
    agreed: int
    """Pictures on which every check that ran agrees with the plain answer."""
    changed: int
    """Pictures whose plain answer was replaced."""
    checks: tuple[CheckCounts, ...]

    def to_text(self) -> str:
        """A table, one line a check."""
        lines = [f"{'check':<8}{'ran':>8}{'agreed':>8}{'malformed':>11}{'changed':>9}"]
        lines += [f"{c.check:<8}{c.ran:>8,}{c.agreed:>8,}{c.malformed:>11,}{c.changed:>9,}" for c in self.checks]
        return "\n".join([*lines, f"{self.n:,} pictures: all agree on {self.agreed:,}, {self.changed:,} changed"])


def summarize(results: Iterable[Verified]) -> VerifyReport:
    """Count over results; a check that never ran is left out."""
    counts: Counter[tuple[str, str]] = Counter()
    for result in results:
        counts["all", "n"] += 1
        counts["all", "agreed"] += result.agreed
        counts["all", "changed"] += result.changed
        counts.update((finding.check, "ran") for finding in result.findings)
        counts.update((finding.check, finding.verdict) for finding in result.findings)
        counts.update((voice, "changed") for voice in result.changed_by)
    rows = (
        CheckCounts(name, *(counts[name, what] for what in ("ran", "agreed", "malformed", "changed")))
        for name in get_args(Check)
        if counts[name, "ran"]
    )
    return VerifyReport(counts["all", "n"], counts["all", "agreed"], counts["all", "changed"], tuple(rows))


class VerifyingEngine:
    """Answers with the readings that stand after the checks; what plain decoding gave comes after."""

    def __init__(self, engine: Engine, checks: Checks, asked: Engine | None = None) -> None:
        """Verify the answers of `engine`, by what `asked` says to the checks; it is the same engine unless given."""
        self._engine, self._asked, self._checks = engine, asked or engine, checks
        self._results: list[Verified] = []
        self.defaults = engine.defaults

    @property
    def name(self) -> str:
        """The engine's name with the checks that run, since answers depend on them."""
        asked = [check for check in ("count", "tree", "find", "fix") if getattr(self._checks, check)]
        return f"{self._engine.name}+{'+'.join(asked)}"

    @property
    def calibrated(self) -> bool:
        """Whether the engine whose answers these are is calibrated, as its own property says."""
        return is_calibrated(self._engine)

    @property
    def report(self) -> VerifyReport:
        """What each check did so far."""
        return summarize(self._results)

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Answer every request, in order, one more call of the engine for each check."""
        answers = self._engine.generate(requests, decoding, stop)
        results = verified(self._asked, requests, answers, self._checks, stop)
        self._results += results
        return [_standing(answer, result) for answer, result in zip(answers, results)]


def _standing(answer: Answer, result: Verified) -> Answer:
    """The answer with the reading that stands first, and what the checks said."""
    if not result.changed:
        return replace(answer, findings=result.findings)
    known = next((text for text in answer.candidates if text.text == result.latex), Text(result.latex, ()))
    others = tuple(text for text in answer.candidates if text is not known)
    return Answer((known, *others), "stop", result.findings)
