"""What is asked about a picture and answered, as token ids: recognition always, another kind beside it by chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from unimumer.compose.exchange import KINDRED
from unimumer.engines import chat
from unimumer.errors import UnimumerError
from unimumer.tasks import count, find_errors, fix_errors, recognize, tree

IGNORE = -100
RECOGNIZE = "recognize"
_LONGEST = 320
"""Tokens of a question and its answer, at most, for every kind but recognition: it bounds a step."""
_LOOKALIKE = (
    *((letter, letter.upper()) for letter in "cpsvwxyzkmnu"),
    ("1", "l", "|", "(", ")", "/", "i"),
    ("0", "o", "O", r"\theta", r"\phi"),
    ("2", "z", "Z", r"\alpha", "a"),
    ("5", "s", "S"),
    ("9", "q", "g", "y"),
    ("6", "b", r"\sigma", r"\delta"),
    ("x", r"\times", r"\chi"),
    ("n", "m", r"\pi", "u", "r"),
    (r"\ldots", r"\cdots", "."),
    (r"\beta", "B", "\\}", "3"),
    (r"\gamma", "r", "y", "V"),
    ("t", "+", r"\pm", "f"),
    ("-", "=", "."),
    (r"\sum", r"\Sigma", "E"),
    (r"\int", "f", "S"),
)
"""Groups that look alike when written, beside those of one kind (`exchange.KINDRED`). Source: the confusions left in
the published predictions of Uni-MuMER (case, dots, n and m), and the shapes themselves."""
_STRUCTURE = frozenset({"{", "}", "_", "^", r"\frac", r"\sqrt", r"\limits", "[", "]", r"\begin", r"\end"})
_CLEAN = 0.15
"""Share of candidates left right: a model must also learn to find nothing."""
_SHARE = 0.3
"""Share of the batches in which another kind is asked for too."""
_MISTAKES = (0.7, 0.2, 0.1)
"""Shares of symbols that are taken for another, left out, and written twice."""


def corrupt(label: str, random: np.random.Generator) -> str:
    """Give a candidate for a label: mostly one to three of its symbols wrong, missing or too many."""
    tokens = label.split()
    if random.random() < _CLEAN:
        return label
    for _ in range(1 + min(2, int(random.exponential(0.7)))):
        places = [i for i, token in enumerate(tokens) if token not in _STRUCTURE]
        if not places:
            continue
        mistake, place = random.choice(3, p=_MISTAKES), places[random.integers(len(places))]
        groups = [group for group in (*_LOOKALIKE, *KINDRED) if tokens[place] in group]
        others = [other for group in groups for other in group if other != tokens[place]]
        if mistake == 0 and others:
            tokens[place] = others[random.integers(len(others))]
        elif mistake == 1 and len(tokens) > 1:
            del tokens[place]
        elif mistake == 2:
            tokens.insert(place, tokens[place])
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
