"""Many results in one table: models down, sets across, and a mark at every number that compares with no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from unimumer.files import read_json
from unimumer.metrics.analysis import analyze
from unimumer.metrics.evaluation import TITLES, evaluate
from unimumer.metrics.intervals import Figure
from unimumer.metrics.pairs import MetricsError, check_size
from unimumer.metrics.report import markdown_table, printable, written
from unimumer.metrics.schema import SCHEMA, record


@dataclass(frozen=True, slots=True)
class LeaderboardEntry:
    """One result: a model on a set."""

    model: str
    dataset: str
    figure: Figure
    labels: str
    """SHA-256 of ids and labels."""
    spellings: int
    """Version of what counts as one notation."""

    def basis(self, score: str) -> tuple[object, ...]:
        """What must be equal for two entries to compare: the labels, and for a match its table of spellings."""
        return self.labels, self.spellings if score.endswith("_match") else 0


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """A table as text."""

    title: str
    rows: list[list[str]]
    """A head line, then a line for each model, best first by the first set."""
    notes: list[str]
    """What the marks in the table mean."""


def read_entries(paths: Sequence[Path], score: str) -> Iterator[LeaderboardEntry]:
    """Results that `evaluate --json` or `benchmark` wrote, and predictions with their labels, which are scored first.

    Predictions `MODEL/SET_pred.json` are of that model on that set. Raises MetricsError or FileError.
    """
    for path in paths:
        check_size(path)
        content = read_json(path) if path.suffix.lower() == ".json" else []
        if isinstance(content, dict):
            if not isinstance(found := content.get("evaluations"), list):
                raise MetricsError(f'{path}: neither predictions nor results: a JSON object without "evaluations"')
            yield from (_entry(one, path, score) for one in found)
        else:
            yield _entry(record(analyze(evaluate(path)), items=False), path, score)


def _entry(content: Any, path: Path, score: str) -> LeaderboardEntry:
    try:
        if content["schema"] != SCHEMA:
            raise MetricsError(f"{path}: results of schema {content['schema']!r}; this version reads {SCHEMA}")
        source = Path(content["predictions"])
        return LeaderboardEntry(
            model=content.get("model") or source.absolute().parent.name,
            dataset=source.stem.removesuffix("_pred").removesuffix("_items"),
            figure=Figure(**content["figures"][score]),
            labels=content["labels_sha256"],
            spellings=content["spellings"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise MetricsError(f"{path}: not results of schema {SCHEMA}: {error!r}") from None


def leaderboard(entries: Sequence[LeaderboardEntry], score: str) -> Leaderboard:
    """Order results by model and set. Raises MetricsError when a model has two on one set."""
    cells: dict[tuple[str, str], LeaderboardEntry] = {}
    for entry in entries:
        key = entry.model, entry.dataset
        if key in cells:
            raise MetricsError(
                f"two results of {entry.model!r} on {entry.dataset!r}; put them into folders of their own"
            )
        cells[key] = entry
    datasets = list(dict.fromkeys(entry.dataset for entry in entries))
    usual = {name: _usual([entry for entry in entries if entry.dataset == name], score) for name in datasets}
    marks, notes = _marks(cells, usual, score)
    best = 1 if score in ("token_error_rate", "token_edits_per_label_character") else -1
    models = sorted(
        dict.fromkeys(entry.model for entry in entries),
        key=lambda model: [
            best * cells[model, name].figure.value if (model, name) in cells else 9.0 for name in datasets
        ],
    )

    def cell(key: tuple[str, str]) -> str:
        if key not in cells:
            return "-"
        value, interval = written(score, cells[key].figure)
        return f"{value} ({interval.removesuffix(' %')}) {marks.get(key, '')}".rstrip()

    head = ["model", *(f"{name} (n {usual[name].figure.n:,})" for name in datasets)]
    rows = [[model, *(cell((model, name)) for name in datasets)] for model in models]
    return Leaderboard(f"{TITLES[score]}, with 95 % intervals", [head, *rows], notes)


def _marks(
    cells: Mapping[tuple[str, str], LeaderboardEntry], usual: Mapping[str, LeaderboardEntry], score: str
) -> tuple[dict[tuple[str, str], str], list[str]]:
    """A letter for each basis of a set that is not its usual one, and what the letters mean."""
    marks: dict[tuple[str, str], str] = {}
    notes: list[str] = []
    for name, like in usual.items():
        odd = {key: one for key, one in cells.items() if key[1] == name and one.basis(score) != like.basis(score)}
        for basis in dict.fromkeys(one.basis(score) for one in odd.values()):
            letter = chr(ord("a") + len(notes) % 26) * (1 + len(notes) // 26)
            alike = [key for key, one in odd.items() if one.basis(score) == basis]
            marks |= dict.fromkeys(alike, letter)
            notes.append(f"{letter}: does not compare within {printable(name)}: {_difference(odd[alike[0]], like)}")
    return marks, notes


def _usual(entries: Sequence[LeaderboardEntry], score: str) -> LeaderboardEntry:
    """One of the most that compare with each other; of as many, those of the larger set."""
    bases = Counter(entry.basis(score) for entry in entries)
    return max(entries, key=lambda entry: (bases[entry.basis(score)], entry.figure.n))


def _difference(entry: LeaderboardEntry, usual: LeaderboardEntry) -> str:
    if entry.figure.n != usual.figure.n:
        return f"n {entry.figure.n:,}, the others {usual.figure.n:,}"
    if entry.labels != usual.labels:
        return f"other labels or ids ({entry.labels[:8]}, the others {usual.labels[:8]})"
    return f"spellings of version {entry.spellings}, the others {usual.spellings}"


def to_text(board: Leaderboard) -> str:
    """For a terminal."""
    table = [[printable(cell) for cell in row] for row in board.rows]
    widths = [max(map(len, column)) for column in zip(*table)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in table]
    return "\n".join([board.title, *lines, *board.notes]) + "\n"


def to_markdown(board: Leaderboard) -> str:
    """For a document; the title stands above the table."""
    head, *body = [[printable(cell).replace("<", "&lt;").replace("`", "&#96;") for cell in row] for row in board.rows]
    notes = [f"\n{note}" for note in board.notes]
    return "\n".join([f"{board.title}.", "", *markdown_table(head, body), *notes]) + "\n"


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(printable(text))}</{name}>"


def to_html(board: Leaderboard) -> str:
    """One page without a script."""
    head, *body = board.rows
    lines = [
        [_tag("th", cell) for cell in head],
        *([_tag("th", first), *(_tag("td", cell) for cell in rest)] for first, *rest in body),
    ]
    table = "\n".join(f"<tr>{''.join(line)}</tr>" for line in lines)
    notes = "".join(f"<p>{escape(note)}</p>" for note in board.notes)
    page = (files(__package__) / "assets" / "leaderboard.html").read_text("utf-8")
    style = (files(__package__) / "assets" / "report.css").read_text("utf-8")
    texts = {"STYLE": style, "TITLE": board.title.partition(",")[0], "TABLE": table, "NOTES": notes}
    for name, text in texts.items():
        page = page.replace(f"<!--{name}-->", text)
    return page
