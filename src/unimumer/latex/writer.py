"""Write a tree of `nodes` as the space-tokenized LaTeX of the labels."""

from __future__ import annotations

from typing import assert_never

from unimumer.latex.commands import SYMBOLS, WITH_COLUMNS
from unimumer.latex.lexer import END
from unimumer.latex.nodes import Accent, Arrow, Environment, Fraction, Node, Radical, Row, Scripts, Stack, Symbol
from unimumer.latex.unseen import after_option, after_row_option


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
        elif type(node) is Scripts:
            if node.base is None and len(out) > start:
                out += "{", "}"  # else the scripts would go to the node before
            _scripts(node, out)
        else:
            _construct(node, out)


def _construct(node: Node, out: list[str]) -> None:
    # Field by field rather than by `children`, which takes a tenth longer: labels are written by the million.
    match node:
        case Fraction(command, first, second) | Stack(command, first, second):
            out.append(command)
            _braces(first, out)
            _braces(second, out)
        case Radical():
            out.append("\\sqrt")
            _option(node.index, out)
            _braces(node.radicand, out)
        case Accent():
            out.append(node.command)
            (_row if is_bare(node) else _braces)(node.body, out)
        case Arrow():
            out.append(node.command)
            _option(node.below, out)
            _braces(node.above, out)
        case Environment():
            _environment(node, out)
        case Symbol() | Scripts():
            _row((node,), out)
        case _:
            assert_never(node)


def is_bare(node: Accent) -> bool:
    """Whether the body has no braces: one sign in `\\boxed`, as the released normalization leaves it."""
    body = node.body
    return node.command == "\\boxed" and len(body) == 1 and type(body[0]) is Symbol and body[0].token in SYMBOLS


def _braces(row: Row, out: list[str]) -> None:
    out.append("{")
    _row(row, out)
    out.append("}")


def _scripts(node: Scripts, out: list[str]) -> None:
    if type(node.base) is Symbol:
        out.append(node.base.token)
    elif node.base is not None:
        _construct(node.base, out)
    if node.limits:
        out.append("\\limits")
    if node.sub is not None:
        out.append("_")
        _braces(node.sub, out)
    if node.sup is not None:
        out.append("^")
        _braces(node.sup, out)


def _option(row: Row | None, out: list[str]) -> None:
    if not row:
        return
    start = len(out)
    _row(row, out)
    inner = ["{", *out[start:], "}"] if "]" in out[start:] else out[start:]
    out[start:] = ["[", *inner, "]"]


def _environment(node: Environment, out: list[str]) -> None:
    substack = node.name.startswith("\\")
    out += (node.name, "{") if substack else ("\\begin", f"{{{node.name}}}")
    if node.name in WITH_COLUMNS:
        out += "{", *node.columns, "}"
    for r, cells in enumerate(node.rows):
        if r:
            out.append("\\\\")
        start = len(out)
        for c, cell in enumerate(cells):
            if c:
                out.append("&")
            _row(cell, out)
        if looks_like_option(out, r, node.name, start):
            out[start:start] = ["{", "}"]
    out += ("}",) if substack else ("\\end", f"{{{node.name}}}")


def looks_like_option(tokens: list[str], row: int, name: str, at: int = 0) -> bool:
    """Whether a line that begins at a token would be read as an option of what is before it: `{ }` parts the two."""
    if tokens[at : at + 1] != ["["]:
        return False
    line = [*tokens[at:], END, END, END]
    return bool(after_row_option(line, 0) if row else after_option(line, 0, name))
