"""Error detection: the picture and a candidate in, the candidate with its errors marked out."""

from __future__ import annotations

from dataclasses import dataclass

from unimumer.tasks import answers, edits, prompts
from unimumer.tasks.answers import Malformed


@dataclass(frozen=True, slots=True)
class Marking:
    """What a model marked in a candidate."""

    marked: str
    """The marked formula, one space between words: what `fix_errors.prompt` asks about."""
    candidate: str
    """The formula without its marks. A model may have changed it."""
    spans: tuple[edits.Span, ...]
    """Places of the candidate, in order; none when the model found no error."""


def prompt(candidate: str) -> str:
    """The question, to be put after the picture; the candidate is space-tokenized."""
    return f"{prompts.FIND_ERRORS}\n\nerroneous formula: {answers.spaced(candidate)}\nMarked formula: "


def target(candidate: str, label: str) -> str:
    """The answer a model is trained to give: the candidate with every difference from the label marked.

    For a record of one error use a candidate of `edits.apart` and `edits.mark`. Raises EditError for a formula of
    more than `edits.MAX_TOKENS` tokens.
    """
    return edits.mark(candidate, edits.find(candidate, label))


def parse(answer: str) -> Marking | Malformed:
    """The marked formula in a model's answer."""
    try:
        candidate, spans = edits.read_marked(answer)
    except edits.EditError as error:
        return Malformed(str(error))
    if not answer.strip():
        return Malformed("the answer is empty")
    return Marking(" ".join(answer.split()), candidate, spans)
