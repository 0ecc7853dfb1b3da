"""CROHME's label graphs: `.lg` files read and written, and the scores that the competition takes from them.

Sources: Zanibbi, Mouchère and Viard-Gaudin, "Evaluating structural pattern recognition for handwritten math via
primitive label graphs" (DRR 2013), and the symbolic label graphs of CROHME 2019, which name a symbol by the path that
leads to it. These count differing labels of nodes and edges, not token edits: never put the two in one column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from unimumer.files import read_text, write_text
from unimumer.latex import Accent, Arrow, Environment, Node, Radical, Row, Scripts, Symbol, children
from unimumer.metrics.intervals import Figure, share
from unimumer.metrics.pairs import MetricsError

Labels = frozenset[str]
Key = TypeVar("Key", str, tuple[str, str])
Strokes = Sequence[Sequence[str]]
"""Ids of the strokes of each symbol."""
_NOTHING: Labels = frozenset()
_MERGED = "*"
"""How an edge within one symbol may be labeled, in place of the symbol."""


@dataclass(frozen=True, slots=True)
class LabelGraph:
    """Labels of primitives (strokes, or symbols named by their path) and of ordered pairs of them."""

    nodes: dict[str, Labels]
    edges: dict[tuple[str, str], Labels]


@dataclass(frozen=True, slots=True)
class GraphDifference:
    """How two label graphs differ."""

    nodes: int
    """Differing labels of nodes (D_C of the source); a node that one side lacks has no label there."""
    edges: int
    """Differing labels of directed edges (D_L)."""
    structure: bool
    """Both have the same nodes and, whatever the symbols are, the same edges."""

    @property
    def errors(self) -> int:
        """All differing labels (D_B): 0 is a right expression; "at most 1 error" of the competition counts these."""
        return self.nodes + self.edges


def difference(label: LabelGraph, prediction: LabelGraph) -> GraphDifference:
    """Compare two graphs over the same primitives."""
    same = label.nodes.keys() == prediction.nodes.keys() and _unnamed(label) == _unnamed(prediction)
    return GraphDifference(_differing(label.nodes, prediction.nodes), _differing(label.edges, prediction.edges), same)


def graph_figures(found: Sequence[GraphDifference]) -> dict[str, Figure]:
    """The competition's scores of at least one pair of graphs.

    `expression`: all labels right; `structure`: right but for the symbols; `at_most_k`: at most k labels wrong.
    """
    return {
        "expression": share([one.errors == 0 for one in found]),
        "structure": share([one.structure for one in found]),
        **{f"at_most_{k}": share([one.errors <= k for one in found]) for k in (1, 2, 3)},
    }


def compare_folders(predictions: Path, labels: Path) -> dict[str, Figure]:
    """`graph_figures` of two folders of `.lg` files of the same names; one that lacks a prediction is wrong.

    Raises MetricsError when there are no labels, when a prediction has no label, and for what cannot be read.
    """
    truth = {path.name: path for path in sorted(labels.glob("*.lg"))}
    answers = {path.name: path for path in sorted(predictions.glob("*.lg"))}
    if not truth:
        raise MetricsError(f"{labels}: no .lg files in this folder")
    if unknown := answers.keys() - truth.keys():
        raise MetricsError(f"{predictions}: {len(unknown)} files have no label in {labels}, such as {min(unknown)}")
    empty = LabelGraph({}, {})
    return graph_figures(
        [difference(_load(path), _load(answers[name]) if name in answers else empty) for name, path in truth.items()]
    )


def _load(path: Path) -> LabelGraph:
    return read_label_graph(read_text(path), str(path))


def write_label_graphs(folder: Path, graphs: Iterable[tuple[str, Row, Strokes | None]]) -> None:
    """Write the `.lg` file of each expression by its id; what no file name may have is written `%XX`.

    With strokes as `to_label_graph` takes them. Raises FileError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for id, row, strokes in graphs:
        write_text(folder / f"{quote(id, safe=' ()')[:200]}.lg", to_label_graph(row, id, strokes))


def _differing(ours: Mapping[Key, Labels], theirs: Mapping[Key, Labels]) -> int:
    pairs = ((ours.get(key, _NOTHING), theirs.get(key, _NOTHING)) for key in ours.keys() | theirs.keys())
    return sum(max(len(a - b), len(b - a)) for a, b in pairs)


def _unnamed(graph: LabelGraph) -> dict[tuple[str, str], Labels]:
    """The edges, those that join the strokes of a symbol labeled alike for all symbols."""
    return {
        (a, b): frozenset(_MERGED if name in graph.nodes[a] & graph.nodes[b] else name for name in labels)
        for (a, b), labels in graph.edges.items()
    }


