"""The training ink as flat arrays in one file: quick to load, small enough to carry to another machine."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from tokenize import TokenError
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from unimumer.compose import ComposeError
from unimumer.compose.alphabet import token_of
from unimumer.files import replacing
from unimumer.ink import Ink, InkError, InkSymbol, label, read_inks, typical_size
from unimumer.ink.model import to_stroke
from unimumer.ink.tie import tie, token_name

VERSION = 4
"""Of the packed file; raise it when the arrays, or what labels are rebuilt to, change."""
VALIDATION_SHARE = 0.055
_SPLIT_SEED = 10
"""Chosen before the first training run, so that all five large collections have writers on both sides."""
_LISTS = ("ids", "labels", "classes", "sources", "formulas")
"""Stored as the bytes of a JSON list each."""
_DAMAGE = (OSError, ValueError, TypeError, KeyError, EOFError, SyntaxError, TokenError, BadZipFile, zlib.error)
"""What reading a damaged file raises, besides NotImplementedError."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Expressions as arrays. Points of expression `i` are `points[starts[i]:starts[i + 1]]`."""

    points: NDArray[np.float32]
    """[points, 2], in the collection's own units."""
    stroke: NDArray[np.int32]
    """[points]: number of the stroke within its expression."""
    symbol: NDArray[np.int32]
    """[points]: number of the symbol within its expression."""
    symbol_class: NDArray[np.int16]
    """[points]: class of the symbol, an index into `classes`; -1 for strokes that belong to no symbol."""
    token: NDArray[np.int16]
    """[points]: the token of the label that the symbol writes, -1 in expressions whose tree is not known."""
    starts: NDArray[np.int64]
    """[expressions + 1]"""
    size: NDArray[np.float32]
    """[expressions]: typical symbol size, in the units of `points`."""
    validation: NDArray[np.bool_]
    """[expressions]: held out from training."""
    lone: NDArray[np.bool_]
    """[expressions]: a single symbol that was written by itself, of a collection of symbols."""
    source: NDArray[np.int8]
    """[expressions]: where it is from, an index into `sources`."""
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    classes: tuple[str, ...]
    """Tokens that the symbols write, each once, sorted; the bar of a fraction is `-`."""
    sources: tuple[str, ...]
    """Names of the collections."""
    writer: NDArray[np.int32]
    """[expressions]: number of the hand that wrote it."""
    formulas: tuple[tuple[str, ...], ...] = ()
    """Labels without ink, by collection, each once: what may be laid out in the ink."""

    def __len__(self) -> int:
        """Return the number of expressions."""
        return len(self.labels)

    def ink(self, member: int) -> Ink:
        """The strokes of one expression, without what is known of its symbols."""
        span = slice(self.starts[member], self.starts[member + 1])
        ends = np.flatnonzero(np.diff(self.stroke[span])) + 1
        return Ink(self.ids[member], tuple(np.split(self.points[span], ends)))

    def digest(self) -> str:
        """SHA-256 of ink, labels and classes: whether two corpora train the same."""
        digest = hashlib.sha256(json.dumps([self.labels, self.classes]).encode())
        digest.update(self.points.tobytes())
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write one compressed .npz file, at exactly `path`, whole or not at all."""
        arrays: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in _LISTS:
            arrays[name] = np.frombuffer(json.dumps(arrays[name]).encode(), np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part, part.open("wb") as file:  # numpy would add a suffix to a path
            np.savez_compressed(file, **arrays, version=np.array(VERSION))


class LabelledInk(NamedTuple):
    """Ink to pack, with its label."""

    ink: Ink
    label: str
    source: str = "ink"
    """Name of the collection."""
    held: bool | None = None
    """Whether it is held out from training; None leaves that to its writer."""
    lone: bool = False
    """Whether it is a single symbol, written by itself."""

    @property
    def is_held(self) -> bool:
        """Whether it is held out from training."""
        return is_validation(writer_of(self.ink)) if self.held is None else self.held

    @property
    def hand(self) -> str:
        """Who wrote it, as far as is known: each single symbol counts as of a hand of its own."""
        return f"{self.source} {self.ink.id if self.lone else writer_of(self.ink)}"


def load_corpus(path: Path) -> Corpus:
    """Read what `Corpus.save` wrote. Raises ComposeError when the file is damaged or no such file."""
    try:
        version, arrays = _read(path)
    except (*_DAMAGE, NotImplementedError) as error:
        why = str(error) or type(error).__name__
        raise ComposeError(f"{path} is not a packed corpus ({why}); make one with `unimumer train pack`") from None
    if version != VERSION:
        raise ComposeError(f"{path} was written by another version; pack again with `unimumer train pack`")
    return Corpus(**arrays)


def _read(path: Path) -> tuple[int | None, dict[str, Any]]:
    """Version and fields; no fields when the version is another."""
    with path.open("rb") as opened:
        file = np.load(opened, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise TypeError("it holds one array")
        version = int(file["version"]) if "version" in file.files else None
        if version != VERSION:
            return version, {}
        arrays: dict[str, Any] = {f.name: file[f.name] for f in fields(Corpus)}
    for name in _LISTS:
        arrays[name] = tuple(json.loads(arrays[name].tobytes()))
    arrays["formulas"] = tuple(map(tuple, arrays["formulas"]))
    return version, arrays


def writer_of(ink: Ink) -> str:
    """Who wrote it: the annotated writer, else the form or session that the file's name begins with."""
    writer = ink.annotations.get("writer", "")
    return writer or ink.id.rpartition("-")[0] or ink.id


