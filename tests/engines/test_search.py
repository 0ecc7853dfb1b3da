from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from unimumer.engines.search import search

END, VOCABULARY = 0, 4


class Table:
    """A model whose next-token scores depend on the text so far, by a seeded table."""

    def __init__(self, seeds: list[int]) -> None:
        self.texts: list[tuple[int, tuple[int, ...]]] = [(seed, ()) for seed in seeds]

    def scores(self) -> NDArray[np.float32]:
        return np.stack([score(seed, text) for seed, text in self.texts])

    def advance(self, rows: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        self.texts = [(self.texts[r][0], (*self.texts[r][1], int(t))) for r, t in zip(rows, tokens)]
        return self.scores()


def score(seed: int, text: tuple[int, ...]) -> NDArray[np.float32]:
    raw = np.random.default_rng([seed, *text]).normal(size=VOCABULARY) * 2
    return (raw - np.log(np.exp(raw).sum())).astype(np.float32)


def greedy(seed: int, longest: int) -> tuple[int, ...]:
    text: tuple[int, ...] = ()
    while len(text) < longest and (not text or text[-1] != END):
        text = (*text, int(score(seed, text).argmax()))
    return text


@settings(max_examples=50)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=5), st.integers(1, 8))
def test_one_beam_is_greedy_search(seeds: list[int], longest: int) -> None:
    model = Table(seeds)
    for seed, found in zip(seeds, search(model, model.scores(), (END,), 1, longest)):
        assert [h.tokens for h in found] == [greedy(seed, longest)]


@settings(max_examples=30)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=4), st.integers(1, 5))
def test_log_probabilities_are_the_models(seeds: list[int], beams: int) -> None:
    model = Table(seeds)
    for seed, found in zip(seeds, search(model, model.scores(), (END,), beams, 6)):
        assert 1 <= len(found) <= beams
        assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
        for h in found:
            expected = [score(seed, h.tokens[:i])[token] for i, token in enumerate(h.tokens)]
            assert h.logprobs == pytest.approx(expected)
            assert h.complete == (h.tokens[-1] == END)


def test_enough_beams_find_the_most_probable_text() -> None:
    """With more beams than there are texts, the search is exhaustive."""
    longest = 3
    for seed in range(20):
        model = Table([seed])
        found = search(model, model.scores(), (END,), 100, longest)[0]
        texts = [t for n in range(longest) for t in itertools.product(range(1, VOCABULARY), repeat=n)]
        best = max(texts, key=lambda t: whole_score(seed, (*t, END)))
        assert found[0].tokens == (*best, END)


def whole_score(seed: int, text: tuple[int, ...]) -> float:
    return float(sum(score(seed, text[:i])[token] for i, token in enumerate(text)))


def test_improbable_early_ends_do_not_stop_a_probable_text() -> None:
    """At every step the end is the second choice, so that as many texts end as there are beams, all of them bad."""

    class Steady:
        def advance(self, rows: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.float32]:
            self.length += 1
            probability = [0.98, 0.01, 0.005, 0.005] if self.length == 6 else [0.03, 0.95, 0.01, 0.01]
            return np.log(np.tile(np.array(probability, np.float32), (len(rows), 1)))

        length = 0

    model = Steady()
    found = search(model, model.advance(np.arange(1), np.arange(1)), (END,), 3, 12)[0]
    assert found[0].tokens == (1, 1, 1, 1, 1, END)


def test_a_neighbor_in_the_batch_changes_nothing() -> None:
    together, alone = Table([1, 2, 3]), Table([2])
    assert search(together, together.scores(), (END,), 3, 6)[1] == search(alone, alone.scores(), (END,), 3, 6)[0]


def test_a_text_that_is_cut_off_says_so() -> None:
    model = Table([5])
    found = search(model, np.log(np.array([[0.0001, 0.9997, 0.0001, 0.0001]], np.float32)), (END,), 1, 1)
    assert not found[0][0].complete and found[0][0].tokens == (1,)
