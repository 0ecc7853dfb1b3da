"""Formulas without ink, brought to the form of Nano's labels: what is laid out in real ink."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.alphabet import ACCENTS, KIN, SAME_INK, TOKENS, WORDS, words
from unimumer.compose.tree import BRACKETS, RELATIONS
from unimumer.files import read_lines
from unimumer.latex import (
    Accent,
    Environment,
    Fraction,
    LatexError,
    Node,
    Radical,
    Row,
    Scripts,
    Symbol,
    parse,
    to_latex,
)

_LARGE = words(r"\sum \prod \coprod \bigcup \bigcap \bigoplus \bigotimes \bigvee \bigwedge")
_INTEGRALS = (r"\int", r"\oint", r"\iint", r"\iiint")
LIMITS = frozenset((*_LARGE, *_INTEGRALS, r"\lim", r"\max", r"\min"))
"""Operators whose scripts a label writes with `\\limits`, wherever the ink has them."""
_SPELLED = words(r"\arcsin \arccos \arctan \sin \cos \tan \lim \log \max \min \exp \ln")
"""Functions that some formulas spell letter by letter, longer ones first."""
_ENVIRONMENTS = {
    **{name: name for name in ("matrix", "pmatrix", "bmatrix", "vmatrix", "Bmatrix", "cases", "aligned")},
    **dict.fromkeys(("array", "smallmatrix"), "matrix"),
    **dict.fromkeys(("align", "align*", "split", "gathered", "eqnarray", "eqnarray*", "alignedat"), "aligned"),
    **dict.fromkeys(("dcases", "rcases"), "cases"),
}
_ALPHABET = frozenset(TOKENS)
LONGEST_STORED = 250
"""Tokens of the longest formula that is kept: parts of it are drawn."""
_GARBLED = " s l a n t"
"""The rest of a `\\leqslant` that was taken apart, in one of the collections at hand."""


class _Foreign(Exception):
    """A construct that Nano does not write."""


def read_formulas(path: Path) -> tuple[list[str], int]:
    """Labels of the formulas in a text file (.txt, .txt.gz), one a line, each once; and how many were passed over.

    Passed over is what does not parse, holds anything that Nano does not write, or is longer than `LONGEST_STORED`
    tokens. Raises FileError for a file that cannot be read.
    """
    found = [label_of(line) for _, line in read_lines(path)]
    labels = dict.fromkeys(label for label in found if label)
    return list(labels), found.count(None)


def label_of(text: str) -> str | None:
    """A formula as a label, None for one that Nano could not write."""
    try:
        row = _canonical(parse(text.replace(_GARBLED, "")))
        label = to_latex(row)
        if r"\begin" in label:
            label = to_latex(_canonical(parse(label)))  # brackets around what was an array
    except (LatexError, _Foreign):
        return None
    tokens = label.split()
    return label if tokens and len(tokens) <= LONGEST_STORED and _ALPHABET.issuperset(tokens) else None


def _canonical(row: Row) -> Row:
    nodes = [_node(node) for node in _joined(row)]
    for i, node in enumerate(nodes):
        if isinstance(node, Environment) and node.name == "matrix" and i:
            before, after = nodes[i - 1], nodes[i + 1] if i + 1 < len(nodes) else None
            if before == after == Symbol("|"):
                return _canonical((*nodes[: i - 1], replace(node, name="vmatrix"), *nodes[i + 2 :]))
            if before == Symbol(r"\{") and Symbol(r"\}") not in nodes[i:]:
                return _canonical((*nodes[: i - 1], replace(node, name="cases"), *nodes[i + 1 :]))
    return tuple(nodes)


def _joined(row: Row) -> Iterator[Node]:
    """The nodes of a row, functions that are spelled out as one; the last letter may carry scripts."""
    at = 0
    while at < len(row):
        for name in _SPELLED if isinstance(row[at], Symbol) else ():
            if row[at] == Symbol(name[1]) and _spells(row[at : at + len(name) - 1], name[1:]):
                last = row[at + len(name) - 2]
                yield replace(last, base=Symbol(name)) if isinstance(last, Scripts) else Symbol(name)
                at += len(name) - 1
                break
        else:
            yield row[at]
            at += 1


def _spells(nodes: Row, letters: str) -> bool:
    bases = [node.base if isinstance(node, Scripts) and i == len(letters) - 1 else node for i, node in enumerate(nodes)]
    return bases == [Symbol(letter) for letter in letters]


def _node(node: Node) -> Node:
    match node:
        case Symbol(token):
            return Symbol(SAME_INK.get(token, token))
        case Scripts(base, sub, sup) if base is not None:
            new = _node(base)
            limits = isinstance(new, Symbol) and new.token in LIMITS
            return Scripts(new, sub and _canonical(sub), sup and _canonical(sup), limits)
        case Fraction(command, above, below) if above and below:
            return Fraction(command, _canonical(above), _canonical(below))
        case Radical(radicand, index) if radicand:
            return Radical(_canonical(radicand), index and _canonical(index))
        case Accent(command, body) if body:
            return Accent(command, _canonical(body))
        case Environment(name, rows, columns) if name in _ENVIRONMENTS and "|" not in columns:
            return Environment(_ENVIRONMENTS[name], tuple(tuple(_canonical(cell) for cell in cells) for cells in rows))
    raise _Foreign


_LOOK_ALIKES = (r"\prec", r"\succ")
"""Written by hand they are `<` and `>`; more frequent than they are in formulas, they would only confuse."""


def _kin(*of: str) -> tuple[str, ...]:
    """Signs beyond CROHME's that are written like one of these."""
    return tuple(token for token, kin in KIN.items() if kin in of and token not in _LOOK_ALIKES)


