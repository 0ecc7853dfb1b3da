"""Text figures: what one prediction gets right, token by token, and what that sums to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from unimumer.metrics.intervals import Figure, percentile_interval, resampled_sums, share
from unimumer.metrics.pairs import MetricsError, Pair

THRESHOLDS = (0, 1, 2, 3)
"""Token errors up to which an answer is counted; 0 gives ExpRate."""
ORDERS = (1, 2, 3, 4)
"""Lengths of the n-grams that count in BLEU-4, equally weighted."""
_SMOOTHING = 5.0
"""The constant K of smoothing method 4 of BLEU."""


@dataclass(frozen=True, slots=True)
class PairScore:
    """What one prediction adds to the figures of its set."""

    answered: bool
    token_errors: int
    """Levenshtein distance in tokens; every label token of a pair without an answer."""
    label_tokens: int
    predicted_tokens: int
    label_characters: int
    """Length of the label as it stands, spaces included."""
    ngram_matches: tuple[int, ...]
    """Shared n-grams of order 1 to 4."""

    @property
    def exact(self) -> bool:
        """Answered with exactly the label's token sequence."""
        return self.within(0)

    @property
    def edit_score(self) -> float:
        """1 - errors / length of the longer side, 0 to 1; 1 for an empty answer to an empty label."""
        if not self.answered:
            return 0.0
        return 1.0 - self.token_errors / max(self.label_tokens, self.predicted_tokens, 1)

    def within(self, errors: int) -> bool:
        """Answered with at most `errors` token errors."""
        return self.answered and self.token_errors <= errors


def score_pair(pair: Pair) -> PairScore:
    """Compare one prediction with its label, both split at white space, as the released evaluation does."""
    label, prediction = pair.label.split(), (pair.prediction or "").split()
    return PairScore(
        answered=pair.prediction is not None,
        token_errors=Levenshtein.distance(label, prediction),
        label_tokens=len(label),
        predicted_tokens=len(prediction),
        label_characters=len(pair.label),
        ngram_matches=ngram_matches(label, prediction),
    )


def proportions(scores: Sequence[PairScore]) -> tuple[Figure, ...]:
    """Shares of pairs that stay within 0, 1, 2 and 3 token errors, with Wilson intervals."""
    return tuple(share([score.within(errors) for score in scores]) for errors in THRESHOLDS)


_COLUMNS = 5 + 2 * len(ORDERS)


def _row(score: PairScore) -> tuple[float, ...]:
    lengths = (score.label_tokens, score.predicted_tokens, score.label_characters)
    totals = ngram_totals(score.predicted_tokens)
    return (score.edit_score, score.token_errors, *lengths, *score.ngram_matches, *totals)


def _from_sums(sums: NDArray[np.float64], n: int) -> dict[str, NDArray[np.float64]]:
    """Figures [...] by name from sums [..., `_COLUMNS`] over `_row`."""
    edit_score, errors, label_tokens, predicted_tokens, characters = np.moveaxis(sums[..., :5], -1, 0)
    return {
        "edit_score": edit_score / n,
        "bleu_4": corpus_bleu(sums[..., 5:9], sums[..., 9:13], predicted_tokens, label_tokens),
        "token_error_rate": errors / np.maximum(label_tokens, 1.0),
        "token_edits_per_label_character": errors / np.maximum(characters, 1.0),
    }


def means_and_ratios(scores: Sequence[PairScore]) -> dict[str, Figure]:
    """The other figures by name, with bootstrap intervals over pairs; the same draws serve them all."""
    rows = np.array([_row(score) for score in scores], dtype=np.float64)
    values = _from_sums(rows.sum(axis=0), len(scores))
    spread = _from_sums(resampled_sums(rows), len(scores))
    return {
        name: Figure(float(value), *percentile_interval(spread[name]), len(scores)) for name, value in values.items()
    }


def total(pairs: Iterable[Pair]) -> tuple[int, list[int], dict[str, float]]:
    """Number of pairs, how many of them stay within 0, 1, 2 and 3 token errors, and the means and ratios by name.

    One pair is held at a time; the values are those of `means_and_ratios`. Raises MetricsError when
    there are no pairs.
    """
    n, within, sums = 0, [0] * len(THRESHOLDS), np.zeros(_COLUMNS)
    for pair in pairs:
        score = score_pair(pair)
        n += 1
        within = [count + score.within(errors) for count, errors in zip(within, THRESHOLDS)]
        sums += _row(score)
    if not n:
        raise MetricsError("no expressions to score")
    return n, within, {name: float(value) for name, value in _from_sums(sums, n).items()}


def ngram_totals(length: int) -> tuple[int, ...]:
    """Number of n-grams of each order in `length` tokens, at least 1 each.

    The floor of 1 follows nltk's `modified_precision`; it lowers the score of corpora with answers
    shorter than four tokens (by 0.24 points on CROHME 2014), and the released figures have it.
    """
    return tuple(max(1, length - order + 1) for order in ORDERS)


def ngram_matches(label: Sequence[str], prediction: Sequence[str]) -> tuple[int, ...]:
    """Number of n-grams of each order in `prediction` that `label` has too, at most as often as there."""
    if label == prediction:  # most pairs of a good model
        return tuple(max(0, len(label) - order + 1) for order in ORDERS)
    shorter = min(len(label), len(prediction))
    start = next((k for k in range(shorter) if label[k] != prediction[k]), shorter)
    rest = shorter - start
    end = next((k for k in range(rest) if label[-1 - k] != prediction[-1 - k]), rest)
    return tuple(_matches(label, prediction, order, start, end) for order in ORDERS)


def _matches(label: Sequence[str], prediction: Sequence[str], order: int, start: int, end: int) -> int:
    """Shared n-grams of sides whose first `start` and last `end` tokens are equal: those within need no counting."""
    first, last = max(0, start - order + 1), max(0, end - order + 1)
    ours, theirs = (
        Counter(zip(*(side[start : len(side) - last] for start in range(first, first + order))))
        for side in (label, prediction)
    )
    return first + last + (ours & theirs).total()


def corpus_bleu(
    matches: NDArray[np.float64],
    totals: NDArray[np.float64],
    predicted_tokens: NDArray[np.float64],
    label_tokens: NDArray[np.float64],
) -> NDArray[np.float64]:
    """BLEU-4, 0 to 1, of whole corpora from their summed counts.

    `matches` and `totals` are [..., 4], the two lengths [...], and so is the result. Papineni et al. 2002
    with one reference. An order without any match in the whole corpus is smoothed by method 4 of Chen and
    Cherry 2014 as nltk has it: the i-th such order gets ln(predicted tokens) / (5 * 2^i) matches. Only tiny
    corpora ever need that. One that shares no token with its labels, or predicts one token in all, scores 0.
    """
    length = np.maximum(predicted_tokens, 1.0)
    usable = (matches[..., 0] > 0) & (length > 1)
    missed = matches == 0
    fill = np.log(np.maximum(length, 2.0))[..., None] / (_SMOOTHING * 2.0 ** np.cumsum(missed, axis=-1))
    precision = np.where(missed, fill, matches) / totals
    brevity = np.exp(np.minimum(0.0, 1.0 - label_tokens / length))
    score: NDArray[np.float64] = brevity * np.exp(np.log(precision).mean(axis=-1))
    return np.where(usable, score, 0.0)
