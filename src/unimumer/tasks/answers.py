"""What a model's answer is when it is not what was asked for, and where its LaTeX stands."""

from __future__ import annotations

from dataclasses import dataclass

from unimumer.latex import tokenize

_SHOWN = 60  # characters of a foreign text that a reason quotes


@dataclass(frozen=True, slots=True)
class Malformed:
    """An answer that is cut off, loops, or is not in the form of its conversation."""

    reason: str
    latex: str | None = None
    """The LaTeX on the last line, when the answer got that far."""


def tokens(latex: str) -> list[str]:
    """The tokens of a text as the conversations write them: none holds white space, none is a word of a format.

    `tokenize` splits any text into characters, commands and environment names, so that `->`, `<deleted>` or
    `<|im_end|>` inside a formula comes apart.
    """
    return spaced(latex).split()


def spaced(latex: str) -> str:
    """LaTeX with one space between its tokens, as labels have it, in time linear in its length."""
    return " ".join(" ".join(tokenize(latex)).split())


def is_token(word: str) -> bool:
    """Whether a word is one LaTeX token, such as `x`, `\\frac` or `{cases}`."""
    return len(word) == 1 or word in tokenize(f"\\begin {word}")


def split(answer: str) -> tuple[str, str] | Malformed:
    """What comes before the last line, and the LaTeX on it; an answer of one line is all LaTeX."""
    before, _, last = answer.strip("\r\n ").rpartition("\n")
    latex = " ".join(last.split())
    if not latex:
        return Malformed("the answer is empty")
    if spaced(latex) != latex:
        return Malformed(f"the last line is not space-tokenized LaTeX, or cut off: {quote(latex)}")
    return before, latex


def quote(text: str) -> str:
    """A text as a reason shows it: printable and not long."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
