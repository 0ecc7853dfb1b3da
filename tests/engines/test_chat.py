from __future__ import annotations

import pytest

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
