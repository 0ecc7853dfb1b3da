"""Symbol counting: the picture in, how often each token occurs out, and after it the LaTeX."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from unimumer.tasks import answers, prompts
from unimumer.tasks.answers import Malformed

_BRACES = frozenset("{}")
_ENTRY = re.compile(r"(\S+): ([1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True)
class Counting:
    """What a model counted, and the LaTeX it wrote."""

    counts: Mapping[str, int]
    latex: str

    @property
    def agrees(self) -> bool:
        """Whether the LaTeX has just the tokens that were counted."""
        return self.counts == counts(self.latex)


def counts(label: str) -> dict[str, int]:
    """How often each token but braces occurs, in the order of first sight. Source: the released script."""
    return dict(Counter(token for token in answers.tokens(label) if token not in _BRACES))


def prompt() -> str:
    """The question, to be put after the picture."""
    return prompts.COUNT


def target(label: str) -> str:
    """The answer a model is trained to give: `token: n` joined by `, `, a newline, the label."""
    entries = ", ".join(f"{token}: {n}" for token, n in counts(label).items())
    return f"{entries}\n{answers.spaced(label)}"


def parse(answer: str) -> Counting | Malformed:
    """The counts and the LaTeX in a model's answer."""
    parts = answers.split(answer)
    if isinstance(parts, Malformed):
        return parts
    text, latex = parts
    counted: dict[str, int] = {}
    for entry in text.split(", "):
        match = _ENTRY.fullmatch(entry)
        if match is None or match[1] in _BRACES or not answers.is_token(match[1]):
            return Malformed(f"not a count: {answers.quote(entry)}", latex)
        if match[1] in counted:
            return Malformed(f"counted twice: {answers.quote(match[1])}", latex)
        counted[match[1]] = int(match[2])
    return Counting(counted, latex)
