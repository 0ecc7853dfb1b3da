"""Read what LaTeX says about its layout and the reader of a formula never sees: lengths, options, columns.

Sources: the LaTeX manual on `\\\\`, `array` and lengths, and those of amsmath, mathtools (`pmatrix*`), array (`@`, `>`,
`!`, `p`, `w`) and xcolor. What may show ink is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from unimumer.latex.commands import MATRICES, PLACED, REGISTERS
from unimumer.latex.lexer import END, Source

MOST_COLUMNS = 256

_UNIT = r"(?:true)?(?:pt|em|ex|mu|cm|mm|in|bp|pc|dd|cc|sp|px)"
_FACTOR = re.compile(r"[-+]*\d*[.,]?\d*")
_MEASURE = re.compile(rf"[-+]*(?:\d+[.,]?\d*|[.,]\d+){_UNIT}")
_GLUE = re.compile(rf"(?:(?:plus|minus)[-+]*(?:\d+[.,]?\d*|[.,]\d+)(?:fil{{1,3}}|{_UNIT}))+")
_LONGEST = 80  # tokens of a length


def after_length(tokens: list[str], at: int) -> int:
    """The index after the length that starts at token `at`, `at` itself where none does."""
    measure = _MEASURE.match(_characters(tokens, at))
    end = at + measure.end() if measure else at + _end(_FACTOR, tokens, at) + 1
    if not measure and tokens[end - 1] not in REGISTERS:
        return at
    return end + _end(_GLUE, tokens, end)


def _end(pattern: re.Pattern[str], tokens: list[str], at: int) -> int:
    match = pattern.match(_characters(tokens, at))
    return match.end() if match else 0


def _characters(tokens: list[str], at: int) -> str:
    """The single characters from token `at` on, as many as a length can have."""
    found = []
    for token in tokens[at : at + _LONGEST]:
        if len(token) != 1:
            break
        found.append(token)
    return "".join(found)


def after_row_option(tokens: list[str], at: int) -> int:
    """The index after the `[2pt]` that may follow a `\\\\`; other brackets begin the next cell."""
    if tokens[at] != "[":
        return at
    end = after_length(tokens, at + 1)
    return end + 1 if end > at + 1 and tokens[end] == "]" else at


def after_option(tokens: list[str], at: int, name: str) -> int:
    """The index after the option of an environment, which starts at token `at` if there is one.

    It is a place (`[t]`) or, for a matrix, columns (`[c|c]`); other brackets begin the first cell.
    """
    if tokens[at] != "[":
        return at
    if name in MATRICES:
        end = at + 1
        while tokens[end] in ("l", "c", "r", "|"):
            end += 1
        return end + 1 if end > at + 1 and tokens[end] == "]" else at
    placed = name in PLACED and tokens[at + 1] in ("t", "b", "c") and tokens[at + 2] == "]"
    return at + 3 if placed else at


def skip_length(source: Source, command: str) -> None:
    """Step over the length that `command` is to have."""
    end = after_length(source.tokens, source.at)
    if end == source.at:
        source.fail(f"expected a length after {command}, found {source.found()}")
    source.at = end


def skip_group(source: Source, owner: str) -> str:
    """Step over a group, whatever is in it, and give its text without spaces."""
    if source.tokens[source.at] != "{":
        source.fail(f"expected {{ after {owner}, found {source.found()}")
    start = source.at + 1
    _skip(source, owner, "{", "}")
    return "".join(source.tokens[start : source.at - 1])


def skip_option(source: Source, owner: str) -> None:
    """Step over `[…]` where it stands."""
    if source.tokens[source.at] == "[":
        _skip(source, owner, "[", "]")


def _skip(source: Source, owner: str, opening: str, closing: str) -> None:
    level = 0
    while True:
        token = source.tokens[source.at]
        if token == END:
            source.fail(f"expected {closing} to end what follows {owner}, found {source.found()}")
        level += (token == opening) - (token == closing)
        source.at += 1
        if not level:
            return


def columns(source: Source, name: str, empty: Callable[[Source, str], None]) -> tuple[str, ...]:
    """Read the column specification of `array`: its letters and bars, a `p{2cm}` being `l`.

    `empty` steps over an argument that must show nothing, such as that of `@` or `>`.
    """
    source.expect("{")
    found: list[str] = []
    _columns(source, name, empty, found)
    return tuple(found)


def _columns(source: Source, name: str, empty: Callable[[Source, str], None], found: list[str]) -> None:
    source.descend()
    while (token := source.tokens[source.at]) != "}":
        source.at += 1
        if token in ("l", "c", "r", "|", ":"):
            found.append(token)
        elif token in ("@", "!", ">", "<"):
            empty(source, f"{token} in the columns of {name}")
        elif token == "{":
            _columns(source, name, empty, found)
        elif token in ("p", "m", "b"):
            skip_group(source, token)
            found.append("l")
        elif token == "w":
            source.expect("{")
            _columns(source, name, empty, found)
            skip_group(source, token)
        elif token == "*":
            _repeated(source, name, empty, found)
        elif not token.isspace() and token not in ("\\ ", "~"):
            source.at -= 1
            source.fail(f"expected the columns of {name} and }}, found {source.found()}")
        if len(found) > MOST_COLUMNS:
            source.fail(f"expected at most {MOST_COLUMNS} columns")
    source.at += 1
    source.depth -= 1


def _repeated(source: Source, name: str, empty: Callable[[Source, str], None], found: list[str]) -> None:
    start = source.at
    count = skip_group(source, "*") if source.tokens[start] == "{" else source.next()
    if not re.fullmatch("[0-9]{1,3}", count):
        source.at = start
        source.fail(f"expected how often columns of {name} are repeated, found {source.found()}")
    once: list[str] = []
    source.expect("{")
    _columns(source, name, empty, once)
    if len(once) * int(count) > MOST_COLUMNS:
        source.fail(f"expected at most {MOST_COLUMNS} columns")
    found += once * int(count)
