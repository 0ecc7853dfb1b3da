"""Answers held against what the same model says when it is asked in the other ways it was trained on."""

from unimumer.verify.engine import VerifyingEngine, VerifyReport
from unimumer.verify.hearing import Checks, Heard, VerifyError, hear
from unimumer.verify.judgment import RankedCandidate, Verified, judge, verified

__all__ = [
    "Checks",
    "Heard",
    "RankedCandidate",
    "Verified",
    "VerifyError",
    "VerifyReport",
    "VerifyingEngine",
    "hear",
    "judge",
    "verified",
]
