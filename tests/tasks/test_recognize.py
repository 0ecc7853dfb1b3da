from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unimumer.tasks import prompts, recognize


def test_prompts_are_the_released_ones_to_the_letter() -> None:
    """A character changed here is a model asked something it was not trained on."""
    image = "I have an image of a handwritten mathematical expression"
    assert recognize.prompt() == (
        "I have an image of a handwritten mathematical expression. Please write out the expression of the formula "
        "in the image using LaTeX format."
    )
    assert prompts.TREE.endswith("(AST) of the formula in the image, and then provide its corresponding LaTeX format.")
    assert prompts.COUNT.endswith("symbol in the image, and then provide its corresponding LaTeX format.")
    assert "with <error_start> <error_end> and <deleted>." in prompts.FIND_ERRORS
    assert prompts.FIX_ERRORS.endswith("DELETE:to_delete for parts to be removed.")
    for text in (prompts.RECOGNIZE, prompts.TREE, prompts.COUNT, prompts.FIND_ERRORS, prompts.FIX_ERRORS):
        assert text.startswith(image) and "  " not in text and "\n" not in text


@given(st.lists(st.sampled_from(["x", "^", "{", "}", "2", r"\frac"]), max_size=8), st.sampled_from([" ", "\n", "\t "]))
def test_the_answer_is_its_tokens(tokens: list[str], space: str) -> None:
    label = " ".join(tokens)
    assert recognize.parse(space + space.join(tokens) + space) == label == recognize.target(label)


def test_the_first_well_formed_reading_is_chosen() -> None:
    assert recognize.choose([r"\frac { a", "{", "x", "y"]) == 2
    assert recognize.choose(["{", r"\frac"]) == 0
    assert not recognize.well_formed("") and recognize.well_formed("x ^ { 2 }")
