"""The kinds of conversation by name: one vocabulary for commands, files and code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from unimumer.tasks import count, recognize, tree

SUFFIXES = {"recognize": "", "tree": "_tree", "count": "_can", "find": "_error_find", "fix": "_error_fix"}
"""What the released sets of each kind have at the end of their names."""
_RELEASED = {"plain": "recognize", **{suffix[1:]: name for name, suffix in SUFFIXES.items() if suffix}}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of conversation that a label is enough for; those about errors need candidates of a model."""

    name: str
    prompt: Callable[[], str]
    target: Callable[[str], str]

    @property
    def suffix(self) -> str:
        """Of the names of its sets."""
        return SUFFIXES[self.name]


LABELLED = (
    Kind("recognize", recognize.prompt, recognize.target),
    Kind("tree", tree.prompt, tree.target),
    Kind("count", count.prompt, count.target),
)


def kind_name(text: str) -> str:
    """The name of a kind as it is written here; the released names, such as `can` and `_error_find`, are known."""
    word = text.strip().removeprefix("_")
    return _RELEASED.get(word, word)
