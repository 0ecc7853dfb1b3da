"""Read LaTeX math into the tree of `nodes`, leaving out on the way all that does not show in handwriting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from unimumer.latex import commands
from unimumer.latex.commands import DROPPED, INFIX, SYMBOLS
from unimumer.latex.leaves import columns, delimiter, drop, environment_name, sign
from unimumer.latex.lexer import position
from unimumer.latex.matrices import join_brackets, trim
from unimumer.latex.nodes import (
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
from unimumer.latex.source import END, MAX_DEPTH, LatexError, Source
from unimumer.latex.writer import to_latex

# Up to here the label form, at most three times as deep and one level more, is sure to be read again.
_SHALLOW = (MAX_DEPTH - 1) // 3
_ROW_ENDS = frozenset({END, "}", "&", "\\\\", "\\end", "\\right"})
_ATTACHED = frozenset({"_", "^", "'", "\\limits"})
_NO_ARGUMENT = _ROW_ENDS | {"_", "^", "\\limits", *INFIX}
_PRIME = Symbol("\\prime")
_SYMBOLS_IN_OPTION = {token: symbol for token, symbol in SYMBOLS.items() if token != "]"}


def parse(text: str) -> Row:
    """The tree of a LaTeX math expression, normalized: `normalize` says what that leaves out and replaces.

    Raises LatexError for text that is malformed, nested deeper than MAX_DEPTH, or not mathematics
    (`\\def`, control characters). Takes time linear in the length of the text.
    """
    source = Source(text)
    row = _expression(source)
    if source.deepest > _SHALLOW:
        try:
            _expression(Source(to_latex(row)))
        except LatexError:
            message = f"expected at most {MAX_DEPTH} levels of nesting with braces around every argument"
            raise LatexError(message, position(text, source.deepest_at)) from None
    return row


def _expression(source: Source) -> Row:
    row = _row(source)
    if source.tokens[source.at] != END:
        source.fail(f"nothing is open that {source.found()} could end")
    return row


def _row(source: Source, symbols: Mapping[str, Symbol] = SYMBOLS) -> Row:
    """Nodes up to a token that ends a row, which is left for the caller to judge."""
    source.descend()
    tokens, at = source.tokens, source.at
    items: list[Node] = []
    above: list[Node] | None = None
    infix = ""
    while True:
        token = tokens[at]
        symbol = symbols.get(token)
        if symbol is not None:
            items.append(symbol)
            at += 1
            continue
        source.at = at
        if token in _ROW_ENDS or (token == "]" and symbols is _SYMBOLS_IN_OPTION):
            break
        if token in INFIX:
            if above is not None:
                source.fail(f"expected braces around one of two infix fractions, found {token}")
            above, infix, items = items, token, []
            source.at += 1
        else:
            _ACTIONS.get(token, sign)(source, items)
        at = source.at
    source.depth -= 1
    if above is not None:
        items = [_infix(source, infix, tuple(above), tuple(items))]
    return tuple(join_brackets(items) if source.matrices else items)


def _infix(source: Source, command: str, above: Row, below: Row) -> Node:
    written = INFIX[command]
    if written in commands.FRACTIONS:
        return Fraction(written, above, below)
    source.matrices = True
    return Environment(written, trim([(above,), (below,)]))


def _argument(source: Source, owner: str) -> Row:
    """What follows as the argument of `owner`: a group without its braces, or one node."""
    if source.tokens[source.at] in DROPPED:
        drop(source, [])
    token = source.tokens[source.at]
    if token == "{":
        return _braces(source)
    if token in SYMBOLS or token == "'":
        source.at += 1
        return (SYMBOLS.get(token, _PRIME),)
    if token in _NO_ARGUMENT:
        source.fail(f"expected the argument of {owner}, found {source.found()}")
    items: list[Node] = []
    source.descend()
    _ACTIONS.get(token, sign)(source, items)
    source.depth -= 1
    return tuple(items)


def _braces(source: Source) -> Row:
    source.at += 1
    row = _row(source)
    source.expect("}")
    return row


def _option(source: Source) -> Row | None:
    if source.tokens[source.at] != "[":
        return None
    source.at += 1
    row = _row(source, _SYMBOLS_IN_OPTION)
    source.expect("]")
    return row or None


# Each action below reads the construct that starts at the current token and adds its nodes to the row so far.


def _group(source: Source, items: list[Node]) -> None:
    row = _braces(source)
    items.extend(row)
    following = source.tokens[source.at]
    if following in _ATTACHED and (row or following != "\\limits"):
        _attach(source, items.pop() if row else None, items)


def _scripts(source: Source, items: list[Node]) -> None:
    if not items and source.tokens[source.at] == "\\limits":
        source.fail("expected an operator before \\limits")
    # A node that has its scripts and is not in braces lets go of what follows a space: `x ^ 2 \, ^ 3`.
    free = not items or type(items[-1]) is Scripts
    _attach(source, None if free else items.pop(), items)


def _attach(source: Source, base: Node | None, items: list[Node]) -> None:
    sub: list[Node] = []
    sup: list[Node] = []
    limits = lowered = raised = False
    if type(base) is Scripts:  # only out of braces: the labels join the inner and the outer scripts
        sub += base.sub or ()
        sup += base.sup or ()
        limits = base.limits
        base = base.base
    while (token := source.tokens[source.at]) in _ATTACHED:
        if token == "_" and lowered:
            source.fail("expected one subscript, found a second")
        if raised and token in ("^", "'"):
            source.fail("expected one superscript, found a second")
        source.at += 1
        if token == "_":
            sub += _argument(source, "_")
            lowered = True
        elif token == "\\limits":
            limits = True
        elif token == "^":
            sup += _superscript(source)
            raised = True
        else:
            sup.append(_PRIME)
    if sub or sup:
        limits = limits and base is not None
        items.append(Scripts(base, tuple(sub) or None, tuple(sup) or None, limits))
    elif base is not None:
        items.append(base)


def _superscript(source: Source) -> Row:
    # `f ^ { ' }` means a prime, not a prime raised twice.
    tokens, at = source.tokens, source.at
    if tokens[at] == "{":
        while tokens[at := at + 1] == "'":
            tokens[at] = "\\prime"
    return _argument(source, "^")


def _fraction(source: Source, items: list[Node]) -> None:
    command = source.next()
    above = _argument(source, command)
    items.append(Fraction(commands.FRACTIONS[command], above, _argument(source, command)))


def _stack(source: Source, items: list[Node]) -> None:
    command = source.next()
    mark = _argument(source, command)
    items.append(Stack(command, mark, _argument(source, command)))


def _accent(source: Source, items: list[Node]) -> None:
    command = source.next()
    items.append(Accent(command, _argument(source, command)))


def _radical(source: Source, items: list[Node]) -> None:
    command = source.next()
    index = _option(source)
    items.append(Radical(_argument(source, command), index))


def _arrow(source: Source, items: list[Node]) -> None:
    command = source.next()
    below = _option(source)
    items.append(Arrow(command, _argument(source, command), below))


def _pmod(source: Source, items: list[Node]) -> None:
    argument = _argument(source, source.next())
    items += (SYMBOLS["("], SYMBOLS["\\mod"], *argument, SYMBOLS[")"])


def _left(source: Source, items: list[Node]) -> None:
    left = delimiter(source)
    row = _row(source)
    if source.tokens[source.at] != "\\right":
        source.fail(f"expected \\right to match \\left, found {source.found()}")
    items += (*left, *row, *delimiter(source))


def _environment(source: Source, items: list[Node]) -> None:
    name = environment_name(source)
    specification = columns(source, name) if name in commands.WITH_COLUMNS else ()
    rows = _cells(source)
    end = source.at
    if source.tokens[end] != "\\end" or environment_name(source) != name:
        source.at = end
        source.fail(f"expected \\end {{{name}}}, found {source.found()}")
    source.matrices |= name == "matrix"
    items.append(Environment(name, rows, specification))


def _cells(source: Source) -> tuple[tuple[Row, ...], ...]:
    rows: list[tuple[Row, ...]] = []
    cells: list[Row] = []
    while True:
        cells.append(_row(source))
        token = source.tokens[source.at]
        if token == "\\\\":
            rows.append(tuple(cells))
            cells = []
        elif token != "&":
            break
        source.at += 1
    rows.append(tuple(cells))
    return trim(rows)


def _substack(source: Source, items: list[Node]) -> None:
    command = source.next()
    source.expect("{")
    items.append(Environment(command, _cells(source)))
    source.expect("}")


def _drop_argument(source: Source, items: list[Node]) -> None:
    command = source.next()
    if source.tokens[source.at] == "*":
        source.at += 1
    _argument(source, command)


_ACTIONS: dict[str, Callable[[Source, list[Node]], None]] = {
    "{": _group,
    "\\sqrt": _radical,
    "\\left": _left,
    "\\begin": _environment,
    "\\substack": _substack,
    "\\pmod": _pmod,
    **dict.fromkeys(_ATTACHED, _scripts),
    **dict.fromkeys(commands.FRACTIONS, _fraction),
    **dict.fromkeys(commands.STACKS, _stack),
    **dict.fromkeys(commands.ACCENTS, _accent),
    **dict.fromkeys(commands.ARROWS, _arrow),
    **dict.fromkeys(DROPPED, drop),
    **dict.fromkeys(commands.DROPPED_WITH_ARGUMENT, _drop_argument),
}
