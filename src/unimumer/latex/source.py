"""The tokens a parser reads from, how far it has read, and the error that says where it could not go on."""

from __future__ import annotations

from typing import NoReturn

from unimumer.errors import UnimumerError
from unimumer.latex.lexer import position, tokenize

MAX_DEPTH = 64
"""Levels of braces, arguments and environments that are read. The published labels have at most 6; the bound
keeps every recursive walk of a tree, comparing and printing included, clear of Python's own limit."""

END = ""
"""The token after the last one."""

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


class Source:
    """A LaTeX text, token by token."""

    __slots__ = ("at", "deepest", "deepest_at", "depth", "matrices", "text", "tokens")

    def __init__(self, text: str) -> None:
        """Start before the first token of `text`."""
        self.text = text
        self.tokens = tokenize(text)
        self.tokens.append(END)
        self.at = 0
        self.depth = self.deepest = self.deepest_at = 0
        self.matrices = False
        """Whether a `matrix` was read, which brackets around it may turn into another environment."""

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

    def fail(self, message: str) -> NoReturn:
        """Raise LatexError for the current token."""
        # Positions are worked out only now: a text without errors does not pay for them.
        raise LatexError(message, position(self.text, self.at))
