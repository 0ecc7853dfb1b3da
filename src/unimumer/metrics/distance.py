"""The token edit distance that every error count of this package is made of."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein


def tokens(latex: str) -> list[str]:
    """Split space-tokenized LaTeX at white space, as the released evaluation does."""
    return latex.split()


def token_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Fewest insertions, deletions and substitutions of whole tokens that turn `a` into `b`.

    Levenshtein 1966, every operation at cost 1; symmetric, 0 only for equal sequences.
    """
    return Levenshtein.distance(a, b)
