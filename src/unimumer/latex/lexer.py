"""Split LaTeX math into tokens: commands, escapes, single characters and environment names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

# A comment is not recognized: `%` is a character like any other, since a label has one line.
_TOKEN = re.compile(
    r"""[^\\\s]                             # one character
      | \\(?:begin|end)\s*\{[A-Za-z*\s]+\}  # with the name of the environment, split off below
      | \\[A-Za-z]+                         # a command
      | \\[^A-Za-z]                         # an escape: \{ \\ \, and the control space
      | \\                                  # a backslash that ends the text
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token and where it starts."""

    text: str
    position: int
    """Offset of its first character in the source, from 0."""


def tokenize(text: str) -> list[str]:
    """The tokens of `text`, in order, in time linear in its length; any text has tokens.

    Digits and letters are one token each. `\\begin{cases}`, however spaced, gives the two tokens
    `\\begin` and `{cases}`, as the labels of the released system write them.
    """
    tokens: list[str] = _TOKEN.findall(text)
    if "\\begin" not in text and "\\end" not in text:
        return tokens
    split: list[str] = []
    for token in tokens:
        split.extend(_environment(token) if token[-1] == "}" and len(token) > 2 else (token,))
    return split


def lex(text: str) -> list[Token]:
    """The tokens of `text` as `tokenize` gives them, with their positions."""
    return [Token(token, start) for token, start in _spans(text)]


def position(text: str, index: int) -> int:
    """Where token `index` of `text` starts; the length of the text when it has no such token."""
    return next((start for _, start in islice(_spans(text), index, None)), len(text))


def _spans(text: str) -> Iterator[tuple[str, int]]:
    for match in _TOKEN.finditer(text):
        token, start = match.group(), match.start()
        if token[-1] == "}" and len(token) > 2:
            command, name = _environment(token)
            yield command, start
            yield name, start + token.index("{")
        else:
            yield token, start


def _environment(token: str) -> tuple[str, str]:
    command, _, name = "".join(token.split()).partition("{")
    return command, "{" + name
