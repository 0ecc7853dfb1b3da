"""The text of a tree: one line a symbol, tabs for depth, and in brackets how it stands to the one before.

Source: the released tree conversations of Uni-MuMER, whose constructs this reproduces. What they leave open is
decided here, so that every tree has a text and `read(write(row)) == row`; docs/tasks.md shows each decision.

- `\\limits` is a line of its own right of its operator, and carries the scripts as `below` and `above`; scripts of
  `\\sum` and its kin have these names without `\\limits` too.
- `{}` is a line for what shows nothing: the base of scripts without one, and an empty line of an environment.
- Two arguments are `above` and `below` in the order of LaTeX, whichever is drawn higher (`\\underset`).
- The columns of `array` are a row with relation `columns` before the body; the lines of `\\substack` are `above`.
"""

from __future__ import annotations

from typing import TypeAlias

from unimumer.latex import (
    Accent,
    Arrow,
    Environment,
    Fraction,
    Node,
    Radical,
    Row,
    Scripts,
    Stack,
    Symbol,
)
from unimumer.tasks.tree_reader import read
from unimumer.tasks.tree_words import (
    ABOVE,
    BEGIN,
    BELOW,
    CELL,
    COLUMNS,
    END,
    LIMITS,
    MAX_INDENT,
    NEXT_LINE,
    NOTHING,
    RIGHT,
    TreeTextError,
    scripts_of,
)

__all__ = ["MAX_INDENT", "TreeTextError", "read", "write"]

_Argument: TypeAlias = "tuple[str, Row | None]"


def write(row: Row) -> str:
    """The text of a tree, without a last newline; empty for the empty row.

    Raises TreeTextError when a line would stand deeper than MAX_INDENT, as in a matrix of hundreds of lines.
    """
    lines: list[str] = []
    _row(row, 0, "", lines)
    return "\n".join(lines)


def _row(row: Row, depth: int, relation: str, out: list[str]) -> None:
    _check(depth, out)
    indent = "\t" * depth
    for node in row:
        if type(node) is Symbol:
            out.append(f"{indent}{node.token}{relation}")
        else:
            _node(node, depth, relation, out)
        relation = RIGHT


def _node(node: Node | None, depth: int, relation: str, out: list[str]) -> None:
    if type(node) is Scripts:
        _scripts(node, depth, relation, out)
        return
    out.append("\t" * depth + _head(node) + relation)
    if type(node) is Environment:
        _environment(node, depth + 1, out)
    else:
        _arguments(_own(node), depth + 1, out)


def _arguments(arguments: tuple[_Argument, ...], depth: int, out: list[str]) -> None:
    for relation, row in arguments:
        if row:
            _row(row, depth, relation, out)


def _scripts(node: Scripts, depth: int, relation: str, out: list[str]) -> None:
    _node(node.base, depth, relation, out)
    below, above = scripts_of(node.base)
    if node.limits:
        out.append("\t" * depth + LIMITS + RIGHT)
        below, above = BELOW, ABOVE
    _arguments(((below, node.sub), (above, node.sup)), depth + 1, out)


def _head(node: Node | None) -> str:
    match node:
        case None:
            return NOTHING
        case Symbol():
            return node.token
        case Radical():
            return "\\sqrt"
        case Environment():
            return node.name if node.name[0] == "\\" else "\\begin"
        case Fraction() | Stack() | Arrow() | Accent():
            return node.command
    raise TypeError(f"scripts have no scripts: {node!r}")


def _own(node: Node | None) -> tuple[_Argument, ...]:
    """The arguments of a node, each with its relation, in the order of LaTeX."""
    match node:
        case Fraction(_, first, second) | Stack(_, first, second):
            return (ABOVE, first), (BELOW, second)
        case Radical(body, option) | Arrow(_, body, option):
            return (BELOW, option), (ABOVE, body)
        case Accent(_, body):
            return ((ABOVE, body),)
    return ()


def _environment(node: Environment, depth: int, out: list[str]) -> None:
    _check(depth + len(node.rows) - 1, out)
    command = node.name[0] == "\\"
    _row(tuple(map(Symbol, node.columns)), depth, COLUMNS, out)
    relation = ABOVE if command else f"{BEGIN}{node.name})"
    for number, cells in enumerate(node.rows):
        if cells == ((),) and len(node.rows) > 1:
            out.append("\t" * (depth + number) + NOTHING + relation)
        else:
            _line(cells, depth + number, relation, out)
        relation = NEXT_LINE
    if not command:
        out.append("\t" * depth + f"\\end{END}{node.name})")


def _line(cells: tuple[Row, ...], depth: int, relation: str, out: list[str]) -> None:
    for number, cell in enumerate(cells):
        if number:
            out.append("\t" * depth + CELL + relation)
            relation = RIGHT
        if cell:
            _row(cell, depth, relation, out)
            relation = RIGHT


def _check(depth: int, lines: list[str]) -> None:
    if depth > MAX_INDENT:
        raise TreeTextError(f"line {len(lines) + 1}: deeper than {MAX_INDENT} tabs; a matrix has too many lines")
