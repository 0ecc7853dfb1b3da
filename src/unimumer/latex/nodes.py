"""The tree of an expression: what stands on a baseline, and what is attached to it.

A row is a tuple of nodes from left to right. Braces that only group leave no trace: a row has no row inside,
and `{ a b } ^ 2` is the row of `a` and `b ^ 2`, as in the published labels. A tree that `parse` gave keeps
the promises named below, and for it `parse(to_latex(row)) == row`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

Node: TypeAlias = "Symbol | Scripts | Fraction | Stack | Radical | Arrow | Accent | Environment"
Row: TypeAlias = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Symbol:
    """One written sign, such as `x`, `\\alpha`, `\\sin` or `\\{`."""

    token: str


@dataclass(frozen=True, slots=True)
class Scripts:
    """A node with something below right or above right of it; with `limits`, straight below or above.

    At least one of `sub` and `sup` is there, and those there are not empty. The base is never `Scripts`.
    A base of None is an empty group: scripts of nothing, as those written before what they annotate.
    """

    base: Node | None
    sub: Row | None = None
    sup: Row | None = None
    limits: bool = False
    """`\\limits` was written; never without a base. Without it LaTeX leaves the place to the base."""


@dataclass(frozen=True, slots=True)
class Fraction:
    """Two rows one above the other: `\\frac`, and `\\binom` with its brackets."""

    command: str
    above: Row
    below: Row


@dataclass(frozen=True, slots=True)
class Stack:
    """A small row set over (`\\overset`, `\\stackrel`) or under (`\\underset`) a row on the baseline."""

    command: str
    mark: Row
    base: Row


@dataclass(frozen=True, slots=True)
class Radical:
    """A root; an index that is there is not empty."""

    radicand: Row
    index: Row | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow as long as what is written above and, not empty, below it: `\\xrightarrow` and its kin."""

    command: str
    above: Row
    below: Row | None = None


@dataclass(frozen=True, slots=True)
class Accent:
    """A mark over, under or around a row: `\\hat`, `\\overline`, `\\underbrace`, `\\boxed` and their kin."""

    command: str
    body: Row


@dataclass(frozen=True, slots=True)
class Environment:
    """Cells in rows: `\\begin {name}` … `\\end {name}`, or `\\substack`, whose name is that command.

    There is at least one row, every row has at least one cell, and the last of several rows is not one empty
    cell.
    """

    name: str
    rows: tuple[tuple[Row, ...], ...]
    columns: tuple[str, ...] = ()
    """Tokens of the column specification of `array`, such as `c`, `c`, `|`, `c`."""


def children(node: Node) -> tuple[Row, ...]:
    """The rows inside a node in the order LaTeX writes them; one that is not there is empty.

    Base, subscript and superscript of `Scripts`; above and below of a `Fraction`; mark and base of a `Stack`; index
    and radicand; below and above of an `Arrow`; the body of an `Accent`; every cell of an `Environment`.
    """
    match node:
        case Fraction():
            return node.above, node.below
        case Symbol():
            return ()
        case Scripts():
            return () if node.base is None else (node.base,), node.sub or (), node.sup or ()
        case Radical():
            return node.index or (), node.radicand
        case Accent():
            return (node.body,)
        case Stack():
            return node.mark, node.base
        case Arrow():
            return node.below or (), node.above
        case Environment():
            return tuple(cell for cells in node.rows for cell in cells)
        case _:
            assert_never(node)


def map_rows(node: Node, change: Callable[[Row], Row]) -> Row:
    """A node with `change` applied to each of its `children`.

    The result is a row since a base may become several nodes: the last of them carries the scripts, or an empty
    group does where there is none that can. A script or an option that becomes empty is left out.
    """
    match node:
        case Symbol():
            return (node,)
        case Scripts(base, sub, sup, limits):
            bases = () if base is None else change((base,))
            sub, sup = sub and (change(sub) or None), sup and (change(sup) or None)
            if sub is None and sup is None:
                return bases
            if not bases or isinstance(bases[-1], Scripts):
                return (*bases, Scripts(None, sub, sup))
            return (*bases[:-1], Scripts(bases[-1], sub, sup, limits))
        case Fraction(_, above, below):
            return (replace(node, above=change(above), below=change(below)),)
        case Stack(_, mark, stacked):
            return (replace(node, mark=change(mark), base=change(stacked)),)
        case Radical(radicand, index):
            return (Radical(change(radicand), index and (change(index) or None)),)
        case Arrow(command, over, under):
            return (Arrow(command, change(over), under and (change(under) or None)),)
        case Accent(command, body):
            return (Accent(command, change(body)),)
        case Environment(_, lines):
            return (replace(node, rows=tuple(tuple(change(cell) for cell in cells) for cells in lines)),)
        case _:
            assert_never(node)
