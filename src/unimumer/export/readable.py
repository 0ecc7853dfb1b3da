"""LaTeX as people write it: no needless spaces, growing brackets, primes, `\\limits` only where it is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unimumer.export.groups import (
    Attached,
    Core,
    Fence,
    Item,
    Negated,
    Number,
    bounded,
    group,
    is_tall,
    kind,
    leading_primes,
    table,
)
from unimumer.export.symbols import INT, LIMIT, OP
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol
from unimumer.latex.commands import WITH_COLUMNS

_WRITTEN = {"\\mod": "\\bmod"}
_MOD = Symbol("\\mod")


@bounded
def to_readable(row: Row) -> str:
    """The LaTeX of a row as one would type it, for display style; `parse` reads the same tree out of it.

    Without the `\\limits` that display style sets anyway, and with `\\mathop` around what is no operator but has
    `\\limits`. ExportError for an environment that nobody here knows.
    """
    out: list[str] = []
    _row(row, True, out)
    return _joined(out)


def _joined(out: list[str]) -> str:
    """The tokens with a space only where a command would run into a letter."""
    written: list[str] = []
    after_command = False
    for token in out:
        if after_command and token[0].isalpha():
            written.append(" ")
        written.append(token)
        after_command = token[0] == "\\" and token[-1].isalpha()
    return "".join(written)


def _row(row: Row, display: bool, out: list[str]) -> None:
    _items(group(row), display, out)


def _items(items: list[Item], display: bool, out: list[str]) -> None:
    for item in items:
        if type(item) is Symbol:
            out.append(_WRITTEN.get(item.token, item.token))
        elif type(item) is Attached:
            _attached(item, display, out)
        else:
            _WRITERS[type(item)](item, display, out)


def _braces(row: Row, display: bool, out: list[str]) -> None:
    out.append("{")
    _row(row, display, out)
    out.append("}")


def _core(core: Core, display: bool, out: list[str]) -> None:
    _WRITERS[type(core)](core, display, out)


def _attached(item: Attached, display: bool, out: list[str]) -> None:
    if item.base is None:
        out.append("{}")
    elif item.limits and kind(item) not in (OP, INT, LIMIT):
        out.append("\\mathop{")
        _core(item.base, display, out)
        out.append("}\\limits")
    else:
        _core(item.base, display, out)
        if item.limits and not (display and kind(item) in (OP, LIMIT)):
            out.append("\\limits")
    if item.sub is not None:
        out.append("_")
        _braces(item.sub, False, out)
    if item.sup is not None:
        # Behind the empty group a prime would be one without a base, which reads badly.
        primes = 0 if item.base is None or item.limits else leading_primes(item.sup)
        out += "'" * primes
        if item.sup[primes:]:
            out.append("^")
            _braces(item.sup[primes:], False, out)


def _symbol(node: Symbol, display: bool, out: list[str]) -> None:
    out.append(_WRITTEN.get(node.token, node.token))


def _number(node: Number, display: bool, out: list[str]) -> None:
    out.append(node.text)


def _negated(node: Negated, display: bool, out: list[str]) -> None:
    out += "\\not", node.token


def _fence(node: Fence, display: bool, out: list[str]) -> None:
    if node.opening == "(" and node.closing == ")" and node.body[:1] == [_MOD]:
        out.append("\\pmod{")
        _items(node.body[1:], display, out)
        out.append("}")
        return
    tall = is_tall(node.body)
    out += ("\\left", node.opening) if tall else (node.opening,)
    _items(node.body, display, out)
    out += ("\\right", node.closing) if tall else (node.closing,)


def _fraction(node: Fraction, display: bool, out: list[str]) -> None:
    out.append(node.command)
    _braces(node.above, False, out)
    _braces(node.below, False, out)


def _stack(node: Stack, display: bool, out: list[str]) -> None:
    out.append(node.command)
    _braces(node.mark, False, out)
    _braces(node.base, display, out)


def _radical(node: Radical, display: bool, out: list[str]) -> None:
    out.append("\\sqrt")
    _option(node.index, out)
    _braces(node.radicand, display, out)


def _arrow(node: Arrow, display: bool, out: list[str]) -> None:
    out.append(node.command)
    _option(node.below, out)
    _braces(node.above, False, out)


def _option(option: Row | None, out: list[str]) -> None:
    if option is not None:
        start = len(out)
        _row(option, False, out)
        inner = ["{", *out[start:], "}"] if any("]" in token for token in out[start:]) else out[start:]
        out[start:] = ["[", *inner, "]"]


def _accent(node: Accent, display: bool, out: list[str]) -> None:
    out.append(node.command)
    _braces(node.body, display, out)


def _environment(node: Environment, display: bool, out: list[str]) -> None:
    inner = display and table(node).joined
    substack = node.name == "\\substack"
    out.append("\\substack{" if substack else f"\\begin{{{node.name}}}")
    if node.name in WITH_COLUMNS:
        out.append(f"{{{''.join(node.columns)}}}")
    for r, cells in enumerate(node.rows):
        if r:
            out.append(" \\\\ ")
        for c, cell in enumerate(cells):
            if c:
                out.append(" & ")
            start = len(out)
            _row(cell, inner, out)
            if r and not c and out[start:] and out[start][0] in "[*":
                out[start] = f"{{{out[start]}}}"  # else it would be an option of the line break
    out.append("}" if substack else f"\\end{{{node.name}}}")


_WRITERS: dict[type, Callable[[Any, bool, list[str]], None]] = {
    Symbol: _symbol,
    Number: _number,
    Negated: _negated,
    Fence: _fence,
    Fraction: _fraction,
    Stack: _stack,
    Radical: _radical,
    Arrow: _arrow,
    Accent: _accent,
    Environment: _environment,
}