def is_validation(writer: str) -> bool:
    """Whether a writer's ink is held out: a fixed share of all writers, by hash."""
    digest = hashlib.sha256(f"{_SPLIT_SEED} {writer}".encode()).digest()
    return int.from_bytes(digest[:4], "big") < VALIDATION_SHARE * 2**32


def read_labelled(path: Path, left_out: Callable[[str], None]) -> Iterator[tuple[Ink, str]]:
    """Yield ink with the label rebuilt from it, limits written as in the labels that Uni-MuMER scores against.

    Ink that cannot be read or labelled is reported to `left_out` with the reason.
    """
    for _, ink in read_inks(path):
        try:
            if isinstance(ink, InkError):
                raise ink
            text = label(ink, limits=True)
        except InkError as error:
            left_out(str(error))
        else:
            yield ink, text


def entries(
    ink: Iterable[Path], held_out: Iterable[Path], symbols: Iterable[Path], left_out: Callable[[str], None]
) -> Iterator[LabelledInk]:
    """All there is to pack: `ink` of which some writers are held out, `held_out` as a whole, and single `symbols`.

    A collection has the name of its file or folder. Of the single symbols every twentieth of a token is held out.
    """
    for paths, held in ((ink, None), (held_out, True)):
        for path in paths:
            for one, text in read_labelled(path, left_out):
                yield LabelledInk(one, text, _stem(path), held)
    for path in symbols:
        seen: Counter[str] = Counter()
        for one, token in read_symbols(path):
            seen[token] += 1
            yield LabelledInk(one, token, _stem(path), held=seen[token] % 20 == 10, lone=True)


def read_symbols(path: Path) -> Iterator[tuple[Ink, str]]:
    """Yield each single symbol of the alphabet with its token; others are passed over. Raises InkError with the line.

    A JSON line each, `{"s": name, "k": [[[x, y], …], …]}`, y growing downwards: the form in which Detexify (ODbL 1.0)
    and mathnote-ocr (Apache-2.0) are at hand here. Detexify names a symbol by an id; a JSON file beside the lines,
    `NAME-symbols.json` for `NAME.jsonl.gz`, gives the command of each.
    """
    commands = _commands(path)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            where = f"{path}, line {number}"
            try:
                record = json.loads(line)
                token = token_of(commands.get(record["s"], record["s"]))
                rows = [np.array(stroke, np.float64).reshape(-1, 2).ravel() for stroke in record["k"]]
            except (ValueError, KeyError, TypeError) as error:
                raise InkError(f"{where}: not a symbol as JSON ({error})") from None
            if token is not None:
                strokes = tuple(stroke for row in rows if (stroke := to_stroke(row.tolist(), where)) is not None)
                symbol = InkSymbol(token, tuple(range(len(strokes))), "")
                yield Ink(f"{_stem(path)}-{number}", strokes, (symbol,)), token