_LIKE = (
    (r"\sin", r"\cos", r"\tan", r"\log", *WORDS),
    _LARGE,
    _INTEGRALS,
    ("=", "<", ">", r"\leq", r"\geq", r"\neq", r"\in", *_kin("=", r"\leq")),
    (r"\rightarrow", *_kin(r"\rightarrow")),
    ("+", r"\times", r"\div", r"\pm", r"\cdot", *_kin("+", r"\pm")),
    (*"abcdnmxyABCST", *_kin("B", "a", "d", r"\beta", "y"), r"\forall"),
    ("{pmatrix}", "{bmatrix}", "{vmatrix}", "{Bmatrix}"),
    (r"\ldots", r"\cdots", r"\vdots", r"\ddots"),
    ACCENTS,
)
"""Signs that stand in the same places."""
_COMPARED = frozenset(("=", "<", ">", r"\leq", r"\geq", r"\neq"))
_PAIRS = (("(", ")"), (r"\lfloor", r"\rfloor"), (r"\lceil", r"\rceil"), (r"\langle", r"\rangle"))


T = TypeVar("T")


class WeightedPool(Generic[T]):
    """Things to draw from, some more often than others."""

    def __init__(self, things: Sequence[T], weights: Sequence[float] | NDArray[np.float64]) -> None:
        """Any positive weights."""
        self.things, self.bounds = things, np.cumsum(weights)

    def draw(self, random: np.random.Generator) -> T:
        """One of them. There must be some."""
        place = int(np.searchsorted(self.bounds, random.random() * self.bounds[-1]))
        return self.things[min(place, len(self.things) - 1)]


