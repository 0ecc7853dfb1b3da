"""From predictions to an `Evaluation`: the one call of this room."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from unimumer.metrics.pairs import MetricsError, Pair, check_pairs, read_pairs
from unimumer.metrics.report import Evaluation
from unimumer.metrics.structure import answers_structure
from unimumer.metrics.text import means_and_ratios, proportions, score_pair, share

SEED = 0
RESAMPLES = 1000


def evaluate(predictions: str | Path | Sequence[Pair], labels: str | Path | None = None) -> Evaluation:
    """Score predictions: a file as `read_pairs` takes it, with a file of labels where it has none, or pairs.

    Pairs bring their own labels. The same input gives the same result: the bootstrap is seeded. Raises
    MetricsError when something cannot be read, an id occurs twice, or there is nothing to score.
    """
    if isinstance(predictions, (str, Path)):
        source = Path(predictions if labels is None else labels)
        pairs: Sequence[Pair] = read_pairs(Path(predictions), None if labels is None else Path(labels))
        # The folder tells one caption.txt from another.
        name = "/".join(source.parts[-2:])
    elif labels is None:
        pairs, name = predictions, "given pairs"
    else:
        raise MetricsError("pairs hold their labels: give no file of labels with them")
    check_pairs(pairs, name)
    return _evaluate(pairs, name)


def _evaluate(pairs: Sequence[Pair], label_set: str) -> Evaluation:
    scores = [score_pair(pair) for pair in pairs]
    counts, shares = zip(*proportions(scores))
    others = means_and_ratios(scores, SEED, RESAMPLES)
    return Evaluation(
        label_set=label_set,
        n=len(pairs),
        within=counts,
        exp_rate=shares[0],
        at_most_1=shares[1],
        at_most_2=shares[2],
        at_most_3=shares[3],
        structure=share([answers_structure(pair) for pair in pairs]),
        edit_score=others["edit_score"],
        bleu_4=others["bleu_4"],
        token_error_rate=others["token_error_rate"],
        token_edits_per_label_character=others["token_edits_per_label_character"],
        missing=tuple(pair.id for pair in pairs if pair.prediction is None),
        seed=SEED,
        resamples=RESAMPLES,
    )
