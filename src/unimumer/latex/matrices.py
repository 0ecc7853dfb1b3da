"""Environments that are one and the same to the eye, brought to one form."""

from __future__ import annotations

from unimumer.latex.nodes import Environment, Node, Row, Scripts, Symbol

_BRACKETED = {("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("\\{", "\\}"): "Bmatrix"}


def trim(rows: list[tuple[Row, ...]]) -> tuple[tuple[Row, ...], ...]:
    """The rows of an environment without the empty ones that a `\\\\` before its end leaves."""
    while len(rows) > 1 and rows[-1] == ((),):
        rows.pop()
    return tuple(rows)


def join_brackets(items: list[Node]) -> list[Node]:
    """Make each `matrix` between brackets the environment that draws those brackets itself."""
    joined: list[Node] = []
    for node in items:
        matrix = joined[-1] if len(joined) > 1 else None
        if type(matrix) is Environment and matrix.name == "matrix":
            close = node.base if type(node) is Scripts else node
            name = _BRACKETED.get((_token(joined[-2]), _token(close)))
            if name is not None:
                joined[-2:] = [_closed(Environment(name, matrix.rows), node)]
                continue
        joined.append(node)
    return joined


def _closed(matrix: Environment, close: Node) -> Node:
    """The matrix, with the scripts that its closing bracket carries."""
    if type(close) is Scripts:
        return Scripts(matrix, close.sub, close.sup, close.limits)
    return matrix


def _token(node: Node | None) -> str:
    return node.token if type(node) is Symbol else ""
