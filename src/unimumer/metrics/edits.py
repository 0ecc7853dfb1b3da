"""Tree edit distance with its operations: which marks were misread, and which stand at the wrong place.

A row becomes an ordered forest. Symbols are leaves; a fraction, a radical, an accent or an environment is a node
around what it holds; a subscript or superscript is a node *after* its base, so that losing it (`1 0 ^ { 2 }` read as
`1 0 2`) is one operation, as it is one mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from unimumer.latex import Accent, Arrow, Environment, Fraction, Node, Radical, Row, Scripts, Stack, Symbol, children

MAX_WORK = 500_000
"""Product of the sizes of two forests, equal ends left out, above which no distance is computed."""

_PARTS = frozenset({"above", "below", "mark", "index", "row", "cell"})


@dataclass(frozen=True, slots=True)
class TreeMark:
    """A node of the forest: a symbol, or a construct with what it holds."""

    name: str
    symbol: bool
    children: Forest = ()
    at: int = field(default=0, compare=False)
    """Its place in the expression, from 0, counted from the left and from outside in."""

    @property
    def part(self) -> bool:
        """Whether it only says which part of a construct something is."""
        return not self.symbol and (self.name in _PARTS or self.name.startswith("rule "))


Forest = tuple[TreeMark, ...]


@dataclass(frozen=True, slots=True)
class TreeEdit:
    """One difference: `wanted` is what the label has there, `found` what the prediction has; one may be None."""

    wanted: TreeMark | None
    found: TreeMark | None
    moved: bool = False
    """The same symbol is missing at one place and too many at another: both edits of such a pair say so."""

    @property
    def structural(self) -> bool:
        """Whether it is about where something stands, and not about which symbol it is."""
        return self.moved or not all(mark.symbol for mark in (self.wanted, self.found) if mark)


def forest(row: Row) -> Forest:
    """The marks of an expression, in the order of its row."""
    return _marks(row, count())


_NAMES: Mapping[type, tuple[str | None, ...]] = {
    Scripts: ("", "sub", "sup"),
    Fraction: ("above", "below"),
    Radical: ("index", None),
    Arrow: ("below", "above"),
    Stack: ("mark", None),
    Accent: (None,),
}
"""What the rows in a node become by the order of `children`: a mark of that name, or nothing around what they hold."""


def _marks(row: Row, places: Iterator[int]) -> Forest:
    return tuple(mark for node in row for mark in _planted(node, places))


def _construct(name: str, places: Iterator[int], inner: Callable[[], Forest]) -> TreeMark:
    """A mark around what is numbered after it."""
    at = next(places)
    return TreeMark(name, False, inner(), at)


def _planted(node: Node, places: Iterator[int]) -> Iterator[TreeMark]:
    match node:
        case Symbol(token):
            yield TreeMark(token, True, (), next(places))
        case Scripts(base):
            yield from _planted(base, places) if base else (TreeMark("{ }", True, (), next(places)),)
            yield from _parts(node, places)
        case Environment(name):
            yield _construct(name, places, lambda: _table_marks(node, places))
        case _:
            name = r"\sqrt" if isinstance(node, Radical) else node.command
            yield _construct(name, places, lambda: _parts(node, places))


def _parts(node: Node, places: Iterator[int]) -> Forest:
    """The rows in a node by their names: none of an empty name, all that stands in one without a name."""
    marks: list[TreeMark] = []
    for name, row in zip(_NAMES[type(node)], children(node), strict=True):
        if name is None:
            marks += _marks(row, places)
        elif name and (row or name in ("above", "below")):
            marks.append(_construct(name, places, partial(_marks, row, places)))
    return tuple(marks)


def _table_marks(node: Environment, places: Iterator[int]) -> Forest:
    # A rule is known by the columns on its left, where `canonical` has counted them.
    rules = [token for token in node.columns if token == "|" or token.isdigit()]
    marks = [TreeMark(f"rule {token}", False, (), next(places)) for token in rules]
    for line in node.rows:
        at = next(places)
        cells = tuple(_construct("cell", places, partial(_marks, cell, places)) for cell in line)
        marks.append(TreeMark("row", False, cells, at))
    return tuple(marks)


def walk(marks: Forest) -> Iterator[TreeMark]:
    """Every mark, in the order of `at`."""
    for mark in marks:
        yield mark
        yield from walk(mark.children)


def edits(label: Forest, prediction: Forest) -> list[TreeEdit] | None:
    """A cheapest way from one forest to the other; None when that is too much work (`MAX_WORK`).

    Cost 1 for a mark inserted, deleted, or replaced by another of its kind; symbols do not become constructs. Zhang
    and Shasha 1989, after equal ends are taken off and equal outer constructs opened, which changes no distance.
    """
    wanted, found = _trim(label, prediction)
    if not wanted or not found:
        return [TreeEdit(mark, None) for mark in walk(wanted)] + [TreeEdit(None, mark) for mark in walk(found)]
    a, b = _Postorder(wanted), _Postorder(found)
    if len(a.marks) * len(b.marks) > MAX_WORK:
        return None
    return _moves(_trace(a, b))


def _trim(a: Forest, b: Forest) -> tuple[Forest, Forest]:
    while True:
        shorter = min(len(a), len(b))
        start = next((k for k in range(shorter) if a[k] != b[k]), shorter)
        a, b = a[start:], b[start:]
        shorter -= start
        end = next((k for k in range(shorter) if a[-1 - k] != b[-1 - k]), shorter)
        a, b = a[: len(a) - end], b[: len(b) - end]
        if not (len(a) == len(b) == 1 and a[0].name == b[0].name and a[0].symbol == b[0].symbol):
            return a, b
        a, b = a[0].children, b[0].children


class _Postorder:
    """A forest under a root of its own, children before parents, as Zhang and Shasha number it."""

    def __init__(self, marks: Forest) -> None:
        self.marks: list[TreeMark] = []
        self.first: list[int] = []
        """Of each node, the number of its leftmost leaf."""
        self._add(TreeMark("", False, marks))
        last = {first: node for node, first in enumerate(self.first)}
        self.roots = sorted(last.values())
        """Nodes with a sibling on their left, and the root: each begins a table."""

    def _add(self, mark: TreeMark) -> int:
        leaves = [self._add(child) for child in mark.children]
        self.first.append(leaves[0] if leaves else len(self.marks))
        self.marks.append(mark)
        return self.first[-1]


def _price(a: TreeMark, b: TreeMark) -> int:
    return 2 if a.symbol != b.symbol else int(a.name != b.name)


def _trace(a: _Postorder, b: _Postorder) -> Iterator[TreeEdit]:
    trees = [[0] * len(b.marks) for _ in a.marks]
    for i in a.roots:
        for j in b.roots:
            _table(a, b, i, j, trees)
    pending = [(len(a.marks) - 1, len(b.marks) - 1)]
    while pending:
        i, j = pending.pop()
        table = _table(a, b, i, j, trees)
        x, y, left, right = i, j, a.first[i], b.first[j]
        while x >= left or y >= right:
            cost = table[x - left + 1][y - right + 1]
            inside = x >= left and y >= right
            whole = inside and a.first[x] == left and b.first[y] == right
            # What can stay in its place stays, before anything is taken out and put back elsewhere.
            if whole and cost == table[x - left][y - right] + _price(a.marks[x], b.marks[y]):
                if _price(a.marks[x], b.marks[y]):
                    yield TreeEdit(a.marks[x], b.marks[y])
                x, y = x - 1, y - 1
            elif inside and not whole and cost == table[a.first[x] - left][b.first[y] - right] + trees[x][y]:
                pending.append((x, y))
                x, y = a.first[x] - 1, b.first[y] - 1
            else:
                delete = x >= left and cost == table[x - left][y - right + 1] + 1
                insert = y >= right and cost == table[x - left + 1][y - right] + 1
                if delete and not (insert and b.marks[y].symbol):  # rather a symbol moves than its construct
                    yield TreeEdit(a.marks[x], None)
                    x -= 1
                else:
                    yield TreeEdit(None, b.marks[y])
                    y -= 1


def _table(a: _Postorder, b: _Postorder, i: int, j: int, trees: list[list[int]]) -> list[list[int]]:
    """Distances of all forests that end in the subtrees of `i` and `j`; those of whole subtrees go into `trees`."""
    left, right = a.first[i], b.first[j]
    table = [list(range(j - right + 2))]
    for x in range(left, i + 1):
        above, row, whole, known = table[-1], [x - left + 1], a.first[x] == left, trees[x]
        before = table[a.first[x] - left]
        for y in range(right, j + 1):
            cheapest = min(above[y - right + 1], row[-1]) + 1
            if whole and b.first[y] == right:
                cheapest = min(cheapest, above[y - right] + _price(a.marks[x], b.marks[y]))
                known[y] = cheapest
            else:
                cheapest = min(cheapest, before[b.first[y] - right] + known[y])
            row.append(cheapest)
        table.append(row)
    return table


def _place(edit: TreeEdit) -> tuple[int, bool]:
    mark = edit.wanted or edit.found
    return mark.at if mark else 0, edit.wanted is None


def _moves(found: Iterator[TreeEdit]) -> list[TreeEdit]:
    """Edits in reading order; symbols missing here and too many there are marked as moved."""
    every = sorted(found, key=_place)
    extra: dict[str, list[int]] = {}
    for number, edit in enumerate(every):
        if edit.wanted is None and edit.found is not None and edit.found.symbol:
            extra.setdefault(edit.found.name, []).append(number)
    for number, edit in enumerate(every):
        if edit.found is None and edit.wanted is not None and (places := extra.get(edit.wanted.name)):
            every[number] = TreeEdit(edit.wanted, None, moved=True)
            place = places.pop(0)
            every[place] = TreeEdit(None, every[place].found, moved=True)
    return every
