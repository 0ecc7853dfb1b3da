"""What is asked about a picture and answered, as token ids: recognition always, another kind beside it by chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from unimumer.compose.exchange import KINDRED
from unimumer.engines import chat
from unimumer.errors import UnimumerError
from unimumer.files import read_list
from unimumer.tasks import count, find_errors, fix_errors, recognize, tree

IGNORE = -100
RECOGNIZE = "recognize"
_LONGEST = 320
"""Tokens of a question and its answer, at most, for every kind but recognition: it bounds a step."""
_CONFUSIONS = "confusions.json"
"""What Nano 0.6 took for what in 1,500 expressions of `unimumer data compose`, as `unimumer errors build` counts it
and `scripts/confusions.py` writes it: rows of the token of the label, the one that was read, and the number of
candidates. One of the tokens is empty where the other was missed or made up."""
_STRUCTURE = frozenset({"{", "}", "_", "^", r"\frac", r"\sqrt", r"\limits", "[", "]", r"\begin", r"\end"})
_CLEAN = 0.15
"""Share of candidates left right: a model must also learn to find nothing."""
_ADDED = 0.1
"""Share of the mistakes that are a token made up."""
_SHARE = 0.3
"""Share of the batches in which another kind is asked for too."""
_KIN = 1.0
"""Candidates that all kindred tokens of one together count as: those whose confusions nobody has seen go wrong too."""


@dataclass(frozen=True, slots=True)
class _Mistakes:
    """What is read for a token, and how often."""

    read: tuple[str, ...]
    """Empty for a token that is missed."""
    often: NDArray[np.float64]

    def draw(self, random: np.random.Generator) -> str:
        return self.read[int(random.choice(len(self.read), p=self.often / self.often.sum()))]


@cache
def _mistakes() -> dict[str, _Mistakes]:
    """What each token is taken for; under the empty one, what is made up."""
    count: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for label, read, candidates in read_list(Path(__file__).with_name(_CONFUSIONS)):
        count[label][read] += candidates
    for group in KINDRED:
        for token in group:
            for other in group:
                if other != token:
                    count[token][other] += _KIN / len(group)
    return {token: _Mistakes(tuple(read), np.array(list(read.values()))) for token, read in count.items()}


def corrupt(label: str, random: np.random.Generator) -> str:
    """Give a candidate for a label: mostly one to three of its symbols wrong, missing or too many, as Nano reads."""
    tokens = label.split()
    if random.random() < _CLEAN:
        return label
    known = _mistakes()
    for _ in range(1 + min(2, int(random.exponential(0.7)))):
        places = [i for i, token in enumerate(tokens) if token in known and token not in _STRUCTURE]
        often = [known[tokens[i]].often.sum() for i in places]
        if not places:
            continue
        if random.random() < _ADDED:
            tokens.insert(places[random.integers(len(places))], known[""].draw(random))
            continue
        place = places[int(random.choice(len(places), p=np.array(often) / sum(often)))]
        read = known[tokens[place]].draw(random)
        if read or len(tokens) > 1:
            tokens[place : place + 1] = [read] if read else []
    return " ".join(tokens)


def _find(label: str, random: np.random.Generator) -> tuple[str, str]:
    candidate = corrupt(label, random)
    return find_errors.prompt(candidate), find_errors.target(candidate, label)


def _fix(label: str, random: np.random.Generator) -> tuple[str, str]:
    candidate = corrupt(label, random)
    return fix_errors.prompt(find_errors.target(candidate, label)), fix_errors.target(candidate, label)


_KINDS: dict[str, Callable[[str, np.random.Generator], tuple[str, str]]] = {
    RECOGNIZE: lambda label, random: (recognize.prompt(), recognize.target(label)),
    "tree": lambda label, random: (tree.prompt(), tree.target(label)),
    "count": lambda label, random: (count.prompt(), count.target(label)),
    "find": _find,
    "fix": _fix,
}
KINDS = tuple(kind for kind in _KINDS if kind != RECOGNIZE)
"""The four kinds beside recognition, in the order of the paper."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One kind of conversation about every picture of a batch: what follows the picture."""

    kind: str
    tokens: NDArray[np.int64]
    """[batch, length]: question and answer but for its last token, padded."""
    targets: NDArray[np.int64]
    """[batch, length]: the answer's token to come at each place, `IGNORE` in the question and where padded."""


class ConversationWriter:
    """Writes conversations in Qwen2.5-VL's chat template."""

    def __init__(self, tokenizer: Tokenizer, kinds: Sequence[str] = ()) -> None:
        """Ask for recognition, and in some of the batches for one of `kinds` (of `KINDS`) too."""
        self._tokenizer, self._kinds = tokenizer, tuple(kinds)
        self.before = np.array(tokenizer.encode(chat.BEFORE).ids)
        self.end = chat.token_id(tokenizer, chat.END)

    def branches(self, labels: Sequence[str], random: np.random.Generator) -> tuple[Branch, ...]:
        """Recognition of every label, and by chance one more kind of conversation about those it suits."""
        branches = [self.branch(RECOGNIZE, labels, random)]
        if self._kinds and random.random() < _SHARE:
            kind = self._kinds[random.integers(len(self._kinds))]
            branches.append(self.branch(kind, labels, random))
        return tuple(branches)

    def branch(self, kind: str, labels: Sequence[str], random: np.random.Generator) -> Branch:
        """One kind of conversation about every label; where it cannot be had, or is too long, nothing is asked."""
        turns = [self._turn(kind, label, random) for label in labels]
        length = max(len(question) + len(answer) for question, answer in turns) - 1
        tokens = np.full((len(labels), max(1, length)), self.end)
        targets = np.full(tokens.shape, IGNORE)
        for i, (question, answer) in enumerate(turns):
            ids = question + answer
            tokens[i, : len(ids) - 1] = ids[:-1]
            targets[i, len(question) - 1 : len(ids) - 1] = answer
        return Branch(kind, tokens, targets)

    def _turn(self, kind: str, label: str, random: np.random.Generator) -> tuple[list[int], list[int]]:
        """Ids of a question and of its answer, end token included; both empty where this cannot be asked."""
        try:
            prompt, target = _KINDS[kind](label, random)
        except UnimumerError:  # such a label has no tree, or cannot be marked
            return [self.end], []
        question = self._tokenizer.encode(chat.after(prompt)).ids
        answer = [*self._tokenizer.encode(target).ids, self.end]
        if kind != RECOGNIZE and len(question) + len(answer) > _LONGEST:
            return [self.end], []
        return question, answer
