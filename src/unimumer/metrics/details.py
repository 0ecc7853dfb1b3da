"""What is wrong, and where: errors of structure apart from errors of symbols, and scores by what a label is made of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from unimumer.metrics.edits import Forest, TreeEdit, edits, forest, walk
from unimumer.metrics.evaluation import ScoredPair
from unimumer.metrics.intervals import Figure, proportion, share
from unimumer.metrics.label_graph import GraphDifference, difference, graph_figures, label_graph
from unimumer.metrics.structure import NOTATION, canonical, read

_LENGTHS = (5, 10, 20, 40)
"""Longest labels of each group, in tokens; one more group has all that are longer."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What a pair's trees say."""

    edits: tuple[TreeEdit, ...] | None
    """What turns the label into the prediction, none for an ink match; None when one side could not be compared."""
    graph: GraphDifference | None
    """How their label graphs differ; None when one side does not parse."""
    label: Forest
    prediction: Forest

    @property
    def fault(self) -> str:
        """`right`, `symbols`, `structure`, `both`, or `unread` when one side could not be compared."""
        if self.edits is None:
            return "unread"
        structural = {edit.structural for edit in self.edits}
        if len(structural) == 2:
            return "both"
        return ("structure" if structural.pop() else "symbols") if structural else "right"


FAULTS = {
    "right": "right: the same ink",
    "symbols": "symbols only: all stands where it should",
    "structure": "structure only: all symbols are there",
    "both": "symbols and structure",
    "unread": "one side does not parse, or is too long",
}


@dataclass(frozen=True, slots=True)
class Breakdown:
    """An evaluation by kinds of error and by what its labels are made of."""

    faults: dict[str, Figure]
    """Share of the items by `Detail.fault`."""
    graphs: dict[str, Figure]
    """CROHME's scores over the items that parse, see `graph_figures`; none when no item does."""
    symbols: dict[str, Figure]
    """Share of each symbol of the labels that was read, most frequent first."""
    relations: dict[str, Figure]
    """The same for subscripts, superscripts, fractions, roots, accents, tables and their parts."""
    confusions: tuple[tuple[str, str, int], ...]
    """Wanted, found and how often, most frequent first; empty text where one of them is nothing."""
    groups: dict[str, dict[str, Figure]]
    """Ink match by `length` (tokens of the label), `depth` (constructs within each other) and `construct`."""


def detail(item: ScoredPair) -> Detail:
    """Compare the trees of a pair, all spellings of one ink being one."""
    label, prediction = read(item.pair.label), read(item.pair.prediction or "")
    if item.pair.prediction is None:
        prediction = None
    wanted, found = (forest(canonical(row)) if row is not None else () for row in (label, prediction))
    if label is None or prediction is None:
        return Detail(() if item.match.ink else None, None, wanted, found)
    graphs = [label_graph(canonical(row, NOTATION)) for row in (label, prediction)]
    way = [] if item.match.ink else edits(wanted, found)
    return Detail(None if way is None else tuple(way), difference(*graphs), wanted, found)


def break_down(items: Sequence[ScoredPair], details: Sequence[Detail]) -> Breakdown:
    """Sum up what the trees of at least one item say."""
    faults = Counter(detail.fault for detail in details)
    groups: dict[str, dict[str, list[bool]]] = {name: defaultdict(list) for name in ("length", "depth", "construct")}
    for item, one in zip(items, details, strict=True):
        for name, group in _groups(item, one):
            groups[name][group].append(item.match.ink)
    graphs = [one.graph for one in details if one.graph is not None]
    known = [one for one in details if one.edits is not None]
    symbols, relations = (_recall(known, symbol) for symbol in (True, False))
    return Breakdown(
        faults={name: proportion(faults[name], len(items)) for name in FAULTS},
        graphs=graph_figures(graphs) if graphs else {},
        symbols=symbols,
        relations=relations,
        confusions=_confusions(known),
        groups={name: {group: share(hits) for group, hits in _ordered(part)} for name, part in groups.items()},
    )


def _groups(item: ScoredPair, one: Detail) -> Iterator[tuple[str, str]]:
    length = item.score.label_tokens
    first = 1
    for last in _LENGTHS:
        if length <= last:
            yield "length", f"{first} to {last}"
            break
        first = last + 1
    else:
        yield "length", f"{first} and more"
    if item.match.label_parses:
        depth = _depth(one.label)
        yield "depth", "3 and more" if depth > 2 else str(depth)
        names = {_construct(mark.name) for mark in walk(one.label) if not mark.symbol and not mark.part}
        for name in names or {"none: one line of symbols"}:
            yield "construct", name


def _construct(name: str) -> str:
    return "script" if name in ("sub", "sup") else name


def _depth(marks: Forest) -> int:
    return max((_depth(mark.children) + (not mark.part) for mark in marks if not mark.symbol), default=0)


def _ordered(part: Mapping[str, list[bool]]) -> Iterable[tuple[str, list[bool]]]:
    numbers = all(name[0].isdigit() for name in part)
    return sorted(part.items(), key=lambda one: int(one[0].split()[0]) if numbers else -len(one[1]))


def _recall(details: Sequence[Detail], symbol: bool) -> dict[str, Figure]:
    """Share of each mark of the labels that no edit touches."""
    wanted = Counter(mark.name for one in details for mark in walk(one.label) if mark.symbol == symbol)
    lost = Counter(
        edit.wanted.name
        for one in details
        for edit in one.edits or ()
        if edit.wanted is not None and edit.wanted.symbol == symbol
    )
    return {name: proportion(n - lost[name], n) for name, n in wanted.most_common()}


def _confusions(details: Sequence[Detail]) -> tuple[tuple[str, str, int], ...]:
    pairs = Counter(
        (edit.wanted.name if edit.wanted else "", edit.found.name if edit.found else "")
        for one in details
        for edit in one.edits or ()
        if not edit.moved
    )
    return tuple((wanted, found, count) for (wanted, found), count in pairs.most_common())
