from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unimumer.engines.base import Decoding
from unimumer.engines.search import draw, pick, search

from .test_search import END, Table, score

UNIFORM = st.floats(0, 1, exclude_max=True)


def drawing(**settings: float) -> Decoding:
    return Decoding(**{"max_tokens": 8, "temperature": 1.0, "samples": 4, **settings})


@settings(max_examples=30)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=5), st.integers(0, 100))
def test_a_neighbor_in_the_batch_changes_nothing(seeds: list[int], seed: int) -> None:
    together, decoding = Table(seeds), drawing(seed=seed)
    found = draw(together, together.scores(), (END,), decoding, seeds)
    for key, texts in zip(seeds, found):
        alone = Table([key])
        assert draw(alone, alone.scores(), (END,), decoding, [key]) == [texts]


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(1, 6))
def test_log_probabilities_are_the_models_and_sorted(seed: int, samples: int) -> None:
    model = Table([seed])
    found = draw(model, model.scores(), (END,), drawing(samples=samples, temperature=0.7), [seed])[0]
    assert len(found) == samples
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    for h in found:
        expected = [score(seed, h.tokens[:i])[token] for i, token in enumerate(h.tokens)]
        assert h.logprobs == pytest.approx(expected)
        assert h.complete == (h.tokens[-1] == END)


@pytest.mark.parametrize("settings", [{"top_k": 1}, {"top_p": 1e-9}, {"temperature": 1e-6}])
def test_narrow_drawing_is_greedy(settings: dict[str, float]) -> None:
    for seed in range(10):
        model, greedy = Table([seed]), Table([seed])
        found = draw(model, model.scores(), (END,), drawing(**settings), [seed])[0]
        assert {h.tokens for h in found} == {search(greedy, greedy.scores(), (END,), 1, 8)[0][0].tokens}


def test_seeds_differ() -> None:
    texts = set()
    for seed in range(20):
        model = Table([5])
        texts.add(draw(model, model.scores(), (END,), drawing(seed=seed, samples=1), [5])[0][0].tokens)
    assert len(texts) > 5


def test_tokens_come_as_often_as_the_model_says() -> None:
    probabilities = np.array([0.5, 0.3, 0.15, 0.05])
    rows = np.log(np.tile(probabilities, (20_000, 1))).astype(np.float32)
    numbers = np.random.default_rng(1).random(20_000)

    def shares(**settings: float) -> list[float]:
        counts = np.bincount(pick(rows, drawing(**settings), numbers), minlength=4)
        return list(counts / counts.sum())

    assert shares() == pytest.approx(probabilities, abs=0.015)
    assert shares(top_k=2) == pytest.approx([0.625, 0.375, 0, 0], abs=0.015)
    assert shares(top_p=0.79) == pytest.approx([0.625, 0.375, 0, 0], abs=0.015)
    assert shares(top_p=0.81) == pytest.approx([0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0], abs=0.015)
    squares = probabilities**2
    assert shares(temperature=0.5) == pytest.approx(squares / squares.sum(), abs=0.015)


@given(st.lists(st.floats(-80, 0), min_size=1, max_size=6), UNIFORM, st.floats(0.01, 1), st.integers(0, 7))
def test_what_is_picked_is_among_the_allowed(row: list[float], number: float, top_p: float, top_k: int) -> None:
    scores = np.array([row], np.float32)
    token = pick(scores, drawing(top_p=top_p, top_k=top_k), np.array([number]))[0]
    better = int((scores[0] > scores[0][token]).sum())
    assert better < (top_k or len(row))
    weights = np.exp(scores[0].astype(float) - scores.max())
    assert weights[scores[0] > scores[0][token]].sum() / weights.sum() <= top_p + 1e-6
