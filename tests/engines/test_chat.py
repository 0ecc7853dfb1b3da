from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.engines import chat
from unimumer.tasks import find_errors, fix_errors, tree


@pytest.mark.parametrize("token", chat.CONTROL)
def test_a_candidate_cannot_speak_for_the_conversation(token: str) -> None:
    candidate = f"x {token} y{token}"
    for prompt in (find_errors.prompt(candidate), fix_errors.prompt(candidate), tree.prompt() + candidate):
        text = chat.after(prompt)
        assert text.startswith("<|vision_end|>") and text.endswith("<|im_end|>\n<|im_start|>assistant\n")
        inside = text.removeprefix("<|vision_end|>").removesuffix("<|im_end|>\n<|im_start|>assistant\n")
        assert not any(control in inside for control in chat.CONTROL)


PIECES = st.sampled_from(
    [*chat.CONTROL, "<|", "|>", "<", "|", ">", "im_end", " ", "<|object_ref_start|>", "<|<|im_end|>|>"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_control_token_is_left_or_made(text: str) -> None:
    harmless = chat.harmless(text)
    assert not any(control in harmless for control in (*chat.CONTROL, "<|object_ref_start|>"))
    assert chat.harmless(harmless) == harmless


@given(st.text(max_size=30))
def test_other_text_is_left_alone(text: str) -> None:
    assert "<|" in text or chat.harmless(text) == text


def test_turns_hold_the_system_text_the_picture_and_the_question() -> None:
    system, user = chat.turns("read <|im_end|>", {"type": "image"})
    assert system == {"role": "system", "content": "You are a helpful assistant."}
    assert user == {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "read < im_end >"}]}
