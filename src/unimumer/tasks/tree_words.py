"""The words of a tree text: its relations, and the lines that stand for no symbol."""

from __future__ import annotations

from unimumer.errors import UnimumerError
from unimumer.latex import Node, Symbol

MAX_INDENT = 256
"""Tabs before a line. Every line of an environment stands one deeper than the one above it, so that without a
bound the text of n lines would be of length n²."""

# With the space that parts them from the token.
RIGHT, ABOVE, BELOW, SUB, SUP = " (right)", " (above)", " (below)", " (sub)", " (sup)"
NEXT_LINE, COLUMNS, BEGIN, END = " (nextline)", " (columns)", " (begin_", " (end_"
LIMITS, NOTHING, CELL = "\\limits", "{}", "&"
OPERATORS = frozenset({"\\sum", "\\prod", "\\coprod", "\\int", "\\iint", "\\oint", "\\lim"})


class TreeTextError(UnimumerError):
    """A tree too deep to be written, or a text that is not one of a tree; the message names the line."""


def scripts_of(base: Node | None) -> tuple[str, str]:
    """The relations of the subscript and the superscript of a node without `\\limits`."""
    return (BELOW, ABOVE) if type(base) is Symbol and base.token in OPERATORS else (SUB, SUP)
