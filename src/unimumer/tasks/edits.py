"""What is wrong in a candidate: found by a token diff, marked in the formula, logged, and applied again.

The published formats say how one error is marked and how one change is logged, not how several are told apart.
Here (a choice of ours, docs/tasks.md): the log has one change for each mark, in the order of the marks. A change is
therefore tied to its place however often its tokens occur, and what it says about that place must be true.
Changes are parted by a space, positions are named by the token before, `start` where there is none. No LaTeX token
is a word of these formats, so nothing in a formula can be mistaken for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unimumer.errors import UnimumerError
from unimumer.tasks.answers import is_token, quote, tokens

ERROR_START, ERROR_END, DELETED = "<error_start>", "<error_end>", "<deleted>"
FIRST = "start"
"""The position of what is missing at the very beginning."""
MAX_TOKENS = 4096
"""Tokens of a formula that is compared. A model writes at most 2,048; the diff takes time and room of n²."""

_MARKS = frozenset({ERROR_START, ERROR_END, DELETED})
_CHANGE = re.compile(r"(?:^| )(REPLACE|INSERT|DELETE):")


class EditError(UnimumerError):
    """A marked formula or a log that is not in its form, or two that do not fit each other."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a log: `old` tokens become `new` ones; one of the two may be empty."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    after: str = ""
    """The token before what is missing, FIRST at the beginning; empty unless `old` is."""

    def __str__(self) -> str:
        """The change in the published format."""
        old, new = " ".join(self.old), " ".join(self.new)
        if not self.old:
            return f"INSERT:{new} after {self.after}"
        return f"REPLACE:{old} -> {new}" if self.new else f"DELETE:{old}"


