"""Pairs of label and prediction, and the files they are read from."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from unimumer.errors import UnimumerError
from unimumer.files import FileError, Place, read_json_lines, read_objects, read_table, readable

_NAMES = {
    "id": ("img_id", "id"),
    "label": ("gt", "label"),
    "prediction": ("pred", "prediction"),
    "image": ("image_path", "image"),
    "confidence": ("confidence",),
}
"""What the fields of a pair are called in files: the released name first."""
_TABLES = {".tsv": "\t", ".csv": ","}
_CAPTIONS = {".tsv", ".txt"}
MAX_BYTES = 128 << 20
"""Of a file: some 600,000 expressions, which take 0.9 GB of memory once scored; the largest set has 396,014."""


class _Plain(csv.excel_tab):
    """A table in which quotation marks are signs like others, as LaTeX has them."""

    quoting = csv.QUOTE_NONE


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
    confidence: float | None = None
    """Probability of the answer, 0 to 1, where the file has one."""
    image: str = ""
    """Path of the picture, where the file has one."""


@dataclass(frozen=True, slots=True)
class PairSet:
    """The pairs of one file, and where their labels are from."""

    pairs: Sequence[Pair]
    label_set: str
    """Name of the file with the labels and of its folder, which tells one `caption.txt` from another."""
    warnings: tuple[str, ...] = ()
    """What was read, and may not be what was meant."""


def read_pairs(predictions: Path, labels: Path | None = None) -> PairSet:
    """Pairs of a predictions file, against its own labels or those of `labels`.

    `predictions` is a `.json` list or `.jsonl` lines of objects, or a `.csv`/`.tsv` table with a head line; they have
    the fields of the released files (`gt`, `pred`, `img_id`; `null` for no answer) or `label`, `prediction`, `id`, and
    maybe `confidence` and `image`; or lines of `unimumer.results`. With `labels`, a table `id<TAB>LaTeX` or any of the
    former, `predictions` may be such a table too; pairs then come in the order of `labels`, and an id without a
    prediction has no answer. Ids that occur twice are numbered with a warning; against a file of labels they must occur
    there as often. Raises MetricsError or FileError, with the place, for everything else.
    """
    found = list(_numbered(_read(predictions, bare=labels is not None)))
    # The folder tells one caption.txt from another.
    label_set = "/".join((labels or predictions).parts[-2:])
    if labels is not None:
        truth = {pair.id: pair for pair in _numbered(_read(labels, bare=True, truth=True))}
        found = _joined(truth, found, predictions, labels)
    if not found:
        raise MetricsError(f"{predictions}: no expressions to score")
    if not any(pair.label.strip() for pair in found):
        raise MetricsError(f"{labels or predictions}: every label is empty: give a file of labels")
    return PairSet(found, label_set, tuple(_warnings(found)))


def check_size(path: Path) -> None:
    """Raise MetricsError for a file that is larger than what is held in memory, FileError for one that is not there."""
    with readable(path):
        size = path.stat().st_size
    if size > MAX_BYTES:
        raise MetricsError(f"{path}: {size:,} bytes; at most {MAX_BYTES:,} are scored at once: give it in parts")


def _joined(truth: Mapping[str, Pair], answers: Sequence[Pair], predictions: Path, labels: Path) -> list[Pair]:
    unknown = [pair.id for pair in answers if pair.id not in truth]
    if unknown:
        count = f"{len(unknown)} of {len(answers)} ids"
        raise MetricsError(f"{predictions}: {count} are not in {labels}, the first is {unknown[0]!r}")
    found = {pair.id: pair for pair in answers}
    return [replace(found.get(id, Pair(id, "", None)), label=pair.label) for id, pair in truth.items()]


def _warnings(pairs: Sequence[Pair]) -> Iterator[str]:
    twice = [pair.id for pair in pairs if pair.id.endswith(" (2)")]
    if twice:
        yield f"{len(twice)} ids occur more than once, the first is {twice[0][:-4]!r}; each is scored"
    if empty := sum(not pair.label.strip() for pair in pairs):
        yield f"{empty} labels are empty"


def _numbered(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Pairs under ids of their own: the second `a` is `a (2)`, as one name in two folders gives."""
    seen: Counter[str] = Counter()
    for pair in pairs:
        seen[pair.id] += 1
        yield pair if seen[pair.id] == 1 else replace(pair, id=f"{pair.id} ({seen[pair.id]})")


