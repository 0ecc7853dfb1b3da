"""Draws the confusions that were found: symbols read as others, what was missed or made up, and structures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from unimumer.training.errors.report import KINDS

_ROW, _TEXT, _WIDTH, _BAR, _MARGIN = 26, 170, 470, 230, 24
_INK, _PALE, _PAPER = (40, 40, 40), (120, 120, 120), (255, 255, 255)
_COLORS = {"exchanged": (52, 101, 164), "missed": (204, 102, 0), "added": (78, 154, 6)}
_PAIRS, _ALONE = 24, 11

Bar = tuple[str, int, str]
"""Name, length and kind."""


def plot(figures: dict[str, Any], path: Path) -> None:
    """Write a PNG of the figures of `report.summary`; bars count the wrong candidates found, before the choice."""
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
