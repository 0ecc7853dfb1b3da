"""Write a tree of `nodes` as the space-tokenized LaTeX of the labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unimumer.latex.commands import WITH_COLUMNS
from unimumer.latex.nodes import (
    Accent,
    Arrow,
    Environment,
    Fraction,
    Radical,
    Row,
    Scripts,
    Stack,
    Symbol,
)


def to_latex(row: Row) -> str:
    """The LaTeX of a row: one space between tokens, braces around every argument, `_` before `^`."""
    tokens: list[str] = []
    _row(row, tokens)
    return " ".join(tokens)


def _row(row: Row, out: list[str]) -> None:
    start = len(out)
    for node in row:
        if type(node) is Symbol:
            out.append(node.token)
            continue
        if type(node) is Scripts and node.base is None and len(out) > start:
            out += "{", "}"  # else the scripts would go to the node before
        _WRITERS[type(node)](node, out)


def _braces(row: Row, out: list[str]) -> None:
    out.append("{")
    _row(row, out)
    out.append("}")


def _scripts(node: Scripts, out: list[str]) -> None:
    if node.base is not None:
        _row((node.base,), out)
    if node.limits:
        out.append("\\limits")
    if node.sub is not None:
        out.append("_")
        _braces(node.sub, out)
    if node.sup is not None:
        out.append("^")
        _braces(node.sup, out)


def _fraction(node: Fraction, out: list[str]) -> None:
    _two(node.command, node.above, node.below, out)


def _stack(node: Stack, out: list[str]) -> None:
    _two(node.command, node.mark, node.base, out)


def _two(command: str, first: Row, second: Row, out: list[str]) -> None:
    out.append(command)
    _braces(first, out)
    _braces(second, out)


def _radical(node: Radical, out: list[str]) -> None:
    _optional("\\sqrt", node.index, node.radicand, out)


def _arrow(node: Arrow, out: list[str]) -> None:
    _optional(node.command, node.below, node.above, out)


def _optional(command: str, option: Row | None, argument: Row, out: list[str]) -> None:
    out.append(command)
    if option is not None:
        start = len(out)
        _row(option, out)
        inner = ["{", *out[start:], "}"] if "]" in out[start:] else out[start:]
        out[start:] = ["[", *inner, "]"]
    _braces(argument, out)


def _accent(node: Accent, out: list[str]) -> None:
    out.append(node.command)
    _braces(node.body, out)


def _environment(node: Environment, out: list[str]) -> None:
    substack = node.name.startswith("\\")
    out += (node.name, "{") if substack else ("\\begin", f"{{{node.name}}}")
    if node.name in WITH_COLUMNS:
        out += "{", *node.columns, "}"
    for r, cells in enumerate(node.rows):
        if r:
            out.append("\\\\")
        for c, cell in enumerate(cells):
            if c:
                out.append("&")
            _row(cell, out)
    out += ("}",) if substack else ("\\end", f"{{{node.name}}}")


_WRITERS: dict[type, Callable[[Any, list[str]], None]] = {
    Scripts: _scripts,
    Fraction: _fraction,
    Stack: _stack,
    Radical: _radical,
    Arrow: _arrow,
    Accent: _accent,
    Environment: _environment,
}
