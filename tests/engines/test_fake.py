"""The fake engine: what tests of other rooms rely on."""

from __future__ import annotations

import numpy as np
import pytest

from unimumer.engines.base import Decoding, Engine, Request, request_key
from unimumer.engines.fake import FakeEngine
from unimumer.latex import parse


def request(seed: int, prompt: str = "read it") -> Request:
    pixels = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), np.uint8)
    return Request(pixels, prompt)


def test_answers_depend_on_picture_and_prompt_only() -> None:
    engine: Engine = FakeEngine()
    requests = [request(seed) for seed in range(20)]
    together = engine.generate(requests, Decoding())
    assert together == [engine.generate([one], Decoding())[0] for one in requests]
    assert together == FakeEngine().generate(requests, Decoding())
    assert len({answer.best.text for answer in together}) > 10
    assert engine.generate([request(0, "count it")], Decoding()) != together[:1]
    flat, square = (Request(np.zeros(shape, np.uint8), "p") for shape in ((2, 8, 3), (4, 4, 3)))
    assert request_key(flat) != request_key(square)  # of the same pixels


def test_answers_are_pinned() -> None:
    # Known on every Python and platform, or stored expectations elsewhere would break.
    answer = FakeEngine().generate([Request(np.zeros((4, 4, 3), np.uint8), "p")], Decoding())[0]
    assert answer.best.text == "\\frac { 7 } { y } \\sqrt { x } \\frac { 2 } { x }"
    assert answer.finish == "stop"


def test_texts_are_well_formed_and_probable() -> None:
    asked = [request(seed) for seed in range(50)]
    greedy = FakeEngine().generate(asked, Decoding())
    for one, answer in zip(greedy, FakeEngine().generate(asked, Decoding(beams=4))):
        assert one.candidates == answer.candidates[:1]
        texts = [candidate.text for candidate in answer.candidates]
        assert len(set(texts)) == 4
        for candidate in answer.candidates:
            assert parse(candidate.text)
            assert candidate.text == " ".join(candidate.text.split())
            assert len(candidate.logprobs) == len(candidate.text.split()) + 1
            assert all(logprob < 0 for logprob in candidate.logprobs)
        scores = [candidate.logprob for candidate in answer.candidates]
        assert scores == sorted(scores, reverse=True)


def test_script_gives_the_best_candidate() -> None:
    asked = request(1)
    answer = FakeEngine({request_key(asked): "a \\\\ b"}).generate([asked, request(2)], Decoding(beams=2))
    assert [candidate.text == "a \\\\ b" for candidate in answer[0].candidates] == [True, False]
    assert answer[1] == FakeEngine().generate([request(2)], Decoding(beams=2))[0]


@pytest.mark.parametrize(
    ("limit", "text", "finish"), [(3, "a + b", "length"), (4, "a + b", "stop"), (1, "a", "length")]
)
def test_long_answers_are_cut(limit: int, text: str, finish: str) -> None:
    asked = request(1)
    answer = FakeEngine({request_key(asked): "a + b"}).generate([asked], Decoding(max_tokens=limit))[0]
    assert (answer.best.text, answer.finish) == (text, finish)
    assert len(answer.best.logprobs) == min(limit, 4)


def test_drawing_favors_the_best_whatever_shares_the_call() -> None:
    asked, drawing = [request(seed) for seed in range(40)], Decoding(temperature=1.0, samples=6, seed=3)
    answers = FakeEngine().generate(asked, drawing)
    assert answers == [FakeEngine().generate([one], drawing)[0] for one in asked]
    greedy = FakeEngine().generate(asked, Decoding())
    assert sum(answer.best == one.best for answer, one in zip(answers, greedy)) >= 30
