"""Read the text of a tree, line by line: its relations, and the lines that stand for no symbol."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from unimumer.errors import UnimumerError
from unimumer.latex import (
    MAX_DEPTH,
    Accent,
    Arrow,
    Environment,
    Fraction,
    LatexError,
    Node,
    Radical,
    Row,
    Scripts,
    Stack,
    Symbol,
    commands,
    parse,
)
from unimumer.latex.leaves import trimmed
from unimumer.latex.unicode import ACCENTS, ARROWS

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


_CELL = Symbol(CELL)  # only while its line is read
_NAME = re.compile(r"[A-Za-z]+\*?")
_SHOWN = 60  # characters of a line that a message quotes

_Arguments = dict[str, Row]


def read(text: str) -> Row:
    """The tree of a text that `tree_text.write` gave, or of any other in its form, in time linear in its length.

    Arguments may come in any order, and synonyms are replaced. The tree is as drawn: brackets beside a `matrix` are
    not joined to it. Raises TreeTextError for text in another form or nested deeper than MAX_DEPTH.
    """
    if not text:
        return ()
    lines = _Lines(text)
    if lines.relations[0]:
        lines.fail("the first symbol has no relation")
    row = _row(lines, 0)
    if lines.at != lines.end:
        lines.fail("not attached to what stands before")
    return row


class _Lines:
    """The lines of a text, taken apart, and how far they are read; after the last one stands an empty one."""

    __slots__ = ("at", "depths", "end", "level", "relations", "tokens")

    def __init__(self, text: str) -> None:
        self.depths: list[int] = []
        self.tokens: list[str] = []
        self.relations: list[str] = []
        for line in [*text.split("\n"), ""]:
            symbol = line.lstrip("\t")
            token, space, relation = symbol.partition(" ")
            self.depths.append(len(line) - len(symbol))
            self.tokens.append(token)
            self.relations.append(space + relation)
        self.end = len(self.tokens) - 1
        self.depths[self.end] = -1
        self.at = self.level = 0

    def follows(self, depth: int, relation: str) -> bool:
        """Whether the current line stands at `depth` with this relation."""
        return self.depths[self.at] == depth and self.relations[self.at] == relation

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        """Raise TreeTextError for line `at`, else the current one."""
        at = self.at if at is None else at
        line = self.tokens[at] + self.relations[at]
        found = repr(line[:_SHOWN]) if at < self.end else "the end"
        raise TreeTextError(f"line {at + 1}: {message}: {found}")


def _row(lines: _Lines, depth: int, cells: bool = False) -> Row:
    """The nodes from the current line on, along the baseline; with `cells`, `&` among them."""
    lines.level += 1
    if lines.level > MAX_DEPTH:
        lines.fail(f"more than {MAX_DEPTH} levels of nesting")
    items: list[Node] = []
    while True:
        at = lines.at
        token = lines.tokens[at]
        lines.at += 1
        symbol = commands.SYMBOLS.get(token)
        if symbol is not None and lines.depths[at + 1] <= depth:
            items.append(symbol)
        elif token == CELL and cells:
            items.append(_CELL)
        elif token == NOTHING and cells and not items and not _has_arguments(lines, depth):
            break
        else:
            items.append(_attached(lines, depth, items))
        if lines.depths[lines.at] != depth or lines.relations[lines.at] != RIGHT:
            break
    lines.level -= 1
    return tuple(items)


def _has_arguments(lines: _Lines, depth: int) -> bool:
    return lines.depths[lines.at] > depth and lines.relations[lines.at] != NEXT_LINE


def _attached(lines: _Lines, depth: int, items: list[Node]) -> Node:
    """The node of the line just passed, with all that is attached to it; `\\limits` takes its operator from `items`."""
    at = lines.at - 1
    token = lines.tokens[at]
    base: Node | None
    if token == LIMITS:
        if not items or items[-1] is _CELL or type(items[-1]) is Scripts:
            lines.fail("no operator before it", at)
        base, arguments = items.pop(), _arguments(lines, depth + 1)
        below, above = (SUB, SUP) if arguments.keys() & {SUB, SUP} else (BELOW, ABOVE)
    else:
        body = _environment(lines, depth + 1, token) if token in _ENVIRONMENTS else None
        arguments = _arguments(lines, depth + 1)
        base = body or _base(lines, at, arguments)
        below, above = scripts_of(base)
    sub, sup = arguments.pop(below, None), arguments.pop(above, None)
    if arguments:
        lines.fail(f"it takes no{next(iter(arguments))}", at)
    if sub or sup:
        return Scripts(base, sub, sup, token == LIMITS)
    if base is None or token == LIMITS:
        lines.fail("no script is attached", at)
    return base


def _arguments(lines: _Lines, depth: int) -> _Arguments:
    """The rows attached to a line, by relation."""
    arguments: _Arguments = {}
    while lines.depths[lines.at] == depth:
        relation = lines.relations[lines.at]
        if relation == NEXT_LINE:
            break
        if relation in arguments:
            lines.fail("the same relation for the second time")
        arguments[relation] = _row(lines, depth)
    return arguments


def _base(lines: _Lines, at: int, arguments: _Arguments) -> Node | None:
    """The node of line `at`, taking what belongs to its command out of `arguments`."""
    token = lines.tokens[at]
    build = _COMMANDS.get(token)
    if build is not None:
        return build(token, arguments)
    if token == NOTHING:
        return None
    symbol = commands.SYMBOLS.get(token) or _unlisted(token)
    return symbol or lines.fail("not one symbol", at)


def _unlisted(token: str) -> Symbol | None:
    """The node of a token that no table knows, if it is one sign: `\\unheardof`, or a character of any script."""
    try:
        row = parse(token)
    except LatexError:
        return None
    return Symbol(token) if row == (Symbol(token),) else None


def _environment(lines: _Lines, depth: int, command: str) -> Environment:
    """The body of `\\begin` up to its `\\end`, or that of `\\substack`; the lines attached to it stand at `depth`."""
    if command != "\\begin":
        return Environment(command, _body(lines, depth, ABOVE))
    columns = _columns(lines, depth)
    relation = lines.relations[lines.at]
    name = relation[relation.find("_") + 1 : -1]
    if not _NAME.fullmatch(name):
        lines.fail("expected the first symbol of an environment")
    if columns and name not in commands.WITH_COLUMNS:
        lines.fail(f"{name} has no columns")
    rows = _body(lines, depth, f"{BEGIN}{name})")
    if lines.tokens[lines.at] != "\\end" or not lines.follows(depth, f"{END}{name})"):
        lines.fail(f"expected the end of {name}")
    lines.at += 1
    return Environment(name, rows, columns)


def _body(lines: _Lines, depth: int, relation: str) -> tuple[tuple[Row, ...], ...]:
    rows: list[tuple[Row, ...]] = [((),)]
    if lines.follows(depth, relation):
        rows = [_cells(_row(lines, depth, cells=True))]
        while lines.follows(depth := depth + 1, NEXT_LINE):
            rows.append(_cells(_row(lines, depth, cells=True)))
    return trimmed(rows)


def _cells(row: Row) -> tuple[Row, ...]:
    ends = [i for i, node in enumerate(row) if node is _CELL]
    return tuple(row[start:end] for start, end in zip([0, *(i + 1 for i in ends)], [*ends, len(row)]))


def _columns(lines: _Lines, depth: int) -> tuple[str, ...]:
    start = lines.at
    if lines.follows(depth, COLUMNS):
        lines.at += 1
        while lines.follows(depth, RIGHT):
            lines.at += 1
    return tuple(lines.tokens[start : lines.at])


_ENVIRONMENTS = frozenset({"\\begin", "\\substack"})
_COMMANDS: dict[str, Callable[[str, _Arguments], Node]] = {
    "\\sqrt": lambda _, rows: Radical(rows.pop(ABOVE, ()), rows.pop(BELOW, None)),
    **dict.fromkeys(
        commands.FRACTIONS,
        lambda command, rows: Fraction(commands.FRACTIONS[command], rows.pop(ABOVE, ()), rows.pop(BELOW, ())),
    ),
    **dict.fromkeys(commands.STACKS, lambda command, rows: Stack(command, rows.pop(ABOVE, ()), rows.pop(BELOW, ()))),
    **dict.fromkeys(ACCENTS, lambda command, rows: Accent(command, rows.pop(ABOVE, ()))),
    **dict.fromkeys(ARROWS, lambda command, rows: Arrow(command, rows.pop(ABOVE, ()), rows.pop(BELOW, None))),
}
"""How the node of a command is built of the rows attached to its line, each of which it takes out."""
