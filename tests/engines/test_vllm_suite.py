"""The common tests for the engine `vllm`, on the shipped checkpoint, and that it agrees with the others."""

from __future__ import annotations

import pytest

from unimumer.engines.base import Decoding, Engine
from unimumer.engines.load import load_engine
from unimumer.engines.vllm import VllmEngine

from .suite import CHECKPOINT, GREEDY, EngineSuite, examples, texts

pytestmark = [pytest.mark.vllm, pytest.mark.filterwarnings("ignore")]


class TestVllm(EngineSuite):
    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> Engine:
        found = load_engine(CHECKPOINT)
        assert isinstance(found, VllmEngine)
        return found

    @pytest.mark.parametrize("other", [f"hf:{CHECKPOINT}", "nano"], ids=["hf", "nano"])
    def test_greedy_texts_are_those_of(self, engine: Engine, other: str) -> None:
        asked = examples()
        found, expected = engine.generate(asked, GREEDY), load_engine(other).generate(asked, GREEDY)
        assert texts(found) == texts(expected)
        for one, two in zip(found, expected):
            assert one.best.logprobs == pytest.approx(two.best.logprobs, abs=0.01)

    def test_a_loop_is_stopped_cut_and_marked(self, engine: VllmEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without its end token and barred from most others the model repeats itself."""
        sampling = engine._sampling

        def narrow(*asked: object) -> object:
            settings = sampling(*asked)
            settings.allowed_token_ids, settings.ignore_eos, settings.stop_token_ids = [300], True, []
            return settings

        monkeypatch.setattr(engine, "_sampling", narrow)
        answer = engine.generate(examples(1), Decoding(max_tokens=200))[0]
        assert answer.finish == "repetition" and len(answer.best.logprobs) == len(answer.best.tokens) == 1
