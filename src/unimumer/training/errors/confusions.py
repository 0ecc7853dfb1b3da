"""What was taken for what: the errors of candidates, symbol by symbol, and the structures that were missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from unimumer.latex.commands import FRACTIONS, STACKS
from unimumer.latex.unicode import ACCENTS, ARROWS
from unimumer.tasks.edits import Edit

_BRACES = frozenset("{}")
_STRUCTURES = {
    "scripts": frozenset("_^"),
    "fractions": frozenset(FRACTIONS),
    "roots": frozenset({"\\sqrt"}),
    "limits": frozenset({"\\limits"}),
    "accents": frozenset({*ACCENTS, *STACKS, *ARROWS}),
    "matrices": frozenset({"\\begin", "\\end", "&", "\\\\"}),
    "groups": _BRACES,
}
"""Tokens that build a structure; names of environments, `{cases}`, go with matrices."""
STRUCTURES = tuple(_STRUCTURES)
"""Kinds of structure."""


@dataclass(frozen=True, slots=True, order=True)
class Confusion:
    """A token of the label and what was read for it; one of the two is empty where it was missed, or made up."""

    label: str
    read: str

    @property
    def kind(self) -> str:
        """`exchanged`, `missed` or `added`."""
        return "exchanged" if self.label and self.read else "missed" if self.label else "added"

    @property
    def structure(self) -> str | None:
        """The structure that it is about; None for symbols."""
        tokens = {self.label, self.read}
        if any(len(token) > 1 and token[0] == "{" for token in tokens):
            return "matrices"
        return next((name for name, members in _STRUCTURES.items() if tokens & members), None)


def confusions(edits: Iterable[Edit]) -> tuple[Confusion, ...]:
    """The confusions that edits mend, in order. Braces follow structure: they count where nothing else is wrong."""
    changes = [edit.change for edit in edits]
    found = [one for change in changes for one in _of(_visible(change.old), _visible(change.new))]
    return tuple(found or [one for change in changes for one in _of(change.old, change.new)])


def count(errors: Iterable[Iterable[Confusion]]) -> Counter[Confusion]:
    """How many candidates show each confusion; one that shows it twice counts once."""
    return Counter(found for one in errors for found in set(one))


def _visible(tokens: Sequence[str]) -> list[str]:
    return [token for token in tokens if token not in _BRACES]


def _of(read: Sequence[str], label: Sequence[str]) -> list[Confusion]:
    return [
        Confusion(
            label[step.dest_pos] if step.tag != "delete" else "",
            read[step.src_pos] if step.tag != "insert" else "",
        )
        for step in Levenshtein.editops(read, label)
    ]