def read_label_graph(text: str, source: str = "label graph") -> LabelGraph:
    """Read `.lg` text, by objects (`O`, `R` or `EO`) or by primitives (`N`, `E`), the fields parted by commas.

    Symbols of several primitives give edges both ways between these, labeled with the symbol; a relation holds between
    all primitives of its two symbols. `#` begins a comment. MetricsError names the line that cannot be read.
    """
    nodes: dict[str, Labels] = {}
    edges: dict[tuple[str, str], Labels] = {}
    objects: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        fields = _fields(line)
        try:
            match fields:
                case []:
                    continue
                case ["N", primitive, name, _]:
                    _add(nodes, primitive, name)
                case ["E", a, b, name, _]:
                    _add(edges, (a, b), name)
                case ["O", key, name, _, _, *_] if key not in objects:
                    objects[key] = fields[4:]
                    for primitive in fields[4:]:
                        _add(nodes, primitive, name)
                    for a, b in product(fields[4:], repeat=2):
                        if a != b:
                            _add(edges, (a, b), name)
                case ["R" | "EO", a, b, name, _]:
                    for pair in product(objects[a], objects[b]):
                        _add(edges, pair, name)
                case _:
                    raise MetricsError(f"{source}: line {number}: not a line of a label graph: {line.strip()[:60]!r}")
        except KeyError as missing:
            raise MetricsError(f"{source}: line {number}: no object {missing} stands before it") from None
    for pair, labels in edges.items():
        if lacking := [end for end in pair if end not in nodes]:
            raise MetricsError(f"{source}: an edge ends in {lacking[0]!r}, which has no label")
        if _MERGED in labels:  # it stands for the symbol that both are part of
            edges[pair] = (labels - {_MERGED}) | (nodes[pair[0]] & nodes[pair[1]])
    return LabelGraph(nodes, edges)


def _fields(line: str) -> list[str]:
    """The fields of a line; a comma that is a symbol is written `COMMA`."""
    line = line.strip()
    return [] if not line or line.startswith("#") else [field.strip() for field in line.split(",")]


def _add(labels: dict[Key, Labels], key: Key, name: str) -> None:
    labels[key] = labels.get(key, _NOTHING) | {"," if name == "COMMA" else name}


def to_label_graph(row: Row, name: str, strokes: Strokes | None = None) -> str:
    """The label graph of an expression as the text of an `.lg` file; `name` is that of the expression.

    Over `strokes`, the ids of those that form each symbol, in the order in which LaTeX writes the symbols: a symbol of
    none is left out, with its relations. Without them symbolic, each symbol being named by its path. Raises
    MetricsError unless there is one list for each symbol.
    """
    symbols = list(_symbols(row))
    if strokes is not None and len(strokes) != len(symbols):
        raise MetricsError(f"{name}: strokes of {len(strokes)} symbols for an expression of {len(symbols)}")
    primitives = [[symbol.path] for symbol in symbols] if strokes is None else strokes
    drawn = [(symbol, parts) for symbol, parts in zip(symbols, primitives) if parts]
    keys = {symbol.path: f"s{number}" for number, (symbol, _) in enumerate(drawn, start=1)}
    lines = [f"# IUD, {name}", f"# Objects({len(drawn)}):"]
    for symbol, parts in drawn:
        token = "COMMA" if symbol.token == "," else symbol.token
        lines.append(f"O, {keys[symbol.path]}, {token}, 1.0, {', '.join(map(quote, parts))}")
    lines += ["", "# Relations from SRT:"]
    pairs = ((s, keys[s.parent]) for s, _ in drawn if s.parent in keys)
    lines += (f"R, {parent}, {keys[s.path]}, {s.relation}, 1.0" for s, parent in pairs)
    return "\n".join(lines) + "\n"


def label_graph(row: Row) -> LabelGraph:
    """The symbolic label graph of an expression: one node a symbol, named by its path."""
    symbols = list(_symbols(row))
    nodes = {symbol.path: frozenset({symbol.token}) for symbol in symbols}
    return LabelGraph(nodes, {(s.parent, s.path): frozenset({s.relation}) for s in symbols if s.parent})


@dataclass(frozen=True, slots=True)
class _PlacedSymbol:
    """A symbol, where it stands, and from which symbol that is reckoned (empty for the first)."""

    token: str
    path: str
    parent: str
    relation: str


_LIMITS = {r"\sum", r"\prod", r"\coprod", r"\lim", r"\bigcup", r"\bigcap", r"\max", r"\min", r"\sup", r"\inf"}
_UNDER = {r"\underline", r"\underbrace", r"\underbracket", r"\underparen", r"\utilde"}


def _symbols(row: Row, parent: str = "", relation: str = "") -> Iterator[_PlacedSymbol]:
    """The symbols of a row: its first stands in `relation` to `parent`, each other to the right of the one before."""
    for node in row:
        head = parent + ("R" if relation == "Right" else relation) if parent else "O"
        token, attached = _parts(node)
        yield _PlacedSymbol(token, head, parent, relation)
        for name, inner in attached:
            yield from _symbols(inner, head, name)
        parent, relation = head, "Right"


def _parts(node: Node) -> tuple[str, Iterable[tuple[str, Row]]]:
    """The sign of a node, and the rows that hang on it by their relations."""
    match node:
        case Symbol(token):
            return token, ()
        case Scripts(base, _, _, limits):
            token, attached = _parts(base) if base is not None else ("{}", ())
            upright = type(base) is Symbol and (limits or token in _LIMITS)
            names = ("Below", "Above") if upright else ("Sub", "Sup")
            return token, (*attached, *(part for part in zip(names, children(node)[1:]) if part[1]))
        case Environment(name, rows, _):
            cells = [(f"Cell{r}.{c}", cell) for r, line in enumerate(rows) for c, cell in enumerate(line)]
            return name, cells
        case Radical() | Arrow():
            names = ("Above", "Inside") if isinstance(node, Radical) else ("Below", "Above")
            token = r"\sqrt" if isinstance(node, Radical) else node.command
            option, row = zip(names, children(node), strict=True)
            return token, (*([option] if option[1] else []), row)
        case _:
            token = "-" if node.command == r"\frac" else node.command
            names = ("Below", "") if isinstance(node, Accent) and token not in _UNDER else ("Above", "Below")
            return token, zip(names, children(node))
