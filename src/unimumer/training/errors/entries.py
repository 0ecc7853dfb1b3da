"""From drawn texts to the errors that are taught: wrong candidates, each once, marked, mended, checked and chosen."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from unimumer.batch import BatchItem
from unimumer.latex import LatexError, normalize
from unimumer.results import Result
from unimumer.tasks import edits, find_errors, fix_errors
from unimumer.tasks.answers import Malformed, spaced
from unimumer.training.errors.confusions import Confusion, confusions, count

MAX_WRONG = 0.5
"""Share of a formula that may be wrong. A candidate more wrong than right is another formula: marking it teaches
no reading."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One candidate of one picture, to be asked about; without edits it is right."""

    item: BatchItem
    text: str
    edits: tuple[edits.Edit, ...]

    @property
    def label(self) -> str:
        """The label of the picture, space-tokenized."""
        return spaced(self.item.prompted.label)

    @property
    def marked(self) -> str:
        """The candidate with its errors marked."""
        return edits.mark(self.text, self.edits)

    @property
    def errors(self) -> tuple[Confusion, ...]:
        """What it takes for what."""
        return confusions(self.edits)


@dataclass(slots=True)
class Pool:
    """All that records can be made of, in the order of the pictures, and how much was left out for what reason."""

    wrong: list[Entry] = field(default_factory=list)
    right: list[Entry] = field(default_factory=list)
    invalid: list[tuple[str, str]] = field(default_factory=list)
    """Id of the picture and the reason, of pictures and candidates without a record."""
    texts: int = 0
    """Texts that were drawn, greedy answers included."""
    repeated: int = 0
    """Equal to another of the same picture, or without a word."""
    notation: int = 0
    """That say what the label says in other LaTeX."""
    far: int = 0
    """More wrong than `MAX_WRONG`."""


def collect(items: Sequence[BatchItem], drawn: Sequence[Result], single: bool, log: bool) -> Pool:
    """Sort the drawn texts of all items; with `single`, each error becomes an entry of its own.

    Whether an entry is sound is checked for answers with or without `log`, as they will be written.
    """
    pool = Pool()
    seen: set[tuple[str, str]] = set()
    for item, one in zip(items, drawn):
        if one.reason is not None:
            pool.invalid.append((item.prompted.id, one.reason))
            continue
        texts = [spaced(candidate.latex) for candidate in one.candidates]
        pool.texts += len(texts)
        for text in texts:
            if not text or (item.prompted.image, text) in seen:
                pool.repeated += 1
                continue
            seen.add((item.prompted.image, text))
            _sort(pool, item, text, single, log)
    # Candidates that share an error are equal when they are taken apart: each candidate of a picture stays once.
    distinct: dict[tuple[str, str], Entry] = {}
    for entry in pool.wrong:
        distinct.setdefault((entry.item.prompted.image, entry.text), entry)
    pool.wrong = list(distinct.values())
    return pool


def _sort(pool: Pool, item: BatchItem, text: str, single: bool, log: bool) -> None:
    label = spaced(item.prompted.label)
    try:
        found = edits.find(text, label)
    except edits.EditError as error:
        pool.invalid.append((item.prompted.id, str(error)))
        return
    wrong = sum(max(len(edit.change.old), len(edit.change.new)) for edit in found)
    if found and _same(text, label):
        pool.notation += 1
    elif wrong > MAX_WRONG * max(1, len(text.split()), len(label.split())):
        pool.far += 1
    else:
        pieces = [(text, (edit,)) for text, edit in edits.apart(text, found)] if single and found else [(text, found)]
        for piece, left in pieces:
            entry = Entry(item, piece, left)
            if reason := fault(entry, log):
                pool.invalid.append((item.prompted.id, reason))
            else:
                (pool.wrong if found else pool.right).append(entry)


def fault(entry: Entry, log: bool) -> str | None:
    """Why an entry must not be taught: read as an answer, its marks and changes do not give the label.

    Both answers are read as those of a model would be, by the strict readers of `tasks`.
    """
    try:
        marked = entry.marked
        answer = fix_errors.target(marked, entry.label, log)
        found, fixed = find_errors.parse(marked), fix_errors.parse(answer)
        if isinstance(found, Malformed) or isinstance(fixed, Malformed):
            return "the marked formula or the correction is not in its form"
        changes = fixed.changes if log and entry.edits else [edit.change for edit in entry.edits]
        if found.candidate != entry.text or fixed.latex != entry.label:
            return "the marked formula or the correction is of another formula"
        if changes is None or edits.apply(marked, changes) != entry.label:
            return "the changes do not make the label of the marked formula"
    except edits.EditError as error:
        return str(error)
    return None


def _same(text: str, label: str) -> bool:
    try:
        return normalize(text) == normalize(label)
    except LatexError:
        return False


def balance(pool: Pool, size: int, right_share: float, seed: int) -> list[Entry]:
    """Choose at most `size` entries, `right_share` of them right ones, in the order of the pictures.

    Drawn without replacement, by weight (Efraimidis and Spirakis, 2006): an entry weighs as much as its confusions
    are rare, by the square root, and each picture weighs the same however many entries it has. Where the wrong
    entries do not suffice there are fewer, and the right ones keep to their share. What is chosen follows from
    entries and seed, whatever the order of the entries.
    """
    wrong = _heaviest(pool.wrong, min(len(pool.wrong), size - round(size * right_share)), seed)
    most = round(len(wrong) * right_share / (1 - right_share))
    right = _heaviest(pool.right, min(len(pool.right), most, size - len(wrong)), seed)
    return sorted((*wrong, *right), key=lambda entry: (entry.item.index, entry.text))


def _heaviest(entries: Sequence[Entry], number: int, seed: int) -> list[Entry]:
    errors = [entry.errors for entry in entries]
    frequent = count(errors)
    of_picture = Counter(entry.item.index for entry in entries)
    weights = [
        (sum(frequent[one] ** -0.5 for one in found) / len(found) if found else 1.0) / of_picture[entry.item.index]
        for entry, found in zip(entries, errors)
    ]
    keys = {id(entry): -math.log(_uniform(entry, seed)) / weight for entry, weight in zip(entries, weights)}
    return sorted(entries, key=lambda entry: (keys[id(entry)], entry.item.index, entry.text))[:number]


def _uniform(entry: Entry, seed: int) -> float:
    """A number in (0, 1), by hash."""
    digest = hashlib.sha256(f"{seed} {entry.item.index} {entry.text}".encode("utf-8", "surrogatepass")).digest()
    return (int.from_bytes(digest[:6], "big") + 0.5) / 2**48
