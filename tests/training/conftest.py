"""A made-up collection of ink, small enough to train on in seconds."""

from __future__ import annotations

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
