"""Sets a space-tokenized LaTeX expression the way people do on paper, by the ink of its parts."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pen.hand import Hand, Points

OPERATORS = {"+", "-", "=", "<", "\\leq", "\\times", "\\pm", "\\rightarrow"}
FUNCTIONS = {"\\sin", "\\cos", "\\log", "\\lim"}
SCRIPT = 0.64


@dataclass(frozen=True)
class Box:
    """Ink around a baseline at y = 0, y growing downwards, and the kind of symbol it is, for the spacing."""

    strokes: tuple[Points, ...]
    kind: str = "symbol"

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the ink."""
        points = np.concatenate(self.strokes)
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    def placed(self, x: float, y: float, scale: float = 1.0) -> Box:
        """Return the box scaled, with its left edge at x and its baseline at y."""
        left = self.bounds[0]
        moved = tuple((s - [left, 0.0]) * scale + [x, y] for s in self.strokes)
        return Box(moved, self.kind)


def lay_out(latex: str, hand: Hand) -> tuple[Points, ...]:
    """Return the strokes in the order of writing; KeyError names a symbol without a skeleton."""
    box = _row(deque(latex.split()), hand)
    turn = hand.rng.normal(0.0, 0.008)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return tuple(stroke @ rotation for stroke in box.strokes)


def _merged(boxes: Sequence[Box], kind: str = "symbol") -> Box:
    return Box(tuple(stroke for box in boxes for stroke in box.strokes), kind)


def _row(tokens: deque[str], hand: Hand) -> Box:
    """Read terms up to a closing brace and write them side by side on a wandering baseline."""
    terms: list[Box] = []
    right, wander = 0.0, 0.0
    while tokens and tokens[0] != "}":
        box = _term(tokens, hand, first=not terms)
        gap = _gap(terms[-1].kind, box.kind) * hand.rng.normal(1.0, 0.15) if terms else 0.0
        wander = 0.7 * wander + hand.rng.normal(0.0, 1.9)
        terms.append(box.placed(right + gap, wander))
        right = terms[-1].bounds[2]
    return _merged(terms)


def _gap(before: str, after: str) -> float:
    if before == "function":
        return 20.0
    if "operator" in (before, after):
        return 20.0
    return 8.0 if before == "sign" else 14.0


def _term(tokens: deque[str], hand: Hand, first: bool) -> Box:
    """Read one symbol or construct with the scripts that follow it."""
    token = tokens.popleft()
    base = _atom(token, tokens, hand)
    if token == "-" and first:
        base = Box(base.strokes, "sign")
    stacked = bool(tokens) and tokens[0] == "\\limits"
    if stacked:
        tokens.popleft()
    scripts: dict[str, Box] = {}
    while tokens and tokens[0] in "_^":
        place = tokens.popleft()
        scripts[place] = _group(tokens, hand)
    return (_with_limits if stacked else _with_scripts)(base, scripts, token, hand)


def _group(tokens: deque[str], hand: Hand) -> Box:
    tokens.popleft()
    box = _row(tokens, hand)
    tokens.popleft()
    return box


def _atom(token: str, tokens: deque[str], hand: Hand) -> Box:
    if token == "\\frac":
        return _fraction(tokens, hand)
    if token == "\\sqrt":
        return _root(tokens, hand)
    if token in FUNCTIONS:
        return _function(token[1:], hand)
    return Box(tuple(hand.write(token)), "operator" if token in OPERATORS else "symbol")


def _function(name: str, hand: Hand) -> Box:
    boxes: list[Box] = []
    for letter in name:
        right = boxes[-1].bounds[2] + 5.0 * hand.rng.normal(1.0, 0.3) if boxes else 0.0
        boxes.append(Box(tuple(hand.write(letter))).placed(right, hand.rng.normal(0.0, 1.0)))
    return _merged(boxes, "function")


def _fraction(tokens: deque[str], hand: Hand) -> Box:
    """Write the numerator, the bar, then the denominator, each about the middle of the bar."""
    top, bottom = _group(tokens, hand), _group(tokens, hand)
    widths = [0.88 * (box.bounds[2] - box.bounds[0]) for box in (top, bottom)]
    length = max(widths) + hand.rng.uniform(16.0, 30.0)
    middle = length / 2 + hand.rng.normal(0.0, 2.0, 2)
    bar = hand.stroke(f"0,27 {length / 2:.1f},29 {length:.1f},{28 + 0.01 * length:.1f}")
    above = top.placed(middle[0] - widths[0] / 2, 0.0, 0.88)
    below = bottom.placed(middle[1] - widths[1] / 2, 0.0, 0.88)
    above = above.placed(above.bounds[0], -28 - hand.rng.uniform(10, 16) - above.bounds[3])
    below = below.placed(below.bounds[0], -28 + hand.rng.uniform(11, 17) - below.bounds[1])
    return _merged([above, Box((bar,)), below])


def _root(tokens: deque[str], hand: Hand) -> Box:
    """Write the sign around the place of the content, then the content."""
    content = _group(tokens, hand).placed(44.0, 0.0)
    _, top, right, bottom = content.bounds
    high, low = -top + hand.rng.uniform(11, 16), -max(bottom, 0.0) - 3
    end = right + hand.rng.uniform(6, 14)
    middle = low + 0.42 * (high - low)
    tick = f"0,{middle - 6:.1f} 8,{middle:.1f}! 19,{low:.1f}! 34,{high:.1f}!"
    bar = f"{(34 + end) / 2:.1f},{high + 1:.1f} {end:.1f},{high:.1f}"
    return _merged([Box((hand.stroke(f"{tick} {bar}"),)), content])


def _with_scripts(base: Box, scripts: dict[str, Box], token: str, hand: Hand) -> Box:
    """Write the subscript, then the superscript, to the right of the base."""
    if not scripts:
        return base
    _, top, right, bottom = base.bounds
    parts = [base]
    if "_" in scripts:
        drop = (bottom if token == "\\int" else 19.0) + hand.rng.normal(0.0, 2.0)
        points = np.concatenate(base.strokes)
        foot = float(points[points[:, 1] > drop - 45.0, 0].max())
        parts.append(scripts["_"].placed(foot + 7, drop, SCRIPT))
    if "^" in scripts:
        raised = scripts["^"].placed(right + 10 + hand.rng.normal(0.0, 1.5), 0.0, SCRIPT)
        lift = 0.62 * top - 6 - raised.bounds[3] + hand.rng.normal(0.0, 3.0)
        parts.append(raised.placed(raised.bounds[0], lift))
    return _merged(parts, base.kind)


def _with_limits(base: Box, scripts: dict[str, Box], token: str, hand: Hand) -> Box:
    """Write the limits below and above the middle of the base."""
    left, top, right, bottom = base.bounds
    parts = [base]
    for place, box in scripts.items():
        small = box.placed(0.0, 0.0, SCRIPT)
        x = (left + right - small.bounds[2]) / 2 + hand.rng.normal(0.0, 3.0)
        room = hand.rng.uniform(9, 14)
        y = bottom + room - small.bounds[1] if place == "_" else top - room - small.bounds[3]
        parts.append(small.placed(x, y))
    return _merged(parts, base.kind)