def _commands(path: Path) -> dict[str, str]:
    beside = path.with_name(f"{_stem(path)}-symbols.json")
    if not beside.exists():
        return {}
    return {id: about["command"] for id, about in json.loads(beside.read_text(encoding="utf-8")).items()}


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def build_corpus(
    entries: Iterable[LabelledInk],
    left_out: Callable[[str], None] = lambda reason: None,
    formulas: tuple[tuple[str, ...], ...] = (),
) -> Corpus:
    """Pack ink with its labels, and `formulas` without ink.

    Ink without symbols, of no size, or without a label is reported to `left_out`. Raises ComposeError when nothing
    remains to train on, or to hold out.
    """
    kept: list[LabelledInk] = []
    for entry in entries:
        ink, text = entry.ink, entry.label
        if ink.symbols and text and typical_size(ink) > 0:
            kept.append(entry)
        else:
            what = "no symbols are marked" if not ink.symbols else "it is of no size" if text else "its label is empty"
            left_out(f"{ink.id}: {what}")
    if not kept:
        raise ComposeError("no labelled ink with symbols to train on")
    validation = np.array([entry.is_held for entry in kept])
    if validation.all() or not validation.any():
        side = "held out from training" if validation.all() else "trained on, none held out to measure by"
        raise ComposeError(f"the writers of all {len(kept)} inks are {side}; training needs ink of several writers")
    classes = tuple(sorted({token_name(symbol.name) for entry in kept for symbol in entry.ink.symbols}))
    number = {name: i for i, name in enumerate(classes)}
    sources = tuple(dict.fromkeys(entry.source for entry in kept))
    columns = [np.concatenate(part) for part in zip(*(_flatten(entry, number) for entry in kept))]
    return _packed(
        [entry.ink for entry in kept],
        columns,
        validation=validation,
        lone=np.array([entry.lone for entry in kept]),
        source=np.array([sources.index(entry.source) for entry in kept], np.int8),
        labels=tuple(entry.label for entry in kept),
        classes=classes,
        sources=sources,
        writer=np.unique([entry.hand for entry in kept], return_inverse=True)[1].astype(np.int32),
        formulas=formulas,
    )


def person_corpus(written: Sequence[tuple[Ink, str, Sequence[int] | None]], *, held: bool = False) -> Corpus:
    """Pack one person's ink, of which nothing is known but its labels.

    Beside ink and label comes the token of the label that each stroke writes; where that is None, the ink is varied
    stroke by stroke, and never taken apart. With `held` it is all to measure by, else all to train on. There is at
    least one; raises ComposeError for ink of no size.
    """
    inks, labels, _ = zip(*written)
    if flat := [ink.id for ink in inks if not typical_size(ink)]:
        raise ComposeError(f"{flat[0]}: it is of no size")
    classes = tuple(sorted({_class_of(token) for text in labels for token in text.split()}))
    columns = [np.concatenate(part) for part in zip(*(_untied(*one, classes) for one in written))]
    n = len(inks)
    return _packed(
        inks,
        columns,
        validation=np.full(n, held),
        lone=np.zeros(n, np.bool_),
        source=np.zeros(n, np.int8),
        labels=tuple(labels),
        classes=classes,
        sources=("own",),
        writer=np.zeros(n, np.int32),
    )


def _packed(inks: Sequence[Ink], columns: Sequence[NDArray[np.generic]], **others: Any) -> Corpus:
    """A corpus of `inks`; `columns` are points, stroke, symbol, symbol class and token of all, a row a point."""
    kinds = (np.float32, np.int32, np.int32, np.int16, np.int16)
    names = ("points", "stroke", "symbol", "symbol_class", "token")
    arrays: dict[str, Any] = {name: column.astype(kind) for name, column, kind in zip(names, columns, kinds)}
    return Corpus(
        **arrays,
        starts=np.concatenate([[0], np.cumsum([sum(map(len, ink.strokes)) for ink in inks])]),
        size=np.array([typical_size(ink) for ink in inks], np.float32),
        ids=tuple(ink.id for ink in inks),
        **others,
    )


def _class_of(token: str) -> str:
    return "-" if token == r"\frac" else token


def _untied(
    ink: Ink, text: str, tokens: Sequence[int] | None, classes: tuple[str, ...]
) -> Iterator[NDArray[np.generic]]:
    """Points, stroke, symbol, symbol class and token of one expression, a row a point."""
    lengths, label = [len(stroke) for stroke in ink.strokes], text.split()
    strokes, nothing = range(len(lengths)), [-1] * len(lengths)
    kinds = nothing if tokens is None else [classes.index(_class_of(label[token])) for token in tokens]
    yield np.concatenate(ink.strokes)
    for column in (strokes, tokens or strokes, kinds, tokens or nothing):
        yield np.repeat(np.array(list(column)), lengths)


def _flatten(entry: LabelledInk, number: dict[str, int]) -> Iterator[NDArray[np.generic]]:
    """Points, stroke, symbol, symbol class and token of one expression, a row a point."""
    ink = entry.ink
    owner = {stroke: i for i, symbol in enumerate(ink.symbols) for stroke in symbol.strokes}
    lengths = [len(stroke) for stroke in ink.strokes]
    symbols = [owner.get(i, len(ink.symbols)) for i in range(len(ink.strokes))]
    classes = [number[token_name(ink.symbols[s].name)] if s < len(ink.symbols) else -1 for s in symbols]
    tied = (0, -1) if entry.lone else (*(tie(ink, entry.label) or [-1] * len(ink.symbols)), -1)
    yield np.concatenate(ink.strokes)
    for column in (range(len(lengths)), symbols, classes, [tied[s] for s in symbols]):
        yield np.repeat(np.array(list(column)), lengths)
