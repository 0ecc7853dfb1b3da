"""Read what has no expression inside: delimiters, names, signs no table knows, and what leaves no trace."""

from __future__ import annotations

from unimumer.latex import commands
from unimumer.latex.commands import DROPPED, SYMBOLS
from unimumer.latex.nodes import Node, Row, Symbol
from unimumer.latex.source import Source

_DELIMITERS = SYMBOLS | {"<": Symbol("\\langle"), ">": Symbol("\\rangle")}


def delimiter(source: Source) -> Row:
    """Step over `\\left` or `\\right` and read its delimiter, which is nothing for `.`."""
    command = source.next()
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


def columns(source: Source, name: str) -> tuple[str, ...]:
    """Read the column specification of `array`: characters, and braces that balance."""
    source.expect("{")
    start, level = source.at, 1
    while level:
        token = source.tokens[source.at]
        if len(token) != 1 or not token.isascii():
            source.fail(f"expected the columns of {name} and }}, found {source.found()}")
        level += (token == "{") - (token == "}")
        source.at += 1
    return tuple(source.tokens[start : source.at - 1])


def drop(source: Source, items: list[Node]) -> None:
    """Step over commands that leave no trace."""
    tokens = source.tokens
    while (token := tokens[source.at]) in DROPPED:
        source.at += 2 if token == "\\operatorname" and tokens[source.at + 1] == "*" else 1


def sign(source: Source, items: list[Node]) -> None:
    """Read a token that no table knows: a sign of any script, or a command of some package."""
    token, following = source.tokens[source.at : source.at + 2]
    if token[0] != "\\":
        if not token.isprintable():
            source.fail(f"expected a printable character, found U+{ord(token):04X}")
    elif token[1:].isspace():
        source.at += 1
        return
    elif token in commands.REFUSED:
        source.fail(f"expected mathematics, found {source.found()}")
    elif not (token.isascii() and token[1:].isalpha()):
        source.fail(f"expected a command, found {source.found()}")
    elif following == "{" and source.tokens[source.at + 2] != "}":
        source.fail(f"expected a known command before a brace, found {source.found()}")
    source.at += 1
    items.append(Symbol(token))
