"""What the parser reads without calling itself, and how it puts together what it has read.

Delimiters, names, signs that no table knows and what leaves no trace; fractions between delimiters, and nodes that
their neighbors make another one.
"""

from __future__ import annotations

from unicodedata import category

from unimumer.latex import commands
from unimumer.latex.commands import BRACKETS, DROPPED, REGISTERS, SYMBOLS
from unimumer.latex.lexer import Source
from unimumer.latex.nodes import Environment, Fraction, Node, Row, Scripts, Symbol
from unimumer.latex.unseen import skip_length, skip_option

NOT = Symbol("\\not")
_LOOKED_AHEAD = 64  # tokens of an option that an unknown command may have
_DELIMITERS = SYMBOLS | {"<": Symbol("\\langle"), ">": Symbol("\\rangle")}
_MATRIX_IN = {BRACKETS[name]: name for name in ("pmatrix", "bmatrix", "Bmatrix")}


def delimiter(source: Source, command: str) -> Row:
    """Read the delimiter that follows `command`, which is nothing for `.`."""
    token = source.tokens[source.at]
    if token != "." and token not in _DELIMITERS:
        source.fail(f"expected the delimiter of {command}, found {source.found()}")
    source.at += 1
    return () if token == "." else (_DELIMITERS[token],)


def environment_name(source: Source) -> str:
    """Step over `\\begin` or `\\end` and read the name of the environment, without its braces."""
    command = source.next()
    name = source.tokens[source.at]
    if name[:1] != "{" or len(name) < 3:
        source.fail(f"expected the name of an environment in braces after {command}, found {source.found()}")
    source.at += 1
    return name[1:-1]


def sign(source: Source, items: list[Node]) -> None:
    """Read a token that no table knows: a sign of any script, or a command of some package."""
    token, following = source.tokens[source.at : source.at + 2]
    if token[0] != "\\":
        if not token.isprintable() or category(token)[0] == "M":
            source.fail(f"expected a printable character, found U+{ord(token):04X}")
        if token in "√∛∜":
            source.fail(f"expected braces around what is under {token}")
    elif token[1:].isspace():
        source.at += 1
        return
    elif token in commands.REFUSED or token in REGISTERS:
        source.fail(f"expected mathematics, found {source.found()}")
    elif not (token.isascii() and token[1:].isalpha()):
        source.fail(f"expected a command, found {source.found()}")
    elif following in ("{", "*", "[") and _has_argument(source):
        source.fail(f"expected a known command before a brace, found {source.found()}")
    elif following == "[":
        source.doubtful = source.doubtful or source.at + 1
    source.at += 1
    items.append(Symbol(token))


def _has_argument(source: Source) -> bool:
    """Whether an unknown command has an argument in braces, maybe after a star or an option."""
    tokens, at = source.tokens, source.at + 1
    if tokens[at] == "*":
        at += 1
    elif tokens[at] == "[" and "]" in tokens[at : at + _LOOKED_AHEAD]:
        at = tokens.index("]", at) + 1
    return tokens[at] == "{" and tokens[at + 1] != "}"


def drop(source: Source, items: list[Node]) -> None:
    """Step over commands that leave no trace."""
    tokens = source.tokens
    while (command := tokens[source.at]) in DROPPED:
        source.at += 1
        following = tokens[source.at]
        if following in (".", "<", ">") and command in commands.SIZED:
            items += delimiter(source, command)
            return
        if following == "*" and command == "\\operatorname":
            source.at += 1
        elif command in commands.BOXES and following != "{":
            source.fail(f"expected {{ after {command}, found {source.found()}")
        while tokens[source.at] == "[" and command in commands.WITH_OPTION:
            skip_option(source, command)


def drop_length(source: Source, items: list[Node]) -> None:
    """Step over a space and the length it has."""
    skip_length(source, source.next())


def join_neighbors(items: list[Node]) -> list[Node]:
    """Make each `matrix` in brackets the environment that draws them itself, and `\\not =` one sign."""
    joined: list[Node] = []
    for node in items:
        before = joined[-1] if joined else None
        base = node.base if type(node) is Scripts else node
        token = base.token if type(base) is Symbol else ""
        if token == "=" and before == NOT:
            joined[-1] = _scripted(Symbol("\\neq"), node)
            continue
        opening = joined[-2] if len(joined) > 1 else None
        if type(before) is Environment and before.name == "matrix" and type(opening) is Symbol:
            name = _MATRIX_IN.get((opening.token, token))
            if name is not None:
                joined[-2:] = [_scripted(Environment(name, before.rows), node)]
                continue
        joined.append(node)
    return joined


def _scripted(base: Node, node: Node) -> Node:
    """A base with the scripts that the node it takes in carries."""
    return Scripts(base, node.sub, node.sup, node.limits) if type(node) is Scripts else base


def infix_fraction(command: str, above: Row, below: Row) -> Node:
    """What `above \\over below` draws: without a line it is a `\\binom`, or a matrix of one column."""
    written = commands.INFIX[command]
    if written.startswith("\\"):
        return Fraction(written, above, below)
    return Environment(written, trimmed([(above,), (below,)]))


def trimmed(rows: list[tuple[Row, ...]]) -> tuple[tuple[Row, ...], ...]:
    """The rows of an environment without the empty ones that a `\\\\` before its end leaves."""
    while len(rows) > 1 and rows[-1] == ((),):
        rows.pop()
    return tuple(rows)
