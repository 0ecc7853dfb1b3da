from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unimumer.compose.alphabet import TOKENS
from unimumer.engines.chat import CONTROL
from unimumer.tasks import prompts
from unimumer.training.nano.vocabulary import PHRASES, build_tokenizer, carried_over

LABELS = [
    r"\frac { a ^ { 2 } } { b }",
    r"\sum \limits _ { i = 1 } ^ { n } i",
    r"\begin {cases} x \\ y \end {cases}",
    r"\{ x \}",
]
TOKENIZER = build_tokenizer(LABELS)


def test_every_label_token_is_one_id() -> None:
    for label in LABELS:
        assert len(TOKENIZER.encode(label).ids) == len(label.split()), label
    assert all(len(TOKENIZER.encode(f"x {token}").ids) == 2 for token in TOKENS)


def test_every_prompt_and_special_token_is_one_id() -> None:
    for text in (*PHRASES, *CONTROL):
        assert len(TOKENIZER.encode(text).ids) == 1, text
    assert prompts.RECOGNIZE in PHRASES


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_comes_back(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text).ids, skip_special_tokens=False) == text


def test_building_is_deterministic() -> None:
    assert build_tokenizer(LABELS).to_str() == TOKENIZER.to_str()


def test_ids_of_the_same_text_are_carried_over() -> None:
    other = build_tokenizer([*LABELS, r"\unheard x"])
    pairs = carried_over(TOKENIZER, other)
    assert len(pairs) > 900 and {new for _, new in pairs} >= set(range(100))
    assert all(TOKENIZER.id_to_token(old) == other.id_to_token(new) for old, new in pairs)
    assert any(old != new for old, new in pairs)