@dataclass(frozen=True, slots=True)
class Edit:
    """One error of a candidate: the change that mends it, and where."""

    start: int
    """Index of the first wrong token of the candidate, or of the one that something is missing before."""
    change: Change

    @property
    def end(self) -> int:
        """Index after the last wrong token."""
        return self.start + len(self.change.old)


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `start` to `end` of a formula, marked as wrong; where they are one, something is missing there."""

    start: int
    end: int


def find(candidate: str, label: str) -> tuple[Edit, ...]:
    """The fewest token edits that turn `candidate` into `label`, touching ones joined; none when they are equal.

    Raises EditError when one of them has more than MAX_TOKENS tokens.
    """
    ours, theirs = tokens(candidate), tokens(label)
    _check_length(ours, theirs)
    from rapidfuzz.distance import Levenshtein  # late: it takes a while to load, and few look for errors

    blocks: list[tuple[int, int, int, int]] = []
    for step in Levenshtein.opcodes(ours, theirs):
        start, first = step.src_start, step.dest_start
        if step.tag == "equal":
            continue
        if blocks and (blocks[-1][1], blocks[-1][3]) == (start, first):
            start, _, first, _ = blocks.pop()
        blocks.append((start, step.src_end, first, step.dest_end))
    return tuple(_edit(ours, start, end, theirs[first:last]) for start, end, first, last in blocks)


def mark(candidate: str, edits: Sequence[Edit]) -> str:
    """The candidate with each wrong span between its marks, and `<deleted>` where something is missing."""
    pieces = ([ERROR_START, *edit.change.old, ERROR_END] if edit.change.old else [DELETED] for edit in edits)
    return _replaced(tokens(candidate), edits, pieces)


def read_marked(marked: str) -> tuple[str, tuple[Span, ...]]:
    """The candidate and the marked spans of a marked formula, in order.

    Raises EditError for marks that do not pair or hold nothing, and for words that are no LaTeX tokens.
    """
    plain: list[str] = []
    spans: list[Span] = []
    opened: int | None = None
    for word in marked.split():
        if word not in _MARKS:
            plain.append(_token(word))
        elif (word == ERROR_END) != (opened is not None):
            raise EditError(f"{word} before token {len(plain)} does not pair with another mark")
        elif word == ERROR_START:
            opened = len(plain)
        elif opened == len(plain):
            raise EditError(f"nothing is between the marks before token {opened}")
        else:
            spans.append(Span(len(plain) if opened is None else opened, len(plain)))
            opened = None
    if opened is not None:
        raise EditError(f"{ERROR_START} before token {opened} is never closed")
    return " ".join(plain), tuple(spans)


def log(edits: Iterable[Edit]) -> str:
    """The correction log of edits: one line, one change for each, in their order."""
    return " ".join(str(edit.change) for edit in edits)


def read_log(text: str) -> tuple[Change, ...]:
    """The changes of a correction log. Raises EditError for text in another form."""
    before, *parts = _CHANGE.split(text)
    if before:
        raise EditError(f"expected REPLACE:, INSERT: or DELETE:, found {quote(before)}")
    return tuple(_change(kind, body.split()) for kind, body in zip(parts[::2], parts[1::2]))


def apply(marked: str, changes: Sequence[Change]) -> str:
    """The marked formula with each change made at its mark.

    Raises EditError when `read_marked` does, or when a change does not fit its mark.
    """
    formula, spans = read_marked(marked)
    ours = formula.split()
    if len(spans) != len(changes):
        raise EditError(f"{len(spans)} marks in the formula, but {len(changes)} changes in the log")
    for span, change in zip(spans, changes):
        if change != _edit(ours, span.start, span.end, change.new).change:
            raise EditError(f"the mark before token {span.start} is no place for {quote(str(change))}")
    return _replaced(ours, spans, (change.new for change in changes))


def between(marked: str, label: str) -> tuple[Edit, ...]:
    """The edits that make `label` of a marked formula, one for each mark and nothing else changed.

    They are those of `find` when these have the same places. Else each unmarked part is taken at its first
    occurrence in the label. Raises EditError when the label does not hold the parts in their order.
    """
    formula, spans = read_marked(marked)
    edits = find(formula, label)
    if [(edit.start, edit.end) for edit in edits] == [(span.start, span.end) for span in spans]:
        return edits
    ours, theirs = formula.split(), tokens(label)
    bounds = [0, *(at for span in spans for at in (span.start, span.end)), len(ours)]
    kept = [ours[start:end] for start, end in zip(bounds[::2], bounds[1::2])]
    at = _first(theirs[: len(kept[0])], kept[0], 0) + len(kept[0])
    found: list[Edit] = []
    for span, part in zip(spans, kept[1:]):
        least = at + (span.start == span.end)
        last = len(found) + 1 == len(spans)
        start = _first(theirs, part, max(least, len(theirs) - len(part)) if last else least)
        found.append(_edit(ours, span.start, span.end, theirs[at:start]))
        at = start + len(part)
    return tuple(found)


def apart(candidate: str, edits: Sequence[Edit]) -> tuple[tuple[str, Edit], ...]:
    """Records of one error each: the candidate with all other edits made, and the edit that is left to do.

    All have the same label, the one that all edits make of the candidate.
    """
    ours = tokens(candidate)
    records: list[tuple[str, Edit]] = []
    shift = 0
    for left in edits:
        old, new = left.change.old, left.change.new
        text = _replaced(ours, edits, (old if edit is left else edit.change.new for edit in edits))
        start = left.start + shift
        records.append((text, _edit(text.split(), start, start + len(old), new)))
        shift += len(new) - len(old)
    return tuple(records)


def _edit(ours: list[str], start: int, end: int, new: Sequence[str]) -> Edit:
    after = "" if start < end else ours[start - 1] if start else FIRST
    return Edit(start, Change(tuple(ours[start:end]), tuple(new), after))


def _replaced(ours: list[str], places: Sequence[Edit | Span], pieces: Iterable[Iterable[str]]) -> str:
    out: list[str] = []
    at = 0
    for place, piece in zip(places, pieces):
        out += ours[at : place.start]
        out += piece
        at = place.end
    return " ".join(out + ours[at:])


def _check_length(*formulas: list[str]) -> None:
    longest = max(map(len, formulas))
    if longest > MAX_TOKENS:
        raise EditError(f"a formula of {longest} tokens is too long to compare; the most is {MAX_TOKENS}")


def _first(theirs: list[str], part: list[str], at: int) -> int:
    """Where `part` occurs first in `theirs`, from `at` on."""
    for start in range(at, len(theirs) - len(part) + 1):
        if theirs[start : start + len(part)] == part:
            return start
    raise EditError(f"the label does not hold what is not marked: {quote(' '.join(part))}")


def _change(kind: str, words: list[str]) -> Change:
    old: list[str] = []
    new: list[str] = []
    after = ""
    match kind, words:
        case "REPLACE", [*_] if "->" in words:
            at = words.index("->")
            old, new = words[:at], words[at + 1 :]
            whole = bool(old and new)
        case "INSERT", [*new, "after", after]:
            whole = bool(new) and (after == FIRST or bool(_token(after)))
        case "DELETE", [*old]:
            whole = bool(old)
        case _:
            whole = False
    if not whole:
        raise EditError(f"not a change: {quote(f'{kind}:' + ' '.join(words))}")
    return Change(tuple(map(_token, old)), tuple(map(_token, new)), after)


def _token(word: str) -> str:
    if is_token(word):
        return word
    raise EditError(f"not a LaTeX token: {quote(word)}")
