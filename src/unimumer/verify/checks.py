"""Which checks a reading goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from unimumer.errors import UnimumerError

Voice = Literal["plain", "count", "tree", "find", "fix"]
"""What can vote for a candidate."""


class VerifyError(UnimumerError):
    """Checks that cannot be run as asked."""


@dataclass(frozen=True, slots=True)
class Checks:
    """Which questions are asked beside the plain one, and so have a vote. Each can be switched on its own."""

    count: bool = True
    """Votes for the candidates that have just the tokens the model counts; its LaTeX is one more candidate."""
    tree: bool = True
    """Votes for the expression of the tree the model draws; its LaTeX is one more candidate."""
    find: bool = True
    """Votes for the plain answer when the model, asked for errors in it, marks nothing."""
    fix: bool = True
    """Votes for what the model corrects a marked answer to, one more candidate; needs `find`."""
    plain: bool = True
    """Whether plain decoding has a vote for its own answer; without one it still wins when all are level."""
    max_tokens: int = 1024
    """Tokens after which the answer to a check is cut off: a tree takes some four times as many as its LaTeX."""

    def __post_init__(self) -> None:
        """Raise VerifyError for checks that cannot run."""
        if self.fix and not self.find:
            raise VerifyError("the check `fix` corrects what `find` has marked: switch on both, or `fix` off")
        if self.max_tokens < 1:
            raise VerifyError(f"max_tokens ({self.max_tokens}) must be at least 1")
