"""Notation match and ink match: whether two texts say the same expression, however the LaTeX is spelled.

Both are looser than ExpRate and, unlike comparing rendered glyphs, not blind to structure: `x ^ 2` and `x _ 2` differ.
`SPELLINGS` is the whole table of what counts as one; `VERSION` changes with it. Notation match is strict: it forgives
only what LaTeX itself defines to be the same. Ink match also forgives what a pen does not show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from unimumer.latex import Accent, Environment, LatexError, Node, Row, Scripts, Stack, Symbol, map_rows, parse, tokenize
from unimumer.latex.commands import BRACKETS, FUNCTIONS

VERSION = 3
"""Of `SPELLINGS`. Version 2 was ink match without `primes`; version 1 also without `negation`, `brackets` and rules
between columns."""

MAX_LENGTH = 20_000
"""Characters of a text that is parsed: a model that repeats itself writes more, and it is no expression."""


def _alike(pairs: str) -> dict[str, str]:
    """Of `old=new`, parted by spaces; `_` in what is new parts several signs."""
    return {old: new.replace("_", " ") for old, new in (pair.split("=", 1) for pair in pairs.split())}


_PRIME = Symbol(r"\prime")
_FONT = re.compile(r"\\(mathbb|Bbb|mathcal|cal|mathscr|mathfrak|frak)(?![A-Za-z])")
_FONTS = {"Bbb": "mathbb", "cal": "mathcal", "frak": "mathfrak"}

SPELLINGS: dict[str, dict[str, str]] = {
    # LaTeX defines both names as one glyph, or one as the other.
    "synonyms": _alike(
        r"\ne=\neq \stackrel=\overset \fbox=\boxed \implies=\Longrightarrow \impliedby=\Longleftarrow "
        r"\iff=\Longleftrightarrow \Box=\square \doteqdot=\Doteq \restriction=\upharpoonright"
    ),
    # `\not` strikes through the sign after it, as the negated sign is drawn.
    "negation": _alike(
        r"\neq=\not_= \notin=\not_\in \nmid=\not_| \nparallel=\not_\parallel \nsubseteq=\not_\subseteq "
        r"\nsupseteq=\not_\supseteq \nexists=\not_\exists \nvDash=\not_\vDash"
    ),
    # Rows and columns without a bracket: the name only says how wide the gaps are. Rules between columns count.
    "tables": _alike("array=matrix smallmatrix=matrix tabular=matrix subarray=matrix align*=align gather*=gather"),
    # An environment with brackets is a table between them, and a table of one cell is its cell.
    "brackets": {},
    # Lines set one under the other; where they are aligned is not written.
    "alignment": _alike("aligned=matrix align=matrix split=matrix gathered=matrix gather=matrix alignedat=matrix"),
    # Blackboard, script and Fraktur letters are seldom written as such, and seldom labeled.
    "fonts": {},
    # The sign decides where limits stand; label sets differ in saying so.
    "limits": {},
    # The name of a function is written with the letters of a product.
    "letters": {name: " ".join(name[1:]) for name in FUNCTIONS},
    # A prime stands where a pen puts it, as `\prime` or as a superscript.
    "primes": {},
    # Low dots are periods, a centered dot is one.
    "dots": _alike(r"\ldots=._._. \cdotp=\cdot"),
    # A double bar is two bars.
    "bars": _alike(r"\parallel=|_|"),
    # Several integral signs are integral signs in a row.
    "integrals": _alike(r"\iint=\int_\int \iiint=\int_\int_\int \iiiint=\int_\int_\int_\int"),
    # A pen makes an accent as wide as what it stands over.
    "wide": _alike(
        r"\overline=\bar \widehat=\hat \widetilde=\tilde \overrightarrow=\vec \widecheck=\check \wideparen=\frown"
    ),
    # A pen makes an arrow as long as there is room.
    "arrows": _alike(
        r"\longrightarrow=\rightarrow \longleftarrow=\leftarrow \longleftrightarrow=\leftrightarrow "
        r"\Longrightarrow=\Rightarrow \Longleftarrow=\Leftarrow \Longleftrightarrow=\Leftrightarrow "
        r"\longmapsto=\mapsto"
    ),
    # Two cuts of one sign that a hand does not tell apart.
    "variants": _alike(r"\leqslant=\leq \geqslant=\geq \ast=* \varnothing=\emptyset"),
}
"""Classes of spellings of one thing: name of a sign, an accent, a stack or an environment -> the name, or the signs,
that stand for it; `_Canon` knows the classes without names."""
NOTATION = frozenset({"synonyms", "negation", "tables", "brackets"})
"""The classes that notation match forgives too."""
INK = frozenset(SPELLINGS)


@dataclass(frozen=True, slots=True)
class Match:
    """What a pair of texts has in common once both are read."""

    notation: bool
    ink: bool
    label_parses: bool
    prediction_parses: bool


def match(label: str, prediction: str) -> Match:
    """Compare two texts; those that do not parse match only token by token."""
    exact = label.split() == prediction.split()
    ours = read(label)
    theirs = ours if exact else read(prediction)
    parses = (ours is not None, theirs is not None)
    if exact or ours is None or theirs is None:
        return Match(exact, exact, *parses)
    ink = canonical(ours) == canonical(theirs)
    return Match(ink and same(label, prediction, NOTATION), ink, *parses)


def same(label: str, prediction: str, spellings: frozenset[str] = INK) -> bool:
    """Whether both say the same, names of `SPELLINGS` being what is forgiven; texts that do not parse never do."""
    if "fonts" not in spellings:
        label, prediction = keep_fonts(label), keep_fonts(prediction)
    ours, theirs = read(label), read(prediction)
    return ours is not None and theirs is not None and canonical(ours, spellings) == canonical(theirs, spellings)


def read(text: str) -> Row | None:
    """The tree of a text, or None when it does not parse or is longer than `MAX_LENGTH`."""
    try:
        return parse(text) if len(text) <= MAX_LENGTH else None
    except LatexError:
        return None


def keep_fonts(text: str) -> str:
    """Make each letter in a font that shows a sign of its own, which `parse` would otherwise take for the letter."""
    if not _FONT.search(text):
        return text
    out: list[str] = []
    font, level = "", 0
    for token in tokenize(text):
        if found := _FONT.fullmatch(token):
            font, level = _FONTS.get(found[1], found[1]), 0
        elif font and token.isascii() and token.isalpha():
            out += "{", f"\\{font}{token}", "}"
            font = font if level else ""
        else:
            level += (token == "{") - (token == "}")
            out.append(token)
            font = font if level > 0 else ""
    return " ".join(out)


def canonical(row: Row, spellings: frozenset[str] = INK) -> Row:
    """The one tree for all spellings of a row."""
    return _Canon(spellings, _names(spellings)).row(row)


@cache
def _names(spellings: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """What stands for each name once all classes have been applied, however they follow each other."""
    merged = {old: new for name in SPELLINGS if name in spellings for old, new in SPELLINGS[name].items()}

    def resolve(name: str) -> tuple[str, ...]:
        return tuple(end for part in merged[name].split() for end in (resolve(part) if part in merged else (part,)))

    return {name: resolve(name) for name in merged}


@dataclass(frozen=True, slots=True)
class _Canon:
    spellings: frozenset[str]
    names: Mapping[str, tuple[str, ...]]

    def row(self, row: Row) -> Row:
        return tuple(part for node in row for part in self._node(node))

    def _node(self, node: Node) -> Row:
        if isinstance(node, Symbol):
            return self._signs(node.token)
        return tuple(end for part in map_rows(node, self.row) for end in self._renamed(part))

    def _renamed(self, node: Node) -> Row:
        match node:
            case Scripts(base, sub, sup) if "primes" in self.spellings and sup and set(sup) == {_PRIME}:
                return (*((Scripts(base, sub, None, node.limits),) if sub else (base,) if base else ()), *sup)
            case Scripts(base, sub, sup):
                return (Scripts(base, sub, sup, node.limits and "limits" not in self.spellings),)
            case Accent() | Stack():
                return (replace(node, command=self._name(node.command)),)
            case Environment():
                return self._table(node)
        return (node,)

    def _table(self, node: Environment) -> Row:
        opening, closing = BRACKETS.get(node.name, ("", "")) if "brackets" in self.spellings else ("", "")
        name = "matrix" if opening or closing else self._name(node.name)
        rules = _rules(node.columns)
        lone = "brackets" in self.spellings and len(node.rows) == len(node.rows[0]) == 1 and not rules
        inner = node.rows[0][0] if lone else (Environment(name, node.rows, rules),)
        return (*self._signs(opening), *inner, *self._signs(closing))

    def _name(self, name: str) -> str:
        return self.names[name][0] if name in self.names else name

    def _signs(self, token: str) -> Row:
        return tuple(map(Symbol, self.names.get(token, (token,)))) if token else ()


def _rules(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Of a column specification only the rules, each as the number of columns on its left."""
    return tuple(str(sum(name != "|" for name in columns[:at])) for at, token in enumerate(columns) if token == "|")
