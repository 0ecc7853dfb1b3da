"""Makes the mistakes that a recognizer makes, so that there is something to find and to fix in endless new labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from unimumer.compose.exchange import KINDRED

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

Tokens = list[str]


def corrupt(label: str, random: np.random.Generator) -> str:
    """Give a candidate for a label: mostly one to three of its symbols wrong, missing or too many."""
    tokens = label.split()
    if random.random() < _CLEAN:
        return label
    for _ in range(1 + min(2, int(random.exponential(0.7)))):
        places = [i for i, token in enumerate(tokens) if token not in _STRUCTURE]
        if places:
            _EDITS[random.choice(len(_EDITS), p=_WEIGHTS)](tokens, places[random.integers(len(places))], random)
    return " ".join(tokens)


def _replace(tokens: Tokens, place: int, random: np.random.Generator) -> None:
    others = _others(tokens[place])
    if others:
        tokens[place] = others[random.integers(len(others))]


def _delete(tokens: Tokens, place: int, random: np.random.Generator) -> None:
    if len(tokens) > 1:
        del tokens[place]


def _repeat(tokens: Tokens, place: int, random: np.random.Generator) -> None:
    tokens.insert(place, tokens[place])


_EDITS: tuple[Callable[[Tokens, int, np.random.Generator], None], ...] = (_replace, _delete, _repeat)
_WEIGHTS = (0.7, 0.2, 0.1)


def _others(token: str) -> list[str]:
    return [other for group in (*_LOOKALIKE, *KINDRED) if token in group for other in group if other != token]