class FormulaPool:
    """Formulas to draw, of collections and lengths as they shall be learned from, none of them held out."""

    LENGTHS = ((7, 0.15), (15, 0.25), (23, 0.2), (31, 0.15), (47, 0.15), (LONGEST_STORED, 0.1))
    """Longest label in tokens, and share, of each class of length."""
    BEGINS_WITH_RELATION, ENDS_WITH_RELATION, ENDS_WITH_COMMA, CUT, LINES = 0.05, 0.02, 0.02, 0.04, 0.02
    """Shares of lines of a calculation that goes on, of parts that are cut out of a formula, and of calculations whose
    every line begins with the relation."""
    SYSTEMS, PIECEWISE = 0.12, 0.17
    """Share of systems of two or three short equations behind a brace, since collections of single lines hold next to
    none; and of these of functions that are defined piece by piece."""
    RAREST = 6.0
    """How much more often than others a formula with the rarest signs is drawn, at most."""
    REPLACED = 0.08
    """Share of formulas in which one sign gives way to a rarer one of its kind: some are in hardly any formula."""

    def __init__(self, collections: Sequence[Sequence[str]], held: Iterable[str], longest: int) -> None:
        """Formulas of at most `longest` tokens, and parts of longer ones; labels in `held` never come out."""
        self.held, self.longest = frozenset(held), longest
        most = LONGEST_STORED if longest > 40 else longest
        texts: list[str] = []
        share: list[float] = []
        for collection in collections:
            some = [text for text in collection if text not in self.held and text.count(" ") < most]
            texts += some
            share += [max(len(some), 1) ** -0.5] * len(some)
        tokens = [set(text.split()) for text in texts]
        number = Counter(token for some in tokens for token in some)
        self._rarity = {token: 1 / (1 + number[token]) ** 0.5 for token in TOKENS}
        rarest = np.array([min(number[token] for token in some) for some in tokens])
        weights = self._weights(np.array(share), rarest, texts)
        self._pool = WeightedPool(texts, weights)
        short = [i for i, text in enumerate(texts) if _is_line(text) and text.count(" ") < longest / 4]
        self._lines = WeightedPool([texts[i] for i in short], weights[short] if short else ())

    def __len__(self) -> int:
        """Return the number of formulas."""
        return len(self._pool.things)

    def _weights(
        self, share: NDArray[np.float64], rarest: NDArray[np.int64], texts: Sequence[str]
    ) -> NDArray[np.float64]:
        """By collection (square root of its number), by how often the rarest sign comes, and by length."""
        if not len(share):
            return share
        weights = share * np.clip((len(share) / 100 / rarest) ** 0.5, 1.0, self.RAREST)
        length = np.array([text.count(" ") + 1 for text in texts])
        kind = np.searchsorted([most for most, _ in self.LENGTHS], length)
        of_kind = np.bincount(kind, weights, len(self.LENGTHS))
        wanted = np.array([part for _, part in self.LENGTHS])
        return np.asarray(weights * (wanted / np.maximum(of_kind, 1e-9))[kind])

    def draw(self, random: np.random.Generator) -> tuple[str, Row] | None:
        """A label with its tree; None when what was made is held out, too long, or nothing."""
        text, row = self.system(random) if random.random() < self.SYSTEMS else ("", ())
        if not row:
            text, row = self._single(random)
        small = bool(row) and text.count(" ") < self.longest
        return (text, row) if small and text not in self.held else None

    def _single(self, random: np.random.Generator) -> tuple[str, Row]:
        """A formula of the collections, changed or as it is."""
        text = self._pool.draw(random)
        if random.random() < self.REPLACED:
            text = self._with_rarer_sign(text, random)
        row = parse(text)
        changed = self._edited(row, text, random)
        return (text, row) if changed is row else (to_latex(changed), changed)

    def system(self, random: np.random.Generator) -> tuple[str, Row]:
        """Two or three equations behind a brace, or a function that is defined piece by piece; "" where none is short.

        It may be longer than what is drawn, or held out.
        """
        if not self._lines.things:
            return "", ()
        if random.random() < self.PIECEWISE:
            row = self._piecewise(random)
        else:
            lines = [parse(self._lines.draw(random)) for _ in range(2 + int(random.random() < 0.35))]
            row = (Environment("cases", tuple((line,) for line in lines)),)
        return to_latex(row), row

    def _piecewise(self, random: np.random.Generator) -> Row:
        """The left side of one equation, then two values, the right sides of others, each with its condition."""
        lines = [parse(self._lines.draw(random)) for _ in range(5)]
        (left, _), *values = (_sides(line) for line in lines[:3])
        rows = tuple((right, condition) for (_, right), condition in zip(values, lines[3:]))
        return (*left, Symbol("="), Environment("cases", rows))

    def _with_rarer_sign(self, text: str, random: np.random.Generator) -> str:
        """One sign of the formula becomes another of its kind wherever it stands, rare ones more often."""
        tokens = text.split()
        groups = [group for group in (*_LIKE, _PAIRS[0]) if not set(group).isdisjoint(tokens)]
        if not groups:
            return text
        group = groups[int(random.integers(len(groups)))]
        if group is _PAIRS[0]:
            change = dict(zip(group, _PAIRS[int(random.integers(len(_PAIRS)))]))
        else:
            rarer = WeightedPool(group, [self._rarity[token] for token in group]).draw(random)
            change = {next(token for token in tokens if token in group): rarer}
        return " ".join(change.get(token, token) for token in tokens)

    def _edited(self, row: Row, text: str, random: np.random.Generator) -> Row:
        """A line of a calculation that begins or ends with a relation, or a part; mostly the formula as it is."""
        at = [i for i, node in enumerate(row) if isinstance(node, Symbol) and node.token in RELATIONS]
        choice = random.random()
        if text.count(" ") >= self.longest or choice > 1 - self.CUT:
            return self._part(row, random)
        if at and choice < self.BEGINS_WITH_RELATION:
            return _if_balanced(row[at[int(random.integers(len(at)))] :], row)
        choice -= self.BEGINS_WITH_RELATION
        if at and 0 <= choice < self.ENDS_WITH_RELATION:
            return _if_balanced(row[: at[int(random.integers(len(at)))] + 1], row)
        choice -= self.ENDS_WITH_RELATION
        if 0 <= choice < self.LINES and len(at) > 1 and at[0] and len(text) < 120:
            return _in_lines(row, at)
        choice -= self.LINES
        if 0 <= choice < self.ENDS_WITH_COMMA and row[-1] not in (Symbol(","), Symbol(".")):
            return (*row, Symbol(","))
        return row

    def _part(self, row: Row, random: np.random.Generator) -> Row:
        """Some neighbors; of a row of one node, a row in it."""
        if len(row) == 1:
            inner = [part for part in _rows_in(row[0]) if part]
            return inner[int(random.integers(len(inner)))] if inner else ()
        first = int(random.integers(len(row)))
        last = first + 1 + int(random.integers(len(row) - first))
        return _if_balanced(row[first:last], ())


