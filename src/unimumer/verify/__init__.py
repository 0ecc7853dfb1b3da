"""Answers held against what the same model says when it is asked in the other ways it was trained on."""

from unimumer.engines.base import Check, CheckFinding
from unimumer.verify.checks import Checks, VerifyError
from unimumer.verify.engine import CheckCounts, VerifyingEngine, VerifyReport, summarize
from unimumer.verify.hearing import Heard, hear
from unimumer.verify.judgment import RankedCandidate, Verified, judge, verified

__all__ = [
    "Check",
    "CheckCounts",
    "CheckFinding",
    "Checks",
    "Heard",
    "RankedCandidate",
    "Verified",
    "VerifyError",
    "VerifyReport",
    "VerifyingEngine",
    "hear",
    "judge",
    "summarize",
    "verified",
]
