"""An engine that verifies what another one answers, so that whatever runs engines can run verified ones."""

from __future__ import annotations

from collections.abc import Sequence

from unimumer.engines.base import Answer, Decoding, Engine, Request, Text
from unimumer.verify.checks import Checks
from unimumer.verify.judgment import Verified, verified
from unimumer.verify.report import VerifyReport, summarize


class VerifyingEngine:
    """Answers with the readings that stand after the checks; what plain decoding gave comes after."""

    def __init__(self, engine: Engine, checks: Checks) -> None:
        """Verify the answers of `engine`."""
        self._engine, self._checks = engine, checks
        self._results: list[Verified] = []

    @property
    def name(self) -> str:
        """The engine's name with the checks that run, since answers depend on them."""
        asked = [check for check in ("count", "tree", "find", "fix") if getattr(self._checks, check)]
        return f"{self._engine.name}+{'+'.join(asked)}"

    @property
    def report(self) -> VerifyReport:
        """What each check did so far."""
        return summarize(self._results)

    def generate(self, requests: Sequence[Request], decoding: Decoding) -> list[Answer]:
        """Answer every request, in order, one more call of the engine for each check."""
        answers = self._engine.generate(requests, decoding)
        results = verified(self._engine, requests, answers, self._checks)
        self._results += results
        return [_standing(answer, result) for answer, result in zip(answers, results)]


def _standing(answer: Answer, result: Verified) -> Answer:
    """The answer with the reading that stands first."""
    if not result.changed:
        return answer
    known = next((text for text in answer.candidates if text.text == result.latex), Text(result.latex, ()))
    others = tuple(text for text in answer.candidates if text is not known)
    return Answer((known, *others), "stop")
