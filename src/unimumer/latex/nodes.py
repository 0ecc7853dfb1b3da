"""The tree of an expression: what stands on a baseline, and what is attached to it.

A row is a tuple of nodes from left to right. Braces that only group leave no trace: a row has no row inside,
and `{ a b } ^ 2` is the row of `a` and `b ^ 2`, as in the published labels. A tree that `parse` gave keeps
the promises named below, and for it `parse(to_latex(row)) == row`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

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
