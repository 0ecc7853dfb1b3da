"""Plain recognition: the picture in, its LaTeX out."""

from __future__ import annotations

from collections.abc import Sequence

from unimumer.latex import LatexError
from unimumer.latex import parse as parse_latex
from unimumer.tasks import prompts


def prompt() -> str:
    """The question, to be put after the picture."""
    return prompts.RECOGNIZE


def target(label: str) -> str:
    """The answer a model is trained to give: the space-tokenized label itself."""
    return label


def parse(answer: str) -> str:
    """The expression in a model's answer: its tokens, spaced as labels are."""
    return " ".join(answer.split())


def well_formed(expression: str) -> bool:
    """Whether an expression parses and is not empty."""
    try:
        return bool(parse_latex(expression))
    except LatexError:
        return False


def choose(expressions: Sequence[str]) -> int:
    """Index of the first, best-ranked expression that is well formed; 0 when none is."""
    return next((i for i, expression in enumerate(expressions) if well_formed(expression)), 0)
