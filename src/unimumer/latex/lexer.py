"""LaTeX math as tokens (commands, escapes, single characters, names of environments), and how far they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NoReturn

from unimumer.errors import UnimumerError
from unimumer.latex import unicode

MAX_DEPTH = 64
"""Levels of braces, arguments and environments that are read. The published labels have at most 6; the bound
keeps every recursive walk of a tree, comparing and printing included, clear of Python's own limit."""

END = ""
"""The token after the last one."""

# A comment is not recognized: `%` is a character like any other, since a label has one line.
_TOKEN = re.compile(
    r"""[^\\\s]                             # one character
      | \\(?:begin|end)\s*\{[A-Za-z*\s]+\}  # with the name of the environment, split off below
      | \\[A-Za-z]+                         # a command
      | \\\\\*                              # the end of a line no page may break after
      | \\[^A-Za-z]                         # an escape: \{ \\ \, and the control space
      | \\                                  # a backslash that ends the text
    """,
    re.VERBOSE,
)
_SHOWN = 40  # characters of a token that a message quotes


class LatexError(UnimumerError):
    """LaTeX that cannot be read; the message says what was expected."""

    def __init__(self, message: str, position: int) -> None:
        """Record `position`, the offset of the offending character in the source."""
        super().__init__(f"{message} (at character {position})")
        self.message = message
        self.position = position

    def __reduce__(self) -> tuple[type[LatexError], tuple[str, int]]:
        """Let the error cross from one process to another."""
        return LatexError, (self.message, self.position)


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


def spans(text: str) -> Iterator[tuple[str, int]]:
    """The tokens of `text` as `tokenize` gives them, each with the offset of its first character."""
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


class Source:
    """A LaTeX text, token by token, with Unicode mathematics written as LaTeX."""

    __slots__ = ("at", "deepest", "deepest_at", "depth", "doubtful", "joins", "origin", "text", "tokens")

    def __init__(self, text: str) -> None:
        """Start before the first token of `text`."""
        self.text = text
        self.tokens = tokenize(text)
        self.origin: list[int] | None = None
        if not text.isascii():
            self.tokens, self.origin = unicode.spelled(self.tokens)
        self.tokens.append(END)
        self.at = 0
        self.depth = self.deepest = self.deepest_at = 0
        self.doubtful = 0
        """One more than the index of an unknown command whose brackets may be an option, if there is one."""
        self.joins = False
        """Whether a `matrix` or a `\\not` was read, which its neighbors may turn into another node."""

    def next(self) -> str:
        """The current token, stepping over it. Not for the end of the text."""
        token = self.tokens[self.at]
        self.at += 1
        return token

    def expect(self, token: str) -> None:
        """Step over `token`; LatexError when the current one is another."""
        if self.tokens[self.at] != token:
            self.fail(f"expected {token}, found {self.found()}")
        self.at += 1

    def descend(self) -> None:
        """Enter one more level; the caller takes it off `depth` when it leaves."""
        self.depth += 1
        if self.depth > self.deepest:
            self.deepest, self.deepest_at = self.depth, self.at
        if self.depth > MAX_DEPTH:
            self.fail(f"expected at most {MAX_DEPTH} levels of nesting")

    def found(self) -> str:
        """The current token as an error message names it."""
        token = self.tokens[self.at]
        if token in ("\\begin", "\\end"):
            token = f"{token} {self.tokens[self.at + 1]}".rstrip()
        return token[:_SHOWN] or "the end of the text"

    def position(self, at: int) -> int:
        """Where token `at` starts in the text; the length of the text for the last one, END."""
        if self.origin is not None:
            at = self.origin[at] if at < len(self.origin) else len(self.text)
        return next((start for _, start in islice(spans(self.text), at, None)), len(self.text))

    def fail(self, message: str) -> NoReturn:
        """Raise LatexError for the current token."""
        # Positions are worked out only now: a text without errors does not pay for them.
        raise LatexError(message, self.position(self.at))
