"""A row as its readers see it: digits joined to numbers, brackets with what they hold, `\\not` with what it strikes.

Every writer walks these items instead of the bare nodes, so that none of them pairs brackets on its own. In the order
of the row nothing changes: the tokens of the items, one after the other, are the tokens of the row.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from unimumer.errors import UnimumerError
from unimumer.export.symbols import BIN, CLOSERS, FUNCTION, INT, LIMIT, OP, OPEN, PUNCT, REL, sign
from unimumer.latex import Accent, Arrow, Environment, Fraction, Node, Radical, Row, Scripts, Stack, Symbol
from unimumer.latex.commands import BRACKETS, ENVIRONMENTS


class ExportError(UnimumerError):
    """An expression that a form cannot say; the message names what and why."""


class Number(NamedTuple):
    """Digits, at most one point among them."""

    text: str


class Negated(NamedTuple):
    """A sign with the stroke of `\\not` through it."""

    token: str


class Fence(NamedTuple):
    """What stands between two brackets, or two bars, that belong together."""

    opening: str
    body: list[Item]
    closing: str


class Attached(NamedTuple):
    """`Scripts` whose base is an item; None when they are the scripts of nothing."""

    base: Core | None
    sub: Row | None
    sup: Row | None
    limits: bool


Core: TypeAlias = "Symbol | Fraction | Stack | Radical | Arrow | Accent | Environment | Number | Negated | Fence"
Item: TypeAlias = "Core | Attached"

_DIGITS = frozenset("0123456789")
_CLOSING = {")": "([", "]": "(["} | {close: (start,) for start, close in CLOSERS.items() if start not in "(["}
_MAX_FENCES = 32  # brackets within brackets of one row that are paired; deeper ones stay single signs
_BRACES = frozenset({"\\overbrace", "\\underbrace", "\\overbracket", "\\underbracket"})
_ACTIVE = _DIGITS | _CLOSING.keys() | CLOSERS.keys() | {"|", "\\not"}


def group(row: Row) -> list[Item]:
    """The items of a row, in one pass and in order."""
    if len(row) == 1 and type(row[0]) is Symbol and row[0].token not in _ACTIVE:  # most scripts are one sign
        return [row[0]]
    items: list[Item] = []
    opened: list[int] = []
    struck = bars = False
    for node in row:
        scripts = node if type(node) is Scripts else None
        core: Node | Core | None = node if scripts is None else scripts.base
        if type(core) is Symbol and (core.token in _ACTIVE or struck):
            token = core.token
            if struck and token != "\\not":
                items.pop()
                core, struck = Negated(token), False
            elif token in _DIGITS:
                core = _number(items, token)
            elif token in _CLOSING:
                core = _close(items, opened, token) or core
            elif scripts is None and token in CLOSERS:
                opened.append(len(items))
            bars |= token == "|"
            struck = token == "\\not" and scripts is None
        else:
            struck = False
        if scripts is None:
            items.append(core)  # type: ignore[arg-type]
        else:
            items.append(Attached(core, scripts.sub, scripts.sup, scripts.limits))  # type: ignore[arg-type]
    return _pair_bars(items) if bars else items


def _number(items: list[Item], digit: str) -> Number:
    """The number that ends with `digit`; what of it was an item before is taken off `items`."""
    last = items[-1] if items else None
    if type(last) is Number:
        items.pop()
        return Number(last.text + digit)
    whole = items[-2] if len(items) > 1 and type(last) is Symbol and last.token == "." else None
    if type(whole) is Number and "." not in whole.text:
        del items[-2:]
        return Number(f"{whole.text}.{digit}")
    return Number(digit)


def _close(items: list[Item], opened: list[int], closing: str) -> Fence | None:
    start = items[opened[-1]] if opened else None
    if type(start) is not Symbol or start.token not in _CLOSING[closing]:
        return None
    place = opened.pop()
    if len(opened) > _MAX_FENCES:
        return None
    body = items[place + 1 :]
    del items[place:]
    return Fence(start.token, _pair_bars(body), closing)


def _bar(item: Item) -> bool:
    core = core_of(item)
    return type(core) is Symbol and core.token == "|"


def _pair_bars(items: list[Item]) -> list[Item]:
    """Bars of one level in twos from the left, if they come in twos and hold something."""
    places = [place for place, item in enumerate(items) if _bar(item)]
    starts, ends = places[::2], places[1::2]
    if not places or len(places) % 2 or any(end - start < 2 for start, end in zip(starts, ends)):
        return items
    if any(type(items[start]) is Attached for start in starts):
        return items
    paired: list[Item] = []
    done = 0
    for start, end in zip(starts, ends):
        fence, last = Fence("|", items[start + 1 : end], "|"), items[end]
        paired += items[done:start]
        paired.append(last._replace(base=fence) if type(last) is Attached else fence)
        done = end + 1
    return paired + items[done:]


def core_of(item: Item | None) -> Core | None:
    """An item without its scripts."""
    return item.base if type(item) is Attached else item  # type: ignore[return-value]


def kind(item: Item | None) -> str:
    """TeX's class of an item: of its sign, or empty for all that is no single sign."""
    core = core_of(item)
    return sign(core.token).kind if type(core) is Symbol or type(core) is Negated else ""


