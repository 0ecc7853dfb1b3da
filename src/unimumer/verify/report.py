"""What the checks did over many pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from unimumer.engines.base import Check
from unimumer.verify.judgment import Verified


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
