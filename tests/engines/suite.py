"""What every engine must do: one class of tests, inherited once for each of them."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from unimumer.engines import chat
from unimumer.engines.base import Answer, Cancelled, Decoding, Engine, EngineError, Request
from unimumer.imaging import load
from unimumer.tasks import recognize

ROOT = Path(__file__).parents[2]
CHECKPOINT = str(ROOT / "models" / "nano")
"""Nano as a folder in Hugging Face's layout, which several engines run."""
PICTURES = sorted((ROOT / "examples").glob("*.png"))
GREEDY = Decoding(max_tokens=60)
DRAWN = Decoding(max_tokens=40, temperature=1.5, samples=4, seed=11)


def examples(count: int | None = None) -> list[Request]:
    return [Request(load(path), recognize.prompt()) for path in PICTURES[:count]]


def texts(answers: list[Answer]) -> list[list[str]]:
    return [[candidate.text for candidate in answer.candidates] for answer in answers]


class EngineSuite:
    """Inherit it and give the fixture `engine`."""

    reaches_a_model = True

    def test_the_name_is_fit_for_a_journal(self, engine: Engine) -> None:
        assert engine.name.isprintable() and " " not in engine.name and str(ROOT) not in engine.name

    def test_nothing_asked_nothing_answered(self, engine: Engine) -> None:
        assert engine.generate([], GREEDY) == []

    def test_greedy_gives_one_scored_text(self, engine: Engine) -> None:
        for answer in engine.generate(examples(5), GREEDY):
            (best,) = answer.candidates
            assert best == answer.best and best.text and answer.finish == "stop"
            assert best.logprobs and all(math.isfinite(p) and p <= 1e-4 for p in best.logprobs)
            if best.tokens:
                assert len(best.tokens) == len(best.logprobs) and "".join(best.tokens) == best.text

    def test_order_does_not_matter(self, engine: Engine) -> None:
        asked = examples(5)
        forward = texts(engine.generate(asked, GREEDY))
        assert texts(engine.generate(asked[::-1], GREEDY))[::-1] == forward
        assert len({text for (text,) in forward}) >= 4

    def test_the_same_call_gives_the_same_answers(self, engine: Engine) -> None:
        for decoding in (GREEDY, DRAWN):
            first, again = (engine.generate(examples(3), decoding) for _ in range(2))
            assert texts(first) == texts(again)

    def test_samples_are_counted_and_sorted(self, engine: Engine) -> None:
        for answer in engine.generate(examples(3), DRAWN):
            scores = [candidate.logprob for candidate in answer.candidates]
            assert len(scores) == 4 and scores == sorted(scores, reverse=True)

    def test_another_seed_draws_other_texts(self, engine: Engine) -> None:
        other = Decoding(max_tokens=40, temperature=1.5, samples=4, seed=12)
        assert texts(engine.generate(examples(3), DRAWN)) != texts(engine.generate(examples(3), other))

    def test_beams_give_alternatives_or_a_clear_error(self, engine: Engine) -> None:
        try:
            answer = engine.generate(examples(1), Decoding(max_tokens=40, beams=3))[0]
        except EngineError as error:
            assert "no beam search" in str(error)
        else:
            scores = [candidate.logprob for candidate in answer.candidates]
            assert 1 < len(scores) <= 3 and scores == sorted(scores, reverse=True)

    def test_running_out_of_tokens_is_said(self, engine: Engine) -> None:
        answer = engine.generate(examples(2)[1:], Decoding(max_tokens=2))[0]
        assert answer.finish == "length" and len(answer.best.logprobs) <= 2

    def test_it_may_be_called_from_several_threads_at_once(self, engine: Engine) -> None:
        asked = examples(3)
        with ThreadPoolExecutor(3) as pool:
            together = list(pool.map(lambda one: engine.generate([one], GREEDY), asked))
        assert [texts(one) for one in together] == [texts(engine.generate([one], GREEDY)) for one in asked]

    def test_a_call_that_nobody_wants_is_cancelled(self, engine: Engine) -> None:
        with pytest.raises(Cancelled):
            engine.generate(examples(2), GREEDY, lambda: True)

    def test_it_says_what_suits_it(self, engine: Engine) -> None:
        assert 1 <= engine.defaults.batch <= engine.defaults.most and engine.defaults.as_released.max_tokens == 2048

    def test_control_tokens_in_a_prompt_are_plain_text(self, engine: Engine) -> None:
        """Such a token in a user's text has crashed Qwen2.5-VL servers."""
        if not self.reaches_a_model:
            pytest.skip("no text reaches a model")
        (asked,) = examples(1)
        for token in (*chat.CONTROL, "<|object_ref_start|>", "<|im_<|im_end|>end|>"):
            hostile = Request(asked.picture, f"read {token}{token} it")
            spelled = Request(asked.picture, chat.harmless(hostile.prompt))
            assert texts(engine.generate([hostile], GREEDY)) == texts(engine.generate([spelled], GREEDY))

    @pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (3, 2), (40, 5000), (1600, 1600)])
    def test_pictures_of_any_shape_are_answered(self, engine: Engine, shape: tuple[int, int]) -> None:
        pixels = np.random.default_rng(3).integers(0, 256, (*shape, 3), np.uint8)
        white = np.full((*shape, 3), 255, np.uint8)
        asked = [Request(pixels, recognize.prompt()), Request(white, recognize.prompt())]
        assert len(engine.generate(asked, Decoding(max_tokens=3))) == 2
