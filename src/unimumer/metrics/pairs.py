"""Pairs of label and prediction, and the files they are read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from unimumer.errors import UnimumerError
from unimumer.files import read_list, read_table

_TABLES = {".tsv", ".txt"}
_T = TypeVar("_T")


class MetricsError(UnimumerError):
    """Predictions or labels that cannot be compared; the message names the file and the item or line."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One expression: what is right, and what was answered."""

    id: str
    label: str
    """Space-tokenized LaTeX."""
    prediction: str | None
    """Space-tokenized LaTeX; None when there is no answer, which counts as wrong."""


def read_pairs(predictions: Path, labels: Path | None = None) -> list[Pair]:
    """Pairs of a predictions file, against its own labels or those of `labels`.

    `predictions` is the released JSON, `[{"gt", "pred", "img_id", …}]` with `"pred": null` for no answer, or
    `.tsv`/`.txt` lines of `id<TAB>LaTeX`, which need `labels`: such lines too (a `caption.txt`). With
    `labels` the pairs come in its order, `gt` is not read, and an id without a prediction has no answer.
    Raises MetricsError for unreadable or malformed files, ids that occur twice and predictions of unknown
    ids.
    """
    table = predictions.suffix.lower() in _TABLES
    if labels is None:
        if table:
            raise MetricsError(f"{predictions}: a table of predictions holds no labels; give a file of labels as well")
        return [_released_pair(item, where) for item, where in _items(predictions)]
    truth = _read_table(labels)
    answers = _read_table(predictions) if table else _released_answers(predictions)
    unknown = [identity for identity in answers if identity not in truth]
    if unknown:
        count = f"{len(unknown)} of {len(answers)} ids"
        raise MetricsError(f"{predictions}: {count} are not in {labels}, the first is {unknown[0]!r}")
    return [Pair(identity, label, answers.get(identity)) for identity, label in truth.items()]


def check_pairs(pairs: Sequence[Pair], source: str) -> None:
    """Raise MetricsError when there is nothing to score or an id occurs twice."""
    if not pairs:
        raise MetricsError(f"{source}: no expressions to score")
    _by_id(((pair.id, pair.label) for pair in pairs), source)


def _by_id(items: Iterable[tuple[str, _T]], source: str) -> dict[str, _T]:
    found: dict[str, _T] = {}
    for identity, value in items:
        if identity in found:
            raise MetricsError(f"{source}: id {identity!r} occurs twice")
        found[identity] = value
    return found


def _read_table(path: Path) -> dict[str, str]:
    """LaTeX by id from lines of `id<TAB>LaTeX`; empty lines are passed over."""
    return _by_id(_table_lines(path), str(path))


def _table_lines(path: Path) -> Iterator[tuple[str, str]]:
    for place, identity, latex in read_table(path):
        if not identity:
            raise MetricsError(f"{place}: expected an id, a tab and LaTeX")
        yield identity, latex


def _items(path: Path) -> Iterator[tuple[dict[str, object], str]]:
    """Objects of a released predictions file, each with its place for messages."""
    for index, item in enumerate(read_list(path)):
        where = f"{path}: item {index}"
        if not isinstance(item, dict):
            raise MetricsError(f"{where} is not an object")
        yield item, where


def _text(item: dict[str, object], key: str, where: str) -> str:
    if key not in item:
        raise MetricsError(f'{where} lacks "{key}"')
    value = item[key]
    if not isinstance(value, str):
        raise MetricsError(f'{where}: "{key}" is not text')
    return value


def _prediction(item: dict[str, object], where: str) -> str | None:
    """None for `"pred": null`; a missing key is an error, so that a wrong file is not scored as all wrong."""
    return None if item.get("pred", "") is None else _text(item, "pred", where)


def _released_pair(item: dict[str, object], where: str) -> Pair:
    return Pair(_text(item, "img_id", where), _text(item, "gt", where), _prediction(item, where))


def _released_answers(path: Path) -> dict[str, str | None]:
    found = ((_text(item, "img_id", where), _prediction(item, where)) for item, where in _items(path))
    return _by_id(found, str(path))
