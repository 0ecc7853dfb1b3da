"""From predictions to an `Evaluation`: the one call of this room."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from unimumer.metrics.intervals import Comparison, Figure, compare, share
from unimumer.metrics.pairs import MetricsError, Pair, PairSet, read_pairs
from unimumer.metrics.structure import Match, match
from unimumer.metrics.text import PairScore, means_and_ratios, proportions, score_pair

TITLES = {
    "exp_rate": "ExpRate",
    "at_most_1": "at most 1 token error",
    "at_most_2": "at most 2 token errors",
    "at_most_3": "at most 3 token errors",
    "notation_match": "notation match (strict)",
    "ink_match": "ink match (loose)",
    "edit_score": "mean edit score",
    "bleu_4": "BLEU-4",
    "token_error_rate": "token error rate",
    "token_edits_per_label_character": "token edits per label character",
}
"""The figures in report order, as people read them. The last two are better the smaller they are."""


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """One pair and what it scores."""

    pair: Pair
    score: PairScore
    match: Match


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good one set of predictions is against one set of labels."""

    name: str
    """Of the predictions: the file they are from."""
    label_set: str
    """Where the labels come from; figures compare only within one label set."""
    figures: dict[str, Figure]
    """By the names of `TITLES`: over all expressions, the unanswered ones included.

    `exp_rate` and the three after it are shares of expressions with at most 0 to 3 token errors; CROHME's own counts
    are of label graphs instead. The matches are those of `structure`; `edit_score` is the mean of 1 - token errors /
    tokens of the longer side; `token_error_rate` is all token errors / all label tokens, and can pass 1;
    `token_edits_per_label_character`, the released reports' "Character Error Rate", divides by all label characters.
    """
    parsed: dict[str, Figure]
    """The same over the expressions whose label parses; empty when there are none, or no others."""
    items: tuple[ScoredPair, ...]
    warnings: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Expressions scored, the unanswered ones included."""
        return len(self.items)

    @property
    def missing(self) -> tuple[str, ...]:
        """Ids without an answer: within no number of errors, edit score 0, all their label tokens errors."""
        return tuple(item.pair.id for item in self.items if item.pair.prediction is None)

    @property
    def unparsed(self) -> tuple[str, ...]:
        """Ids of the labels that do not parse: only the same tokens can match them."""
        return tuple(item.pair.id for item in self.items if not item.match.label_parses)

    @property
    def digest(self) -> str:
        """SHA-256 of all ids and labels: figures compare only where it is the same."""
        pairs = sorted((item.pair.id, item.pair.label) for item in self.items)
        return sha256(json.dumps(pairs).encode()).hexdigest()


RIGHT: dict[str, Callable[[ScoredPair], bool]] = {
    "exp_rate": lambda item: item.score.exact,
    "notation_match": lambda item: item.match.notation,
    "ink_match": lambda item: item.match.ink,
}
"""What it can mean that an item is right."""


def evaluate(predictions: str | Path | Sequence[Pair] | PairSet, labels: str | Path | None = None) -> Evaluation:
    """Score predictions: a file as `read_pairs` takes it, with a file of labels where it has none, or pairs.

    Pairs bring their own labels. The same input gives the same result: the bootstrap is seeded. Raises
    MetricsError or FileError when something cannot be read or there is nothing to score.
    """
    if isinstance(predictions, (str, Path)):
        pairs = read_pairs(Path(predictions), None if labels is None else Path(labels))
        return _evaluate(pairs, str(predictions))
    if labels is not None:
        raise MetricsError("pairs hold their labels: give no file of labels with them")
    given = predictions if isinstance(predictions, PairSet) else PairSet(predictions, "given pairs")
    if not given.pairs:
        raise MetricsError(f"{given.label_set}: no expressions to score")
    return _evaluate(given, given.label_set)


def _evaluate(pairs: PairSet, name: str) -> Evaluation:
    items = tuple(_item(pair) for pair in pairs.pairs)
    parsed = [item for item in items if item.match.label_parses]
    some = 0 < len(parsed) < len(items)
    return Evaluation(name, pairs.label_set, _figures(items), _figures(parsed) if some else {}, items, pairs.warnings)


def _item(pair: Pair) -> ScoredPair:
    found = match(pair.label, pair.prediction or "")
    answered = pair.prediction is not None
    return ScoredPair(pair, score_pair(pair), found if answered else Match(False, False, found.label_parses, False))


def _figures(items: Sequence[ScoredPair]) -> dict[str, Figure]:
    scores = [item.score for item in items]
    figures = dict(zip(TITLES, proportions(scores)))
    figures["notation_match"] = share([item.match.notation for item in items])
    figures["ink_match"] = share([item.match.ink for item in items])
    return figures | means_and_ratios(scores)


def against(ours: Evaluation, theirs: Evaluation) -> dict[str, Comparison]:
    """Compare two evaluations of the same expressions by ExpRate and by both matches.

    Raises MetricsError unless both have the same ids with the same labels, in whatever order.
    """
    by_id = {item.pair.id: item for item in theirs.items}
    labels = {item.pair.id: item.pair.label for item in ours.items}
    if labels != {id: item.pair.label for id, item in by_id.items()}:
        raise MetricsError(_unlike(labels, by_id, ours, theirs))
    return {
        name: compare(
            list(labels),
            [hits(item) for item in ours.items],
            [hits(by_id[item.pair.id]) for item in ours.items],
        )
        for name, hits in RIGHT.items()
    }


def _unlike(labels: dict[str, str], by_id: dict[str, ScoredPair], ours: Evaluation, theirs: Evaluation) -> str:
    alone = len(labels.keys() ^ by_id.keys())
    other = sum(labels[id] != by_id[id].pair.label for id in labels.keys() & by_id.keys())
    return (
        f"{ours.name} and {theirs.name} cannot be compared item by item: {alone} ids are in one of them only, "
        f"{other} have another label; score both against one file with --labels"
    )
