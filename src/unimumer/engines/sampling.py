"""Draws texts from any model that scores next tokens: temperature, top-k and top-p, reproducible by a seed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from unimumer.engines.base import Decoding, Stop, never
from unimumer.engines.search import Hypothesis, Scorer, check_step, most_probable


def draw(
    scorer: Scorer,
    first: NDArray[np.float32],
    ends: Collection[int],
    decoding: Decoding,
    keys: Sequence[int],
    stop: Stop = never,
) -> list[list[Hypothesis]]:
    """Draw `decoding.samples` texts for every prompt, the most probable first; equal ones are kept.

    `first` and `ends` are those of `search.search`. `keys` [prompts] name the prompts: what is drawn for one follows
    from the seed, its key and the number of the sample, whatever else is in the batch. Log-probabilities are the
    model's own, before temperature. Raises as `search` does.
    """
    numbers = [np.random.default_rng([decoding.seed, key, i]) for key in keys for i in range(decoding.samples)]
    texts = [Hypothesis() for _ in numbers]
    rows = np.repeat(np.arange(len(keys)), decoding.samples)
    active, scores = list(range(len(texts))), first[rows]
    for length in range(1, decoding.max_tokens + 1):
        check_step(scores, stop)
        picks = pick(scores, decoding, np.array([numbers[i].random() for i in active]))
        for i, token, row in zip(active, picks, scores):
            texts[i] = texts[i].extended(int(token), float(row[token]), ends)
        going = [place for place, i in enumerate(active) if not texts[i].over]
        if not going or length == decoding.max_tokens:
            break
        scores = scorer.advance(rows[going], picks[going])
        active, rows = [active[place] for place in going], np.arange(len(going))
    groups = (texts[i : i + decoding.samples] for i in range(0, len(texts), decoding.samples))
    return [sorted(group, key=lambda text: -text.score) for group in groups]


def pick(scores: NDArray[np.float32], decoding: Decoding, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Choose a token for each row of log-probabilities [n, vocabulary] by `numbers` [n], uniform in [0, 1).

    In this order, as transformers and vLLM do: temperature, the `top_k` most probable, of these the fewest that
    hold `top_p`.
    """
    order = most_probable(scores, decoding.top_k or scores.shape[1])
    logits = np.take_along_axis(scores, order, axis=1).astype(np.float64) / decoding.temperature
    weight = np.exp(logits - logits[:, :1])
    held = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    # A token stays when those before it hold less than top_p; so the first always does.
    weight[:, 1:][held[:, :-1] >= decoding.top_p] = 0
    ladder = np.cumsum(weight, axis=1)
    place = (ladder <= (numbers * ladder[:, -1])[:, None]).sum(axis=1)
    return np.asarray(order[np.arange(len(order)), np.minimum(place, order.shape[1] - 1)])
