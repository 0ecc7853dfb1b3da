"""Plain recognition: the picture in, its LaTeX out."""

from __future__ import annotations

from unimumer.tasks import prompts


def prompt() -> str:
    """The question, to be put after the picture."""
    return prompts.RECOGNIZE


def target(label: str) -> str:
    """The answer a model is trained to give: the space-tokenised label itself."""
    return label


def parse(answer: str) -> str:
    """The expression in a model's answer: its tokens, spaced as labels are."""
    return " ".join(answer.split())
