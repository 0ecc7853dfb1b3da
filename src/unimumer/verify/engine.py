"""An engine that verifies what another one answers, so that whatever runs engines can run verified ones; its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import Lock

from unimumer.engines.base import Answer, Check, Decoding, Engine, Request, Stop, Text, is_calibrated, never
from unimumer.verify.hearing import CHECKS, Checks
from unimumer.verify.judgment import Verified, verified


class VerifyReport:
    """What the checks did, on as many pictures as were added."""

    def __init__(self, results: Iterable[Verified] = ()) -> None:
        self.n = self.agreed = self.changed = 0
        """Pictures: all; those on which every check that ran agrees with the plain answer; those whose plain answer
        was replaced."""
        self.checks: dict[Check, Counter[str]] = {}
        """For each check the pictures that it `ran` on, by its verdict, and those `changed` to what it voted for."""
        for result in results:
            self.add(result)

    def add(self, result: Verified) -> None:
        """Count one picture."""
        self.n += 1
        self.agreed += result.agreed
        self.changed += result.changed
        for one in result.findings:
            counts = {"ran": 1, one.verdict: 1, "changed": int(one.check in result.changed_by)}
            self.checks.setdefault(one.check, Counter()).update(counts)

    def to_text(self) -> str:
        """A table, one line a check."""
        lines = [f"{'check':<8}{'ran':>8}{'agreed':>8}{'malformed':>11}{'changed':>9}"]
        for name, c in self.checks.items():
            lines.append(f"{name:<8}{c['ran']:>8,}{c['agreed']:>8,}{c['malformed']:>11,}{c['changed']:>9,}")
        return "\n".join([*lines, f"{self.n:,} pictures: all agree on {self.agreed:,}, {self.changed:,} changed"])


class VerifyingEngine:
    """Answers with the readings that stand after the checks; what plain decoding gave comes after."""

    def __init__(self, engine: Engine, checks: Checks, asked: Engine | None = None) -> None:
        """Verify the answers of `engine`, by what `asked` says to the checks; it is the same engine unless given."""
        self._engine, self._asked, self._checks = engine, asked or engine, checks
        self.defaults = engine.defaults
        self._lock = Lock()
        self.report = VerifyReport()
        """What each check did so far."""

    @property
    def name(self) -> str:
        """The engine's name with the checks that run, since answers depend on them."""
        asked = [check for check in CHECKS if getattr(self._checks, check)]
        return f"{self._engine.name}+{'+'.join(asked)}"

    @property
    def calibrated(self) -> bool:
        """Whether the engine whose answers these are is calibrated, as its own property says."""
        return is_calibrated(self._engine)

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Answer every request, in order, one more call of the engine for each check."""
        answers = self._engine.generate(requests, decoding, stop)
        results = verified(self._asked, requests, answers, self._checks, stop)
        with self._lock:
            for result in results:
                self.report.add(result)
        return [_standing(answer, result) for answer, result in zip(answers, results)]


def _standing(answer: Answer, result: Verified) -> Answer:
    """The answer with the reading that stands first, and what the checks said."""
    if not result.changed:
        return replace(answer, findings=result.findings)
    known = next((text for text in answer.candidates if text.text == result.latex), Text(result.latex, ()))
    others = tuple(text for text in answer.candidates if text is not known)
    return Answer((known, *others), "stop", result.findings)
