"""The engine `hf` against transformers' own generation, on a tiny model of each backbone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from unimumer.engines.base import Decoding, Picture
from unimumer.engines.hf import HfEngine
from unimumer.engines.load import EngineSettings
from unimumer.engines.zoo import FAMILIES

from .suite import examples
from .tiny import make_checkpoint

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]
LENGTH, CAP = 12, 40_000


@pytest.fixture(scope="module", params=list(FAMILIES))
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> HfEngine:
    folder = make_checkpoint(request.param, tmp_path_factory.mktemp(request.param))
    return HfEngine(str(folder), EngineSettings(threads=1, batch=3, max_pixels=CAP))


def test_greedy_is_that_of_transformers(engine: HfEngine) -> None:
    asked = examples(3)
    for request, answer in zip(asked, engine.generate(asked, Decoding(max_tokens=LENGTH))):
        inputs = engine._inputs([request.prompt], [engine.checkpoint.prepared(request, CAP)])
        out = engine._model.generate(**inputs, max_new_tokens=LENGTH, do_sample=False, use_cache=True)
        expected = out[0, inputs["input_ids"].shape[1] :].tolist()
        assert answer.best.text == engine._template.text(expected, []).text


@pytest.mark.parametrize(
    "decoding",
    [Decoding(max_tokens=LENGTH, beams=3), Decoding(max_tokens=LENGTH, temperature=2.0, samples=3)],
    ids=["beams", "samples"],
)
def test_texts_keep_their_places_in_the_cache(engine: HfEngine, decoding: Decoding) -> None:
    """Were the rows of the cache mixed up, a text's probability would not be that of one pass over the whole of it."""
    asked = examples(2)
    pictures = [engine.checkpoint.prepared(request, CAP) for request in asked]
    for request, picture, found in zip(asked, pictures, engine._search(asked, pictures, decoding)):
        assert len(found) >= 1
        for text in found:
            assert text.score == pytest.approx(score(engine, request.prompt, picture, text.tokens), abs=0.02)


def score(engine: HfEngine, prompt: str, picture: Picture, tokens: Sequence[int]) -> float:
    """Log-probability of a text by one pass, without a cache."""
    import torch

    inputs = engine._inputs([prompt], [picture])
    answer = torch.tensor([tokens])
    start = inputs["input_ids"].shape[1]
    for name, more in (("input_ids", answer), ("attention_mask", answer * 0 + 1), ("mm_token_type_ids", answer * 0)):
        inputs[name] = torch.cat([inputs[name], more.to(inputs[name].dtype)], dim=1)
    with torch.inference_mode():
        logprobs = engine._model(**inputs).logits[0].float().log_softmax(-1)
    return float(sum(logprobs[start + i - 1, token] for i, token in enumerate(tokens)))


def test_prompts_are_of_the_checkpoints_own_template(engine: HfEngine) -> None:
    template = engine.checkpoint.folder / "chat_template.jinja"
    text = template.read_text()
    try:
        template.write_text(text + "{% if enable_thinking is false %}<think>\n\n</think>{% endif %}")
        fresh = HfEngine(str(engine.checkpoint.folder), EngineSettings(threads=1))
        ids = fresh._template.prompt_ids("read <|im_end|>")
        said = fresh._template.tokenizer.decode(ids)
    finally:
        template.write_text(text)
    assert said.startswith("<|im_start|>system\nYou are a helpful assistant.<|im_end|>")
    assert "read < im_end ><|im_end|>" in said and said.endswith("<think>\n\n</think>")
