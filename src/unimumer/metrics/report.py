"""The result of an evaluation, and its forms: a table, JSON, and the released system's report."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from unimumer.environment import own_version
from unimumer.metrics.intervals import CONFIDENCE

_SHOWN_IDS = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its 95 % interval and the number of expressions it rests on; a share is 0 to 1."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good one set of predictions is against one set of labels."""

    label_set: str
    """Where the labels come from; figures compare only within one label set."""
    n: int
    """Expressions scored, the unanswered ones included."""
    within: tuple[int, int, int, int]
    """Expressions answered with at most 0, 1, 2 and 3 token errors."""
    exp_rate: Figure
    """Share of exactly equal token sequences."""
    at_most_1: Figure
    """Share with at most 1 token error."""
    at_most_2: Figure
    """Share with at most 2 token errors."""
    at_most_3: Figure
    """Share with at most 3 token errors; CROHME's official counts are of label-graph differences instead."""
    structure: Figure
    """Share that says the same however it is spelled, see `structure.same_structure`; not ExpRate."""
    edit_score: Figure
    """Mean over expressions of 1 - token errors / tokens of the longer side."""
    bleu_4: Figure
    """Corpus BLEU-4, see `bleu.corpus_bleu`."""
    token_error_rate: Figure
    """All token errors / all label tokens; can pass 1."""
    token_edits_per_label_character: Figure
    """All token errors / all label characters with spaces: the released reports' "Character Error Rate"."""
    missing: tuple[str, ...]
    """Ids without an answer: within no number of errors, edit score 0, all their label tokens errors."""
    seed: int
    """Of the bootstrap behind the last four intervals; those of the shares are Wilson's."""
    resamples: int

    def figures(self) -> dict[str, Figure]:
        """The figures by field name, in report order."""
        return {name: getattr(self, name) for name in _TITLES}

    def record(self) -> dict[str, object]:
        """Everything as JSON-ready values, with the package version."""
        return {
            "unimumer": own_version(),
            "label_set": self.label_set,
            "n": self.n,
            "confidence": CONFIDENCE,
            "seed": self.seed,
            "resamples": self.resamples,
            "within": dict(zip(("0", "1", "2", "3"), self.within)),
            "figures": {name: asdict(figure) for name, figure in self.figures().items()},
            "missing": list(self.missing),
        }

    def to_json(self, command: str | None = None) -> str:
        """`record()` as JSON text, with the command that made it when there was one."""
        return json.dumps({**self.record(), "command": command}, indent=2) + "\n"

    def to_text(self) -> str:
        """A table for people: each figure with its interval, in % where it is a share of like things."""
        head = f"{_printable(self.label_set)}: {self.n:,} expressions\n"
        columns = f"  {'figure':<34}{'value':>9}    {f'{CONFIDENCE:.0%} interval':<20}{'n':>7}\n"
        rows = (_line(name, figure) for name, figure in self.figures().items())
        return head + columns + "".join(rows) + self._missing_note()

    def _missing_note(self) -> str:
        if not self.missing:
            return ""
        shown = ", ".join(_printable(name) for name in self.missing[:_SHOWN_IDS])
        more = ", ..." if len(self.missing) > _SHOWN_IDS else ""
        return f"  no answer, counted as wrong: {len(self.missing):,} ({shown}{more})\n"


@dataclass(frozen=True, slots=True)
class Totals:
    """All that the released report says, without the intervals, which need every pair in memory."""

    n: int
    within: tuple[int, ...]
    """As in `Evaluation`, and so are the others."""
    edit_score: float
    bleu_4: float
    token_edits_per_label_character: float


_TITLES = {
    "exp_rate": "ExpRate",
    "at_most_1": "at most 1 token error",
    "at_most_2": "at most 2 token errors",
    "at_most_3": "at most 3 token errors",
    "structure": "structure match",
    "edit_score": "mean edit score",
    "bleu_4": "BLEU-4",
    "token_error_rate": "token error rate",
    "token_edits_per_label_character": "token edits per label character",
}


def _printable(text: str) -> str:
    # Ids come from files: no control characters or lone surrogates on a terminal.
    return text if text.isprintable() else ascii(text)


def _line(name: str, figure: Figure) -> str:
    # Tokens per character are a ratio of unlike things: no percentage.
    scale, digits, unit = (1, 4, "") if name == "token_edits_per_label_character" else (100, 2, " %")
    value, low, high = (f"{scale * number:.{digits}f}" for number in (figure.value, figure.low, figure.high))
    return f"  {_TITLES[name]:<34}{value + unit:>9}    {f'{low} to {high}{unit}':<20}{figure.n:>7,}\n"


def released_report(evaluation: Evaluation) -> str:
    """The released report of an evaluation, see `report_totals`."""
    figures = (evaluation.edit_score, evaluation.bleu_4, evaluation.token_edits_per_label_character)
    return report_totals(Totals(evaluation.n, evaluation.within, *(figure.value for figure in figures)))


def report_totals(totals: Totals) -> str:
    """The text of the released system's `<name>_results.txt`, byte for byte once encoded as UTF-8.

    Its "Character Error Rate" is `token_edits_per_label_character`: that is what the published reports hold,
    although the published script (commit 20fd8ce) divides character edits by them.
    """
    rule = "=" * 60
    shares = [count / totals.n * 100 for count in totals.within]
    lines = [
        "",
        rule,
        " " * 20 + "EVALUATION RESULTS",
        rule,
        "",
        "Dataset Statistics:",
        f"  Total Samples: {totals.n:,}",
        "",
        "Core Metrics:",
        f"  {'Mean Edit Score:':<22}{100 * totals.edit_score:>9.4f}%",
        f"  {'BLEU-4 Score:':<22}{100 * totals.bleu_4:>9.4f}%",
        f"  {'Character Error Rate:':<22}{totals.token_edits_per_label_character:>9.4f}",
        "",
        "Error Threshold Analysis:",
        f"  {'Exact Match Rate:':<22}{shares[0]:>9.4f}% (0 errors)",
        *(f"  {f'Error ≤ {k}:':<22}{shares[k]:>9.4f}%" for k in (1, 2, 3)),
        "",
        "Detailed Error Distribution:",
        # Rounded twice, like the original: 4 digits first.
        *(f"  Errors ≤ {k}: {totals.within[k]:>6,} samples ({round(shares[k], 4):>6.2f}%)" for k in range(4)),
        "",
        rule,
    ]
    return "\n".join(lines) + "\n"
