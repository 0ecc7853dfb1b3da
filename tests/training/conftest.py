"""A made-up collection of ink, small enough to train on in seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unimumer.ink import Ink, Symbol
from unimumer.training.nano.corpus import Corpus, build_corpus

SHAPES = {
    "x": [[(0, 0), (10, 12)], [(10, 0), (0, 12)]],
    "1": [[(4, 0), (4, 14)]],
    "+": [[(0, 6), (12, 6)], [(6, 0), (6, 12)]],
    "2": [[(0, 2), (5, 0), (9, 4), (0, 14), (10, 14)]],
}

TINY = {"vision_depth": 2, "vision_width": 64, "vision_heads": 2, "vision_hidden": 96}
TINY |= {"text_depth": 2, "text_width": 64, "text_heads": 4, "text_kv_heads": 2, "text_hidden": 96}
"""Sizes of a model that trains in no time."""


def write(text: str, id: str, writer: str) -> Ink:
    """Write space-separated symbols side by side."""
    strokes, symbols = [], []
    for place, name in enumerate(text.split()):
        lines = [np.array(line, np.float32) + np.float32([18 * place, 0]) for line in SHAPES[name]]
        symbols.append(Symbol(name, tuple(range(len(strokes), len(strokes) + len(lines))), f"{name}_{place}"))
        strokes += lines
    return Ink(id, tuple(strokes), tuple(symbols), annotations={"writer": writer})


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """Sixty expressions by thirty writers."""
    random = np.random.default_rng(0)
    texts = [" ".join(random.choice(list(SHAPES), random.integers(1, 6))) for _ in range(60)]
    return build_corpus((write(text, f"e{i}", f"w{i % 30}"), text) for i, text in enumerate(texts))


def write_inkml(folder: Path, number: int = 60, writers: int = 30) -> None:
    """Write InkML files of expressions like those of `corpus`."""
    random = np.random.default_rng(0)
    folder.mkdir()
    for i in range(number):
        text = " ".join(random.choice(list(SHAPES), random.integers(1, 6)))
        (folder / f"e{i}.inkml").write_text(_inkml(write(text, f"e{i}", f"w{i % writers}"), text))


def _inkml(ink: Ink, text: str) -> str:
    lines = ["<ink>", f'<annotation type="truth">${text}$</annotation>']
    lines.append(f'<annotation type="writer">{ink.annotations["writer"]}</annotation>')
    for i, stroke in enumerate(ink.strokes):
        lines.append(f'<trace id="{i}">{", ".join(f"{x} {y}" for x, y in stroke)}</trace>')
    for symbol in ink.symbols:
        views = "".join(f'<traceView traceDataRef="{i}"/>' for i in symbol.strokes)
        lines.append(f'<traceGroup><annotation type="truth">{symbol.name}</annotation>{views}</traceGroup>')
    return "\n".join([*lines, "</ink>"])
