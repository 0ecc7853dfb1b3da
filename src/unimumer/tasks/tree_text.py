"""The text of a tree: one line a symbol, tabs for depth, and in brackets how it stands to the one before.

Source: the released tree conversations of Uni-MuMER, whose constructs this reproduces. What they leave open is
decided here, so that every tree has a text and `read(write(row)) == row`; docs/tasks.md shows each decision.

- `\\limits` is a line of its own right of its operator, and carries the scripts as `sub` and `sup`, as released.
  Without it those of `\\sum` and its kin are `below` and `above`. Both names are read under `\\limits`.
- `{}` is a line for what shows nothing: the base of scripts without one, and an empty line of an environment.
- Two arguments are `above` and `below` in the order of LaTeX, whichever is drawn higher (`\\underset`).
- The columns of `array` are a row with relation `columns` before the body; the lines of `\\substack` are `above`.
"""

from __future__ import annotations

from typing import assert_never

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
    children,
)
from unimumer.tasks.tree_reader import (
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
    SUB,
    SUP,
    TreeTextError,
    read,
    scripts_of,
)

__all__ = ["MAX_INDENT", "TreeTextError", "read", "write"]


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
        if type(node) is Symbol:  # by far the most frequent kind
            out.append(f"{indent}{node.token}{relation}")
        else:
            _node(node, depth, relation, out)
        relation = RIGHT


def _node(node: Node | None, depth: int, relation: str, out: list[str]) -> None:
    indent = "\t" * depth
    match node:
        case Symbol():
            out.append(f"{indent}{node.token}{relation}")
        case Scripts():
            _scripts(node, depth, relation, out)
        case Fraction() | Stack() | Accent():
            out.append(f"{indent}{node.command}{relation}")
            _arguments((ABOVE, BELOW), children(node), depth + 1, out)
        case Radical() | Arrow():
            command = "\\sqrt" if isinstance(node, Radical) else node.command
            out.append(f"{indent}{command}{relation}")
            _arguments((BELOW, ABOVE), children(node), depth + 1, out)
        case Environment():
            _environment(node, depth, relation, out)
        case None:
            out.append(f"{indent}{NOTHING}{relation}")
        case _:
            assert_never(node)


def _arguments(relations: tuple[str, ...], rows: tuple[Row, ...], depth: int, out: list[str]) -> None:
    for relation, row in zip(relations, rows):
        if row:
            _row(row, depth, relation, out)


def _scripts(node: Scripts, depth: int, relation: str, out: list[str]) -> None:
    _node(node.base, depth, relation, out)
    relations = scripts_of(node.base)
    if node.limits:
        out.append("\t" * depth + LIMITS + RIGHT)
        relations = SUB, SUP
    _arguments(relations, (node.sub or (), node.sup or ()), depth + 1, out)


def _environment(node: Environment, depth: int, relation: str, out: list[str]) -> None:
    command = node.name[0] == "\\"
    out.append("\t" * depth + (node.name if command else "\\begin") + relation)
    depth += 1
    _check(depth + len(node.rows) - 1, out)
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
