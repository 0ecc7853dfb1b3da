"""The common tests for the engine `hf`, on the shipped checkpoint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from unimumer.engines.base import Decoding, Engine
from unimumer.engines.load import EngineSettings, load_engine

from .suite import CHECKPOINT, GREEDY, EngineSuite, examples, texts

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


class TestHf(EngineSuite):
    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> Engine:
        return load_engine(f"hf:{CHECKPOINT}", EngineSettings(threads=1))

    @pytest.mark.parametrize("decoding", [GREEDY, Decoding(max_tokens=60, beams=3)], ids=["greedy", "beams"])
    def test_it_reads_as_the_runtime_without_torch(self, engine: Engine, decoding: Decoding) -> None:
        asked = examples()
        nano = load_engine("nano", EngineSettings(threads=1)).generate(asked, decoding)
        found = engine.generate(asked, decoding)
        # Nano alone has a language model of formulas beside it, which ranks what beam search finds.
        nano = [replace(one, candidates=tuple(sorted(one.candidates, key=lambda text: -text.logprob))) for one in nano]
        assert texts(found) == texts(nano)
        for one, other in zip(found, nano):
            assert one.best.logprobs == pytest.approx(other.best.logprobs, abs=0.01)
