"""The training ink as flat arrays in one file: quick to load, small enough to carry to another machine."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import is_zipfile

import numpy as np
from numpy.typing import NDArray

from unimumer.compose import ComposeError
from unimumer.compose.alphabet import token_of
from unimumer.files import read_json_lines, read_object, replacing
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
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            version = int(file["version"]) if "version" in file.files else None
            arrays: dict[str, Any] = {f.name: file[f.name] for f in fields(Corpus)} if version == VERSION else {}
        for name in _LISTS if arrays else ():
            stored = json.loads(arrays[name].tobytes())
            arrays[name] = tuple(tuple(one) if isinstance(one, list) else one for one in stored)
    except Exception as error:  # a damaged file raises of many kinds, as unpacking, parsing or numpy stumbles over it
        # Of another file numpy says that it might be loaded as Python objects, which nobody shall.
        why = (str(error) or type(error).__name__) if is_zipfile(path) else "no .npz file"
        raise ComposeError(f"{path} is not a packed corpus ({why}); make one with `unimumer train pack`") from None
    if version != VERSION:
        raise ComposeError(f"{path} was written by another version; pack again with `unimumer train pack`")
    return Corpus(**arrays)


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
    """Yield each single symbol of the alphabet with its token; others are passed over. Raises FileError with the line.

    A JSON line each, `{"s": name, "k": [[[x, y], …], …]}`, y growing downwards: the form in which Detexify (ODbL 1.0)
    and mathnote-ocr (Apache-2.0) are at hand here. Detexify names a symbol by an id; a JSON file beside the lines,
    `NAME-symbols.json` for `NAME.jsonl.gz`, gives the command of each.
    """
    beside = path.with_name(f"{_stem(path)}-symbols.json")
    commands = {id: about["command"] for id, about in read_object(beside).items()} if beside.exists() else {}
    for place, record in read_json_lines(path):
        try:
            token = token_of(commands.get(record["s"], record["s"]))
            strokes = tuple(one for stroke in record["k"] if (one := to_stroke(stroke, "its ink")) is not None)
        except (ValueError, KeyError, TypeError) as error:
            raise place.error(f"not a symbol as JSON ({error})") from None
        if token is not None:
            symbol = InkSymbol(token, tuple(range(len(strokes))), "")
            yield Ink(f"{_stem(path)}-{place.line}", strokes, (symbol,)), token


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
    return _packed(
        [entry.ink for entry in kept],
        [_marks(entry, number) for entry in kept],
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
    n = len(inks)
    marks = [
        [(stroke, -1, -1) for stroke in range(len(ink.strokes))]
        if tokens is None
        else [(token, classes.index(_class_of(text.split()[token])), token) for token in tokens]
        for ink, text, tokens in written
    ]
    return _packed(
        inks,
        marks,
        validation=np.full(n, held),
        lone=np.zeros(n, np.bool_),
        source=np.zeros(n, np.int8),
        labels=tuple(labels),
        classes=classes,
        sources=("own",),
        writer=np.zeros(n, np.int32),
    )


_Marks = Sequence[tuple[int, int, int]]
"""Of each stroke of an expression the number of its symbol, the class of that, and the token that it writes."""


def _packed(inks: Sequence[Ink], marks: Sequence[_Marks], **others: Any) -> Corpus:
    strokes = [stroke for ink in inks for stroke in ink.strokes]
    rows = [(number, *one) for some in marks for number, one in enumerate(some)]
    stroke, symbol, symbol_class, token = np.repeat(np.array(rows, np.int32), list(map(len, strokes)), axis=0).T
    return Corpus(
        points=np.concatenate(strokes),
        stroke=stroke,
        symbol=symbol,
        symbol_class=symbol_class.astype(np.int16),
        token=token.astype(np.int16),
        starts=np.cumsum([0, *(sum(map(len, ink.strokes)) for ink in inks)]),
        size=np.array([typical_size(ink) for ink in inks], np.float32),
        ids=tuple(ink.id for ink in inks),
        **others,
    )


def _class_of(token: str) -> str:
    return "-" if token == r"\frac" else token


def _marks(entry: LabelledInk, number: dict[str, int]) -> _Marks:
    """`number` has the classes; strokes of no symbol are one together, of no class."""
    symbols = entry.ink.symbols
    tied = (0,) if entry.lone else tie(entry.ink, entry.label) or [-1] * len(symbols)
    marks = [(len(symbols), -1, -1)] * len(entry.ink.strokes)
    for i, (symbol, token) in enumerate(zip(symbols, tied)):
        for stroke in symbol.strokes:
            marks[stroke] = (i, number[token_name(symbol.name)], token)
    return marks