def _is_line(text: str) -> bool:
    """Whether a formula is one equation or comparison, whole, that can stand among others behind a brace."""
    tokens = text.split()
    relations = [i for i, token in enumerate(tokens) if token in _COMPARED]
    plain = not {r"\begin", ",", ".", r"\{", ";"}.intersection(tokens)
    if not plain or len(relations) != 1 or relations[0] == len(tokens) - 1:
        return False
    sides = _sides(parse(text))
    return all(side and _if_balanced(side, ()) for side in sides)


def _sides(row: Row) -> tuple[Row, Row]:
    """What stands left and right of a row's first comparison; nothing left of one that lies deeper."""
    at = next((i for i, node in enumerate(row) if isinstance(node, Symbol) and node.token in _COMPARED), 0)
    return row[:at], row[at + 1 :]


def _in_lines(row: Row, at: Sequence[int]) -> Row:
    """A calculation with a line for each relation, the relations below each other."""
    if any(_if_balanced(row[:i], ()) == () for i in at):
        return row
    cells = [((row[: at[0]] if n == 0 else ()), row[i:j]) for n, (i, j) in enumerate(zip(at, [*at[1:], len(row)]))]
    return (Environment("aligned", tuple(cells)),)


def _rows_in(node: Node) -> Iterator[Row]:
    match node:
        case Fraction(_, above, below):
            yield from (above, below)
        case Radical(radicand) | Accent(_, radicand):
            yield radicand
        case Environment(_, rows):
            yield from (cell for cells in rows for cell in cells)


def _if_balanced(row: Row, otherwise: Row) -> Row:
    """`row` when every bracket in it has its partner."""
    bases = [node.base if isinstance(node, Scripts) else node for node in row]
    tokens = [node.token for node in bases if isinstance(node, Symbol)]
    same = all(tokens.count(opening) == tokens.count(closing) for opening, closing in BRACKETS.items())
    return row if same and tokens.count("|") % 2 == 0 else otherwise
