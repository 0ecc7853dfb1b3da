"""A made-up collection of ink, small enough to train on in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unimumer.compose.corpus import Corpus, LabelledInk, build_corpus
from unimumer.ink import Ink, InkSymbol, MathNode, label

SHAPES = {
    "x": [[(0, 0), (10, 12)], [(10, 0), (0, 12)]],
    "1": [[(4, 0), (4, 14)]],
    "+": [[(0, 6), (12, 6)], [(6, 0), (6, 12)]],
    "2": [[(0, 2), (5, 0), (9, 4), (0, 14), (10, 14)]],
}
SIGNS = SHAPES | {
    "=": [[(0, 4), (12, 4)], [(0, 9), (12, 9)]],
    "-": [[(0, 7), (12, 7)]],
    "(": [[(4, -2), (0, 7), (4, 16)]],
    ")": [[(0, -2), (4, 7), (0, 16)]],
    "\\sqrt": [[(0, 8), (3, 14), (6, -3), (18, -3)]],
}


def write(text: str, id: str, writer: str) -> Ink:
    """Write space-separated symbols side by side."""
    strokes, symbols = [], []
    for place, name in enumerate(text.split()):
        lines = [np.array(line, np.float32) + np.float32([18 * place, 0]) for line in SHAPES[name]]
        symbols.append(InkSymbol(name, tuple(range(len(strokes), len(strokes) + len(lines))), f"{name}_{place}"))
        strokes += lines
    layout = MathNode("math", children=tuple(MathNode("mi", s.node_id, s.name) for s in symbols))
    return Ink(id, tuple(strokes), tuple(symbols), layout, {"writer": writer})


Math = Any
"""Symbols separated by spaces, or what holds more of it: `("frac", above, below)`, `("msup", base, script)`, …"""


def typeset(math: Math, id: str, writer: str) -> Ink:
    """Write a fraction, root, script or a `row` of them, as a tidy hand would."""
    strokes: list[np.ndarray] = []
    symbols: list[InkSymbol] = []

    def sign(name: str, x: float, y: float, wide: float, tall: float, tag: str = "mi") -> tuple[MathNode, float]:
        lines = [np.float32(line) * np.float32([wide, tall]) + np.float32([x, y]) for line in SIGNS[name]]
        node = f"n{len(symbols)}"
        symbols.append(InkSymbol(name, tuple(range(len(strokes), len(strokes) + len(lines))), node))
        strokes.extend(lines)
        return MathNode(tag, node, "" if tag != "mi" else name), float(np.concatenate(lines)[:, 0].max()) + 3 * tall

    def row(parts: tuple[Math, ...], x: float, y: float, scale: float) -> tuple[tuple[MathNode, ...], float]:
        nodes = []
        for part in parts:
            node, x = put(part, x, y, scale)
            nodes.append(node)
        return tuple(nodes), x

    def put(math: Math, x: float, y: float, scale: float) -> tuple[MathNode, float]:
        if isinstance(math, str):
            if math in SIGNS:
                return sign(math, x, y, scale, scale)
            math = ("row", *math.split())
        tag, *parts = math
        if tag == "row":
            nodes, x = row(tuple(parts), x, y, scale)
            return MathNode("mrow", children=nodes), x
        if tag == "mfrac":
            above, right = put(parts[0], x, y - 12 * scale, scale)
            below, other = put(parts[1], x, y + 12 * scale, scale)
            bar, end = sign("-", x, y, (max(right, other) - x) / 12, scale, "mfrac")
            return MathNode("mfrac", bar.id, children=(above, below)), end
        if tag == "msqrt":
            inner, right = put(parts[0], x + 8 * scale, y, scale)
            root, end = sign(r"\sqrt", x, y, (right - x) / 18, scale, "msqrt")
            return MathNode("msqrt", root.id, children=(inner,)), end
        base, right = put(parts[0], x, y, scale)
        script, end = put(parts[1], right, y + (-8 if tag == "msup" else 10) * scale, 0.6 * scale)
        return MathNode(tag, children=(base, script)), end

    node, _ = put(math, 0.0, 0.0, 1.0)
    return Ink(id, tuple(strokes), tuple(symbols), MathNode("math", children=(node,)), {"writer": writer})


STRUCTURES: tuple[Math, ...] = (
    ("row", "x", "+", ("mfrac", "x + 1", "2"), "=", "2"),
    ("mfrac", "1", ("row", "2", "+", ("msup", "x", "2"))),
    ("row", ("msqrt", "x + 2"), "-", "1", "=", ("msub", "x", "1")),
    ("row", "2", "(", "x", "+", "1", ")", "=", "x"),
    ("row", "(", ("mfrac", "1", "x"), ("msup", ")", "2"), "+", "1"),
    ("row", ("msup", "x", ("row", "1", "+", "x")), "+", ("msqrt", ("mfrac", "x", "2"))),
)


@pytest.fixture(scope="session")
def structures() -> Corpus:
    """Expressions with fractions, roots, scripts and brackets, each by thirty writers."""
    inks = [typeset(math, f"s{i}-{w}", f"w{w}") for i, math in enumerate(STRUCTURES) for w in range(30)]
    return build_corpus(LabelledInk(ink, label(ink, limits=True)) for ink in inks)


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """Sixty expressions by thirty writers."""
    random = np.random.default_rng(0)
    texts = [" ".join(random.choice(list(SHAPES), random.integers(1, 6))) for _ in range(60)]
    return build_corpus(LabelledInk(write(text, f"e{i}", f"w{i % 30}"), text) for i, text in enumerate(texts))


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
