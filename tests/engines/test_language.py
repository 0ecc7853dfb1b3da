"""The language model of formulas: sound probabilities, what it knows, and what it changes in Nano's answers."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from unimumer.compose.corpus import Corpus
from unimumer.engines import chat
from unimumer.engines.base import Answer, Decoding, EngineError, Request, Text
from unimumer.engines.language import Language
from unimumer.engines.nano import LANGUAGE, NanoEngine
from unimumer.engines.turning import joined
from unimumer.files import sha256
from unimumer.imaging import load
from unimumer.tasks import count, recognize
from unimumer.training import TrainingError
from unimumer.training.nano.language import LONGEST, _texts, build, write_language

ROOT = Path(__file__).parents[2]
END, KNOWN = 7, range(1, 6)
"""The token that ends a text, and those that texts are made of."""
TEXTS = st.lists(st.lists(st.sampled_from(KNOWN), max_size=8), min_size=1, max_size=12)


def language(texts: Sequence[Sequence[int]], weights: Sequence[int] | None = None) -> Language:
    arrays = build(texts, weights or [1] * len(texts), END)
    levels = [
        {name.partition(".")[0]: array for name, array in arrays.items() if name.endswith(f".{length}")}
        for length in range(1, LONGEST + 1)
    ]
    return Language(levels, END)


@given(TEXTS, st.lists(st.sampled_from(KNOWN), max_size=6))
def test_what_may_follow_adds_up_to_one(texts: list[list[int]], begun: list[int]) -> None:
    """After any beginning, written before or not; single tokens are all that occurred, the end among them."""
    model = language(texts)
    seen = sorted({END, *(token for text in texts for token in text)})
    before = model.logprob(begun)
    assert sum(math.exp(model.logprob([*begun, token]) - before) for token in seen) == pytest.approx(1, rel=0.05)


def test_what_people_write_is_more_probable() -> None:
    model = language([[1, 2, 3], [1, 2, 3], [1, 2, 4], [5, 2]])
    assert model.logprob([1, 2, 3, END]) > model.logprob([1, 2, 4, END]) > model.logprob([3, 2, 1, END])
    assert model.logprob([1, 2, 9, END]) < model.logprob([1, 2, 5, END])  # a token that nobody wrote
    even, uneven = (language([[1, 2], [1, 3], [1, 3]], weights) for weights in ([1, 1, 1], [20, 1, 1]))
    assert even.logprob([1, 2]) < even.logprob([1, 3]) and uneven.logprob([1, 2]) > uneven.logprob([1, 3])


def test_probability_by_hand() -> None:
    """`1 2` four times and `3` once: of five texts four begin with 1, which gives (4 - 3/4) / 5 = 0.65, and the rest is
    left to single tokens, since `3` at the beginning is too seldom to be kept. Of single tokens 1, 2 and 3 follow one
    other each and the end follows two, so that 1 has a fifth.
    """
    model = language([[1, 2], [1, 2], [1, 2], [1, 2], [3]])
    assert math.exp(model.logprob([1])) == pytest.approx(0.65 + 0.35 / 5, rel=0.04)


def test_texts_are_needed_and_tokens_that_fit() -> None:
    for texts in ([], [[1 << 12]]):
        with pytest.raises(TrainingError, match="needs texts"):
            build(texts, [1] * len(texts), END)


def test_systems_are_put_together_from_formulas_and_counted() -> None:
    tokenizer = chat.load_tokenizer(ROOT / "src/unimumer/models/nano/tokenizer.json")
    formulas = tuple(f"x = {i} {j}" for i in range(10) for j in range(10))
    corpus = SimpleNamespace(
        labels=("a", "x = 1 1"), validation=[False, True], lone=[False, False], formulas=(formulas,)
    )
    ids, weights = _texts(cast("Corpus", corpus), tokenizer)
    label, *texts = (tokenizer.decode(one) for one in ids)
    assert label == "a" and weights == [3] + [1] * (99 + 1) and "x = 1 1" not in texts
    assert [text for text in texts if text not in formulas] == [text for text in texts if r"\begin {cases} x =" in text]


def test_weights_are_numbers_and_what_is_there_stays(tmp_path: Path) -> None:
    with_language(tmp_path / "one", ["x + y"], 1.0)
    before = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    nothing = cast("Corpus", None)
    for weight, bonus in ((math.nan, 0.3), (0.15, math.inf)):
        with pytest.raises(TrainingError, match="finite"):
            write_language(tmp_path / "one", nothing, weight, bonus)
    assert {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()} == before


@pytest.mark.parametrize("content", [b"no", b""])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(EngineError, match="not a language model"):
        Language.load(tmp_path / "a.safetensors", END)
    save_file({"weights": np.zeros(3)}, tmp_path / "b.safetensors")
    with pytest.raises(EngineError, match="not a language model"):
        Language.load(tmp_path / "b.safetensors", END)


def with_language(folder: Path, texts: Sequence[str], weight: float) -> NanoEngine:
    """Nano with a language model of a few texts."""
    shutil.copytree(ROOT / "src/unimumer/models/nano", folder)
    tokenizer = chat.load_tokenizer(folder / "tokenizer.json")
    ids = [tokenizer.encode(text).ids for text in texts]
    save_file(build(ids, [1] * len(ids), chat.token_id(tokenizer, chat.END)), folder / LANGUAGE)
    about = json.loads((folder / "nano.json").read_text())
    about["sha256"][LANGUAGE] = sha256(folder / LANGUAGE)
    (folder / "nano.json").write_text(json.dumps({**about, "language": [weight, 0.0]}))
    return NanoEngine.load(folder, threads=1)


def test_it_decides_among_the_candidates_and_changes_no_probability(tmp_path: Path) -> None:
    asked = [Request(load(ROOT / "examples/sum.png"), recognize.prompt())]
    (plain,) = with_language(tmp_path / "none", ["x"], 0.0).generate(asked, Decoding(beams=4))
    wanted = plain.candidates[-1]
    assert len(plain.candidates) > 1 and wanted.text != plain.best.text
    (found,) = with_language(tmp_path / "one", [wanted.text] * 9, 50.0).generate(asked, Decoding(beams=4))
    assert found.best.text == wanted.text
    assert {text.text: text.logprobs for text in found.candidates} == {
        text.text: text.logprobs for text in plain.candidates
    }
    assert [text.rank for text in found.candidates] == sorted((text.rank for text in found.candidates), reverse=True)


def test_other_conversations_are_not_about_formulas(tmp_path: Path) -> None:
    asked = [Request(load(ROOT / "examples/sum.png"), count.prompt())]
    (answer,) = with_language(tmp_path / "one", ["x + y"], 50.0).generate(asked, Decoding(beams=2))
    assert all(text.prior == 0 for text in answer.candidates)


def test_a_damaged_one_is_noticed(tmp_path: Path) -> None:
    with_language(tmp_path / "one", ["x + y"], 1.0)
    path = tmp_path / "one" / LANGUAGE
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(EngineError, match=r"language\.safetensors.*damaged"):
        NanoEngine.load(tmp_path / "one")


def test_a_turned_reading_counts_it_once() -> None:
    """Joined copies: the mean of what the pictures say, and once what speaks for the text whatever the picture."""
    first, second = Text("a", (-1.0,)), Text("b", (-1.5,), prior=1.0)
    found = joined([Answer((first, second), "stop")] * 3)
    assert [text.text for text in found.candidates] == ["b", "a"]
    assert found.best.confidence == pytest.approx(1 / (1 + math.exp(-0.75 * 0.5)))
    assert joined([Answer((first, replace(second, prior=0.0)), "stop")] * 3).best.text == "a"
