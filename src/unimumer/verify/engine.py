"""An engine that verifies what another one answers, so that whatever runs engines can run verified ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from unimumer.engines.base import Answer, Decoding, Engine, Request, Stop, Text, never
from unimumer.verify.checks import Checks
from unimumer.verify.judgment import Verified, verified
from unimumer.verify.report import VerifyReport, summarize


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
