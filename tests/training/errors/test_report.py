from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from unimumer.training.errors.entries import balance, collect
from unimumer.training.errors.report import markdown, plot, score, summary

from .conftest import Pairs

GIVEN = (
    ("| x | + 1", ["1 x | + 1", "| x | + 1", "1 X | + 1"]),
    ("a ^ { 2 } + b", ["a 2 + b"]),
    ("c", ["c"]),
)


def test_the_model_of_a_fold_is_measured_by_its_greedy_answers(pairs: Pairs) -> None:
    items, drawn = pairs(*GIVEN)
    made = score(1, "m", items, drawn)
    assert made["pictures"] == made["answered"] == 3 and made["exprate"] == 33.33
    assert made["drawn"] == 2 and made["drawn_right"] == 50.0


def test_figures_tables_and_plot(pairs: Pairs, tmp_path: Path) -> None:
    items, drawn = pairs(*GIVEN)
    pool = collect(items, drawn, single=False, log=True)
    figures = summary(pool, balance(pool, 2, 0.0, 0), [], [score(0, "m", items, drawn)])
    first = {"label": "|", "read": "1", "kind": "exchanged", "structure": None, "found": 2}
    assert first.items() <= figures["confusions"][0].items()
    assert figures["structures"]["scripts"]["missed"]["found"] == 1
    assert figures["texts"]["wrong"] == 3 and figures["records_to_find_errors"]["all"] == 2
    table = markdown(figures)
    assert "| `\\|` | `1` | 2 |" in table and "| 0 | m | 3 | 33.3 % |" in table
    plot(figures, tmp_path / "plot.png.part")
    with Image.open(tmp_path / "plot.png.part") as image:
        pixels = np.asarray(image)
    assert image.format == "PNG" and (pixels == (52, 101, 164)).all(axis=2).sum() > 1000


def test_nothing_found_is_reported_and_drawn_too(pairs: Pairs, tmp_path: Path) -> None:
    items, drawn = pairs(("x", ["x"]))
    pool = collect(items, drawn, single=False, log=True)
    figures = summary(pool, [], [], [score(0, "m", items, drawn)])
    assert figures["confusions"] == []
    plot(figures, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 0
