"""Candidates for the reading of a picture, and who votes for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unimumer.latex import LatexError, normalize, to_latex
from unimumer.tasks import count, recognize
from unimumer.tasks.count import Counting
from unimumer.tasks.find_errors import Marking
from unimumer.tasks.fix_errors import Correction
from unimumer.tasks.tree import Reading
from unimumer.verify.checks import Checks, Voice
from unimumer.verify.hearing import Heard


@dataclass(frozen=True, slots=True)
class RankedCandidate:
    """One expression that the picture may show."""

    latex: str
    """As first written, space-tokenized."""
    confidence: float | None
    """Probability that plain decoding gives it, 0 to 1; None for one that only a check wrote, or when not known."""
    well_formed: bool
    votes: tuple[Voice, ...]


def form(latex: str) -> str:
    """What two readings of one expression share: the normal form; of a text that does not parse, itself."""
    try:
        return normalize(latex)
    except LatexError:
        return latex


def ranked(heard: Heard, checks: Checks) -> list[RankedCandidate]:
    """All candidates, best first: those that parse, then by votes, then by the probability of plain decoding.

    What only a check wrote is outside the beams of plain decoding, so it counts as less probable than all in them:
    on equal votes the plain answer stands.
    """
    found: dict[str, tuple[str, float | None]] = {}
    for latex, confidence in _written(heard):
        found.setdefault(form(latex), (latex, confidence))
    candidates = [
        RankedCandidate(latex, confidence, recognize.well_formed(latex), tuple(_votes(key, heard, checks)))
        for key, (latex, confidence) in found.items()
    ]
    return sorted(candidates, key=lambda c: (not c.well_formed, -len(c.votes)))  # stable: as found


def _written(heard: Heard) -> Iterator[tuple[str, float | None]]:
    """Every LaTeX that the model wrote, the plain answer's first."""
    for text in heard.plain.candidates:
        yield recognize.parse(text.text), text.confidence
    for said in (heard.tree, heard.count, heard.fix):
        if isinstance(said, (Reading, Counting, Correction)):
            yield said.latex, None


def _votes(key: str, heard: Heard, checks: Checks) -> Iterator[Voice]:
    """The voices for the candidate of the form `key`."""
    is_plain = key == form(heard.answer)
    if checks.plain and is_plain:
        yield "plain"
    if isinstance(heard.count, Counting) and heard.count.counts == count.counts(key):
        yield "count"
    if isinstance(heard.tree, Reading) and to_latex(heard.tree.tree) == key:
        yield "tree"
    if isinstance(heard.find, Marking) and not heard.find.spans and is_plain:
        yield "find"
    if isinstance(heard.fix, Correction) and form(heard.fix.latex) == key:
        yield "fix"
