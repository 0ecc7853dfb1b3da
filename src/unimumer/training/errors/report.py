"""Reports and draws what the models of the folds are worth, what they confuse, and what became of all they wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from unimumer.batch import BatchItem
from unimumer.results import Result
from unimumer.tasks.answers import spaced
from unimumer.training.errors.confusions import STRUCTURES, Confusion, count
from unimumer.training.errors.entries import Entry, Pool

_SHOWN = 20
KINDS = ("exchanged", "missed", "added")

# Of the picture, in pixels and colors.
_ROW, _TEXT, _WIDTH, _BAR, _MARGIN = 26, 170, 470, 230, 24
_INK, _PALE, _PAPER = (40, 40, 40), (120, 120, 120), (255, 255, 255)
_COLORS = {"exchanged": (52, 101, 164), "missed": (204, 102, 0), "added": (78, 154, 6)}
_PAIRS, _ALONE = 24, 11

Bar = tuple[str, int, str]
"""Name, length and kind."""


def score(fold: int, model: str, items: Sequence[BatchItem], drawn: Sequence[Result]) -> dict[str, Any]:
    """How good the model of a fold is on its pictures, which it has not trained on, ready for JSON.

    `exprate` and `drawn_right`, in %, are the shares of pictures whose greedy answer, and of drawn texts that, are the
    label token for token.
    """
    labels = [spaced(item.prompted.label) for item in items]
    answered = [(one, label) for one, label in zip(drawn, labels) if one.reason is None]
    right = sum(spaced(one.candidates[0].latex) == label for one, label in answered)
    texts = [spaced(text.latex) == label for one, label in answered for text in one.candidates[1:]]
    return {
        "fold": fold,
        "model": model,
        "pictures": len(items),
        "answered": len(answered),
        "exprate": round(100 * right / max(1, len(items)), 2),
        "drawn": len(texts),
        "drawn_right": round(100 * sum(texts) / max(1, len(texts)), 2),
    }


def summary(
    pool: Pool, finds: Sequence[Entry], fixes: Sequence[Entry], folds: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """All figures of a run, ready for JSON; a confusion counts the candidates that show it.

    Texts and confusions are those of `pool`, of which the records to find errors in were chosen.
    """
    found = count(entry.errors for entry in pool.wrong)
    kept = count(entry.errors for entry in finds)
    order = sorted(found, key=lambda one: (-found[one], one))
    return {
        "folds": folds,
        "texts": {
            "all": pool.texts,
            "repeated_or_empty": pool.repeated,
            "same_in_other_notation": pool.notation,
            "more_wrong_than_right": pool.far,
            "invalid": len(pool.invalid),
            "right": len(pool.right),
            "wrong": len(pool.wrong),
        },
        "records_to_find_errors": _records(finds),
        "records_to_fix_errors": _records(fixes),
        "structures": {name: _structure(name, found, kept) for name in STRUCTURES},
        "confusions": [
            {**asdict(one), "kind": one.kind, "structure": one.structure, "found": found[one], "kept": kept[one]}
            for one in order
        ],
    }


def markdown(figures: dict[str, Any]) -> str:
    """The figures of `summary` as short tables."""
    folds = [
        (f["fold"], f["model"], f["pictures"], f"{f['exprate']:.1f} %", f"{f['drawn_right']:.1f} %")
        for f in figures["folds"]
    ]
    symbols = [one for one in figures["confusions"] if one["kind"] == "exchanged" and not one["structure"]][:_SHOWN]
    structures = [
        (name, *(f"{counts[kind]['found']:,} / {counts[kind]['kept']:,}" for kind in KINDS))
        for name, counts in figures["structures"].items()
    ]
    parts = [
        _table(("fold", "model", "held-out pictures", "ExpRate, greedy", "drawn texts right"), folds),
        _table(("texts", "number"), [(k.replace("_", " "), f"{v:,}") for k, v in figures["texts"].items()]),
        _table(
            ("records", "to find errors", "to fix them"),
            [
                (k.replace("_", " "), f"{v:,}", f"{figures['records_to_fix_errors'][k]:,}")
                for k, v in figures["records_to_find_errors"].items()
            ],
        ),
        _table(
            ("label", "read as", "candidates", "records"),
            [(f"`{one['label']}`", f"`{one['read']}`", one["found"], one["kept"]) for one in symbols],
        ),
        _table(("structure, candidates / records", *KINDS), structures),
    ]
    return "\n".join(parts)


def _records(chosen: Sequence[Entry]) -> dict[str, float]:
    wrong = [len(entry.edits) for entry in chosen if entry.edits]
    return {
        "all": len(chosen),
        "right": len(chosen) - len(wrong),
        "pictures": len({entry.item.index for entry in chosen}),
        "errors_a_wrong_record": round(sum(wrong) / max(1, len(wrong)), 2),
        "different_confusions": len(count(entry.errors for entry in chosen)),
    }


def _structure(name: str, found: Counter[Confusion], kept: Counter[Confusion]) -> dict[str, dict[str, int]]:
    def total(counts: Counter[Confusion], kind: str) -> int:
        return sum(n for one, n in counts.items() if one.structure == name and one.kind == kind)

    return {kind: {"found": total(found, kind), "kept": total(kept, kind)} for kind in KINDS}


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    # A bar would end the cell, even in code.
    cells = (" | ".join(str(cell).replace("|", "\\|") for cell in line) for line in lines)
    return "".join(f"| {line} |\n" for line in cells)


def plot(figures: dict[str, Any], path: Path) -> None:
    """Write a PNG of the figures of `summary`; bars count the wrong candidates found, before the choice."""
    columns = _columns(figures)
    rows = max(sum(len(bars) + 2 for _, bars in column) for column in columns)
    image = Image.new("RGB", (_MARGIN + len(columns) * _WIDTH, 2 * _MARGIN + rows * _ROW), _PAPER)
    pen = ImageDraw.Draw(image)
    for i, column in enumerate(columns):
        y = _MARGIN
        for title, bars in column:
            y = _panel(pen, (_MARGIN + i * _WIDTH, y), title, bars)
    image.save(path, "PNG")


def _columns(figures: dict[str, Any]) -> tuple[list[tuple[str, list[Bar]]], ...]:
    by_kind: dict[str, list[Bar]] = {kind: [] for kind in KINDS}
    for one in figures["confusions"]:
        if one["structure"]:
            continue
        name = f"{one['label']}  as  {one['read']}" if one["kind"] == "exchanged" else one["label"] or one["read"]
        by_kind[one["kind"]].append((name, one["found"], one["kind"]))
    structures = [
        (f"{name} {kind}", counts[kind]["found"], kind)
        for name, counts in figures["structures"].items()
        for kind in KINDS
        if counts[kind]["found"]
    ]
    return (
        [("Read as another: label as reading", by_kind["exchanged"][:_PAIRS])],
        [("Missed symbols", by_kind["missed"][:_ALONE]), ("Made-up symbols", by_kind["added"][:_ALONE])],
        [("Structures", sorted(structures, key=lambda bar: -bar[1]))],
    )


def _panel(pen: ImageDraw.ImageDraw, corner: tuple[int, int], title: str, bars: Sequence[Bar]) -> int:
    """Draw bars under a title; the place below them."""
    x, y = corner
    font, bold = ImageFont.load_default(15), ImageFont.load_default(18)
    pen.text((x, y), title, _INK, bold)
    longest = max((length for _, length, _ in bars), default=1)
    for name, length, kind in bars:
        y += _ROW
        pen.text((x + _TEXT, y + 12), name, _INK, font, anchor="rm")
        end = x + _TEXT + 8 + max(1, round(_BAR * length / longest))
        pen.rectangle((x + _TEXT + 8, y + 4, end, y + 20), _COLORS[kind])
        pen.text((end + 6, y + 12), f"{length:,}", _PALE, font, anchor="lm")
    return y + 2 * _ROW