def over_and_under(item: Attached, display: bool) -> bool:
    """Whether the scripts stand straight above and below: by `\\limits`, or by the sign where there is room."""
    base = item.base
    return item.limits or (display and kind(item) in (OP, LIMIT)) or (type(base) is Accent and base.command in _BRACES)


def is_tall(items: list[Item]) -> bool:
    """Whether brackets around these items have to grow."""
    for core in map(core_of, items):
        if type(core) in (Fraction, Environment, Stack) or kind(core) == OP:
            return True
        if type(core) is Fence and is_tall(core.body):
            return True
        if type(core) is Radical and is_tall(group(core.radicand)):
            return True
    return False


_KNOWN = frozenset({*ENVIRONMENTS.values(), "\\substack"})
_ALIGNED = frozenset({"aligned", "align", "split", "eqnarray", "flalign"})
ALIGNMENTS = {"l": "left", "c": "center", "r": "right"}
"""What the letters of a column specification mean."""


class Table(NamedTuple):
    """An environment as every writer needs it."""

    opening: str
    """Token of the bracket that the environment draws itself, or empty; likewise `closing`."""
    closing: str
    rows: list[tuple[Row, ...]]
    align: str
    """One of `l`, `c`, `r` a column."""
    joined: bool
    """Whether columns meet at a relation, as in `aligned`."""
    bars: tuple[int, ...]
    """Before which columns a vertical line stands; the number of columns for one behind the last."""
    lines: tuple[int, ...]
    """Above which rows `\\hline` stands; the number of rows for one below the last."""


def table(node: Environment) -> Table:
    """What an environment draws; ExportError when nobody here knows its name."""
    name = node.name.rstrip("*")
    if node.name not in _KNOWN:
        raise ExportError(f"the environment {node.name} is not known: only its cells could be shown, not what it means")
    rows, lines = _without_lines(node.rows)
    width = max(map(len, rows), default=1)
    letters = [letter for letter in node.columns if letter in ("l", "c", "r", "|")]
    written = "".join(letter for letter in letters if letter != "|")
    usual = "rl" * width if name in _ALIGNED else "l" * width if name.endswith("cases") else "c" * width
    align = (written + usual[len(written) :])[:width]
    bars = tuple(len([c for c in letters[:at] if c != "|"]) for at, letter in enumerate(letters) if letter == "|")
    opening, closing = BRACKETS.get(name, ("", ""))
    return Table(opening, closing, rows, align, name in _ALIGNED, bars, lines)


_LINE = Symbol("\\hline")


def _without_lines(rows: tuple[tuple[Row, ...], ...]) -> tuple[list[tuple[Row, ...]], tuple[int, ...]]:
    kept: list[tuple[Row, ...]] = []
    lines: list[int] = []
    for number, cells in enumerate(rows):
        first, rest = cells[0], cells[1:]
        if first[:1] == (_LINE,):
            lines.append(len(kept))
            while first[:1] == (_LINE,):
                first = first[1:]
            if not first and not rest and number == len(rows) - 1:
                continue  # only the line below the last row
        kept.append((first, *rest))
    return kept, tuple(lines)


def takes_operand_before(item: Item | None) -> bool:
    """Whether an operator behind this item has an operand there; one that has none is a sign, as in `= -1`."""
    return item is not None and kind(item) not in _WITHOUT_OPERAND


def is_applicable(item: Item | None) -> bool:
    """Whether a bracket belongs to what stands before it: `f(x)` and `sin(x)`."""
    return type(item) is Symbol and ((len(item.token) == 1 and item.token.isalpha()) or kind(item) == FUNCTION)


def apart(body: str) -> str:
    """What stands in brackets, with spaces where it would become one sign with them, as in `[|` and `(:`."""
    return f" {body} " if body[:1] in ("|", ":") or body[-1:] in ("|", ":") else body


def leading_primes(row: Row | None) -> int:
    """How many primes a superscript begins with."""
    count = 0
    while row and row[count : count + 1] == (_PRIME,):
        count += 1
    return count


_PRIME = Symbol("\\prime")
_WITHOUT_OPERAND = frozenset({BIN, OP, INT, REL, OPEN, PUNCT, FUNCTION, LIMIT})
