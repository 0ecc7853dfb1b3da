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
    """Cells by model and set, each with its mark; the notes say what a mark means."""

    score: str
    models: tuple[str, ...]
    """Best first, by the first set."""
    datasets: tuple[str, ...]
    cells: Mapping[tuple[str, str], tuple[LeaderboardEntry, str]]
    notes: tuple[str, ...]


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
    datasets = tuple(dict.fromkeys(entry.dataset for entry in entries))
    marks, notes = _marks(cells, datasets, score)
    worst = -1 if score in ("token_error_rate", "token_edits_per_label_character") else 1
    models = sorted(
        dict.fromkeys(entry.model for entry in entries),
        key=lambda model: [
            -worst * cells[key].figure.value if (key := (model, name)) in cells else 9.0 for name in datasets
        ],
    )
    return Leaderboard(
        score, tuple(models), datasets, {key: (entry, marks[key]) for key, entry in cells.items()}, tuple(notes)
    )


def _marks(
    cells: Mapping[tuple[str, str], LeaderboardEntry], datasets: Sequence[str], score: str
) -> tuple[dict[tuple[str, str], str], list[str]]:
    """A letter for each basis of a set that is not its most frequent one, and what the letters mean."""
    marks = dict.fromkeys(cells, "")
    notes: list[str] = []
    for name in datasets:
        here = {key: entry for key, entry in cells.items() if key[1] == name}
        usual = _usual(list(here.values()), score)
        for basis in dict.fromkeys(entry.basis(score) for entry in here.values()):
            if basis == usual.basis(score):
                continue
            letter = chr(ord("a") + len(notes) % 26) * (1 + len(notes) // 26)
            odd = [key for key, entry in here.items() if entry.basis(score) == basis]
            marks |= dict.fromkeys(odd, letter)
            notes.append(f"{letter}: does not compare within {printable(name)}: {_difference(here[odd[0]], usual)}")
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


def rows(board: Leaderboard) -> list[list[str]]:
    """The table as text: a head line, then a line for each model."""
    head = ["model"]
    for name in board.datasets:
        usual = _usual([entry for entry, _ in board.cells.values() if entry.dataset == name], board.score)
        head.append(f"{name} (n {usual.figure.n:,})")
    return [head, *([model, *(_cell(board, model, name) for name in board.datasets)] for model in board.models)]


def _cell(board: Leaderboard, model: str, dataset: str) -> str:
    if (model, dataset) not in board.cells:
        return "-"
    entry, mark = board.cells[model, dataset]
    value, interval = written(board.score, entry.figure)
    return f"{value} ({interval.removesuffix(' %')}){' ' + mark if mark else ''}"


def to_text(board: Leaderboard) -> str:
    """For a terminal."""
    table = [[printable(cell) for cell in row] for row in rows(board)]
    widths = [max(map(len, column)) for column in zip(*table)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in table]
    return "\n".join([f"{TITLES[board.score]}, with 95 % intervals", *lines, *board.notes]) + "\n"


def to_markdown(board: Leaderboard) -> str:
    """For a document; the title stands above the table."""
    head, *body = [[printable(cell).replace("<", "&lt;").replace("`", "&#96;") for cell in row] for row in rows(board)]
    notes = [f"\n{note}" for note in board.notes]
    return "\n".join([f"{TITLES[board.score]}, with 95 % intervals.", "", *markdown_table(head, body), *notes]) + "\n"


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(printable(text))}</{name}>"


def to_html(board: Leaderboard) -> str:
    """One page without a script."""
    head, *body = rows(board)
    lines = [
        [_tag("th", cell) for cell in head],
        *([_tag("th", first), *(_tag("td", cell) for cell in rest)] for first, *rest in body),
    ]
    table = "\n".join(f"<tr>{''.join(line)}</tr>" for line in lines)
    notes = "".join(f"<p>{escape(note)}</p>" for note in board.notes)
    page = (files(__package__) / "assets" / "leaderboard.html").read_text("utf-8")
    style = (files(__package__) / "assets" / "report.css").read_text("utf-8")
    texts = {"STYLE": style, "TITLE": TITLES[board.score], "TABLE": table, "NOTES": notes}
    for name, text in texts.items():
        page = page.replace(f"<!--{name}-->", text)
    return page
