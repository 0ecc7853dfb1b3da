"""Read LaTeX math into the tree of `nodes`, leaving out on the way all that does not show in handwriting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from unimumer.latex import commands
from unimumer.latex.commands import DROPPED, ENVIRONMENTS, INFIX, SYMBOLS
from unimumer.latex.leaves import (
    NOT,
    delimiter,
    drop,
    drop_length,
    environment_name,
    infix_fraction,
    join_neighbors,
    sign,
    trimmed,
)
from unimumer.latex.lexer import END, MAX_DEPTH, LatexError, Source
from unimumer.latex.nodes import Accent, Arrow, Environment, Fraction, Node, Radical, Row, Scripts, Stack, Symbol
from unimumer.latex.unicode import ACCENTS, ARROWS
from unimumer.latex.unseen import after_option, after_row_option, columns, skip_group, skip_option
from unimumer.latex.writer import to_latex

# Up to here the label form, at most three times as deep and one level more, is sure to be read again.
_SHALLOW = (MAX_DEPTH - 1) // 3
_ROW_BREAKS = frozenset({"\\\\", "\\\\*", "\\cr", "\\crcr", "\\tabularnewline"})
_ROW_ENDS = _ROW_BREAKS | {END, "}", "&", "\\end", "\\right"}
_ATTACHED = frozenset({"_", "^", "'", "\\limits"})
_NO_ARGUMENT = _ROW_ENDS | {"_", "^", "\\limits", *INFIX}
_SYMBOLS_IN_OPTION = {token: symbol for token, symbol in SYMBOLS.items() if token != "]"}
_PRIME = Symbol("\\prime")


def normalize(text: str) -> str:
    """The label form of a LaTeX math expression; normalizing twice changes nothing more.

    One space between tokens; synonyms and Unicode mathematics replaced; `$`, delimiter sizes, styles, lengths, spaces
    and fonts dropped; braces around every script and argument and nowhere else, scripts of a group going to its last
    symbol; `_` before `^`; `'` written as `\\prime` in the superscript; infix fractions made `\\frac` and `\\binom`;
    `\\pmod` spelled out; a `matrix` in brackets made `pmatrix`, `bmatrix` or `Bmatrix`, with no last `\\\\`.
    `\\limits` stays where it is written. The word lists are in `commands`, and docs/labels.md says what is behind
    them. Source: the label normalization of Uni-MuMER.

    Raises LatexError for text that `parse` refuses.
    """
    return to_latex(parse(text))


def parse(text: str) -> Row:
    """The tree of a LaTeX math expression, normalized: `normalize` says what that leaves out and replaces.

    Raises LatexError for text that is malformed, nested deeper than MAX_DEPTH, or not mathematics
    (`\\def`, control characters). Takes time linear in the length of the text.
    """
    source = Source(text)
    row = _expression(source)
    if source.deepest > _SHALLOW or source.doubtful:
        again = Source(to_latex(row))
        try:
            _expression(again)
        except LatexError:
            if again.deepest <= MAX_DEPTH:
                source.at = source.doubtful - 1
                source.fail(f"expected a known command before brackets, found {source.found()}")
            message = f"expected at most {MAX_DEPTH} levels of nesting with braces around every argument"
            raise LatexError(message, source.position(source.deepest_at)) from None
    return row


def _expression(source: Source) -> Row:
    row = _row(source)
    if source.tokens[source.at] != END:
        source.fail(f"nothing is open that {source.found()} could end")
    return row


def _row(source: Source, symbols: Mapping[str, Symbol] = SYMBOLS, stop: str = END) -> Row:
    """Nodes up to a token that ends a row, which is left for the caller to judge."""
    source.descend()
    tokens, at = source.tokens, source.at
    items: list[Node] = []
    above: Row = ()
    infix = ""
    while True:
        token = tokens[at]
        symbol = symbols.get(token)
        if symbol is not None:
            items.append(symbol)
            at += 1
            continue
        source.at = at
        if token in _ROW_ENDS or token == stop or (token == "]" and symbols is _SYMBOLS_IN_OPTION):
            break
        if token in INFIX:
            if infix:
                source.fail(f"expected braces around one of two infix fractions, found {token}")
            infix, above, items = source.next(), _joined(source, items), []
        else:
            _ACTIONS.get(token, sign)(source, items)
        at = source.at
    source.depth -= 1
    row = _joined(source, items)
    if not infix:
        return row
    source.joins |= infix == "\\atop"
    return (infix_fraction(infix, above, row),)


def _joined(source: Source, items: list[Node]) -> Row:
    return tuple(join_neighbors(items) if source.joins else items)


def _argument(source: Source, owner: str) -> Row:
    """What follows as the argument of `owner`: a group without its braces, or one node."""
    items: list[Node] = []
    if source.tokens[source.at] in DROPPED:
        drop(source, items)
        if items:
            return tuple(items)
    token = source.tokens[source.at]
    if token == "{":
        return _braces(source)
    if token in SYMBOLS or token == "'":
        source.at += 1
        return (SYMBOLS.get(token, _PRIME),)
    if token in _NO_ARGUMENT:
        source.fail(f"expected the argument of {owner}, found {source.found()}")
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
    if command in commands.WITH_OPTION:
        skip_option(source, command)
    above = _argument(source, command)
    items.append(Fraction(commands.FRACTIONS[command], above, _argument(source, command)))


def _stack(source: Source, items: list[Node]) -> None:
    command = source.next()
    if command == "\\stackrel" and source.tokens[source.at] == "[":
        source.fail("expected two arguments of \\stackrel in braces, found [")
    mark = _argument(source, command)
    items.append(Stack(command, mark, _argument(source, command)))


def _build(source: Source, items: list[Node]) -> None:
    command = source.next()
    mark = _row(source, stop="\\over")
    source.expect("\\over")
    items.append(Stack("\\stackrel", mark, _argument(source, command)))


def _accent(source: Source, items: list[Node]) -> None:
    command = source.next()
    while command in commands.WITH_OPTION and source.tokens[source.at] == "[":
        skip_option(source, command)
    items.append(Accent(command, _argument(source, command)))


def _radical(source: Source, items: list[Node]) -> None:
    command = source.next()
    index = _option(source)
    items.append(Radical(_argument(source, command), index))


def _arrow(source: Source, items: list[Node]) -> None:
    command = source.next()
    below = _option(source)
    items.append(Arrow(command, _argument(source, command), below))


def _modulus(source: Source, items: list[Node]) -> None:
    command = source.next()
    items += (SYMBOLS["("], Symbol("\\mod"), *_argument(source, command), SYMBOLS[")"])


def _left(source: Source, items: list[Node]) -> None:
    left = delimiter(source, source.next())
    row = _row(source)
    if source.tokens[source.at] != "\\right":
        source.fail(f"expected \\right to match \\left, found {source.found()}")
    items += (*left, *row, *delimiter(source, source.next()))


def _negation(source: Source, items: list[Node]) -> None:
    source.at += 1
    source.joins = True
    items.append(NOT)


def _environment(source: Source, items: list[Node]) -> None:
    start = source.at
    name = environment_name(source)
    written = ENVIRONMENTS.get(name)
    if written is None:
        source.at = start
        source.fail(f"expected an environment of mathematics, found {source.found()}")
    source.at = after_option(source.tokens, source.at, written)
    specification = columns(source, name, _nothing) if name in commands.WITH_COLUMNS else ()
    if name in commands.COUNTED:
        skip_group(source, name)
    rows = _cells(source)
    end = source.at
    if source.tokens[end] != "\\end" or environment_name(source) != name:
        source.at = end
        source.fail(f"expected \\end {{{name}}}, found {source.found()}")
    if written:
        source.joins |= written == "matrix"
        items.append(Environment(written, rows, specification))
    elif len(rows) == len(rows[0]) == 1:
        items.extend(rows[0][0])
    else:
        source.at = start
        source.fail(f"expected one line in {name}")


def _nothing(source: Source, owner: str) -> None:
    """Step over an argument that must not show."""
    start = source.at
    if _argument(source, owner):
        source.at = start
        source.fail(f"expected nothing that shows after {owner}")


def _cells(source: Source) -> tuple[tuple[Row, ...], ...]:
    rows: list[tuple[Row, ...]] = []
    cells: list[Row] = []
    while True:
        cells.append(_row(source))
        token = source.tokens[source.at]
        if token in _ROW_BREAKS:
            rows.append(tuple(cells))
            cells = []
            source.at = after_row_option(source.tokens, source.at + 1)
        elif token == "&":
            source.at += 1
        else:
            break
    rows.append(tuple(cells))
    return trimmed(rows)


def _substack(source: Source, items: list[Node]) -> None:
    command = source.next()
    source.expect("{")
    items.append(Environment(command, _cells(source)))
    source.expect("}")


def _drop_argument(source: Source, items: list[Node]) -> None:
    command = source.next()
    if source.tokens[source.at] == "*":
        source.at += 1
    skip_option(source, command)
    if source.tokens[source.at] == "{" or command in commands.NEED_BRACES:
        skip_group(source, command)
    else:
        _argument(source, command)


_ACTIONS: dict[str, Callable[[Source, list[Node]], None]] = {
    "{": _group,
    "\\sqrt": _radical,
    "\\left": _left,
    "\\begin": _environment,
    "\\substack": _substack,
    "\\buildrel": _build,
    "\\pmod": _modulus,
    "\\not": _negation,
    **dict.fromkeys(_ATTACHED, _scripts),
    **dict.fromkeys(commands.FRACTIONS, _fraction),
    **dict.fromkeys(commands.STACKS, _stack),
    **dict.fromkeys(ACCENTS, _accent),
    **dict.fromkeys(ARROWS, _arrow),
    **dict.fromkeys(DROPPED, drop),
    **dict.fromkeys(commands.DROPPED_WITH_ARGUMENT, _drop_argument),
    **dict.fromkeys(commands.DROPPED_WITH_LENGTH, drop_length),
}