def _read(path: Path, bare: bool, truth: bool = False) -> Iterator[Pair]:
    """Pairs of a file; a `bare` one may lack labels or, when it is the `truth`, predictions."""
    check_size(path)
    suffix = path.suffix.lower()
    lacking = "prediction" if truth else "label"
    if suffix in _TABLES and (rows := _rows(path, _TABLES[suffix])) is not None:
        objects: Iterator[tuple[Place, Mapping[str, object]]] = rows
    elif suffix in _CAPTIONS:
        if not bare:
            raise MetricsError(f"{path}: lines of id and LaTeX hold no labels; give a file of labels as well")
        yield from _captions(path, truth)
        return
    elif suffix in (".jsonl", ".ndjson"):
        objects = _records(path)
    else:
        objects = read_objects(path)
    for place, item in objects:
        yield _pair(item, place, lacking if bare else "")


def _captions(path: Path, truth: bool) -> Iterator[Pair]:
    for place, id, latex in read_table(path):
        if not id:
            raise place.error("expected an id, a tab and LaTeX")
        yield Pair(id, latex, None) if truth else Pair(id, "", latex)


def _rows(path: Path, delimiter: str) -> Iterator[tuple[Place, dict[str, object]]] | None:
    """Rows of a table by its head line; None for one without a head line. An empty confidence is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, dialect="excel" if delimiter == "," else _Plain, strict=True)
            head = {name.strip() for name in reader.fieldnames or ()}
            if not any(name in head for name in _NAMES["id"]):
                if delimiter == ",":
                    raise Place(path, 1).error("expected a head line with id, label and prediction")
                return None
            rows = [(Place(path, reader.line_num), _row(row)) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return iter(rows)


def _row(row: Mapping[str, object]) -> dict[str, object]:
    content: dict[str, object] = {str(name).strip(): value for name, value in row.items()}
    with suppress(ValueError):  # what is no number is left as text, which `_pair` refuses with its place
        content["confidence"] = float(str(content["confidence"])) if content.get("confidence") else None
    return content


def _records(path: Path) -> Iterator[tuple[Place, Mapping[str, object]]]:
    """Objects of JSON lines; those of a journal that `infer` wrote are its results, in the order of the items."""
    lines = read_json_lines(path)
    for place, item in lines:
        if not isinstance(item, dict):
            raise place.error("not a JSON object")
        if "journal" in item:
            yield from _results(path)
            return
        yield place, item


def _results(path: Path) -> Iterator[tuple[Place, Mapping[str, object]]]:
    from unimumer.results import read_results

    for line, result in enumerate(read_results(path), start=2):
        best = result.candidates[result.chosen] if result.candidates else None
        content = {"id": result.id, "label": result.label, "image": result.image}
        said = {"prediction": best.latex, "confidence": best.confidence} if best else {"prediction": None}
        yield Place(path, line), {**content, **said}


def _pair(item: Mapping[str, object], place: Place, lacking: str) -> Pair:
    confidence = _value(item, "confidence", None)
    if confidence is not None and not (type(confidence) in (int, float) and 0 <= confidence <= 1):  # type: ignore[operator]
        raise place.error('"confidence" is not a number from 0 to 1')
    prediction = _value(item, "prediction", None if lacking == "prediction" else ...)
    return Pair(
        _text(item, "id", place),
        "" if lacking == "label" else _text(item, "label", place),
        # A missing key is an error, so that a wrong file is not scored as all wrong; `null` is no answer.
        None if prediction is None else _text(item, "prediction", place),
        float(confidence) if isinstance(confidence, (int, float)) else None,
        str(_value(item, "image", "") or ""),
    )


def _value(item: Mapping[str, object], field: str, default: object) -> object:
    return next((item[name] for name in _NAMES[field] if name in item), default)


def _text(item: Mapping[str, object], field: str, place: Place) -> str:
    value = _value(item, field, ...)
    if value is ...:
        raise place.error(f'lacks "{_NAMES[field][0]}"')
    if not isinstance(value, str):
        raise place.error(f'"{_NAMES[field][0]}" is not text')
    return value
