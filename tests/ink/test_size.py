"""The typical size of what somebody wrote, from symbols where they are marked, else from strokes."""

from __future__ import annotations

import numpy as np
import pytest

from unimumer.ink import Ink, Symbol, typical_size


def ink(*sides: tuple[float, float], symbols: dict[str, tuple[int, ...]] | None = None) -> Ink:
    """A straight stroke of each width and height, 100 units apart; `symbols` maps a name to its strokes."""
    strokes = [np.array([(100 * n, 5), (100 * n + w, 5 + h)], np.float32) for n, (w, h) in enumerate(sides)]
    marked = tuple(Symbol(name.strip(), members, "") for name, members in (symbols or {}).items())
    return Ink("made", tuple(strokes), marked)


def test_operators_are_left_out_unless_there_is_nothing_else() -> None:
    sides = ((12, 10), (40, 0), (50, 0), (60, 0))
    assert typical_size(ink(*sides, symbols={"x": (0,), "-": (1,), "- ": (2,), " -": (3,)})) == 12
    assert typical_size(ink(*sides, symbols={r"\sum": (0,), "-": (1,), "+": (2,)})) == 40


def test_it_is_the_middle_of_the_larger_sides() -> None:
    sides = ((12, 10), (3, 20), (90, 7), (1, 1))
    assert typical_size(ink(*sides, symbols={"x": (0,), "y": (1,), "z": (2,)})) == 20
    assert typical_size(ink(*sides, symbols={"x": (0,), "y": (1,), "z": (2,), "a": (3,)})) == 16


def test_strokes_of_one_symbol_are_measured_together() -> None:
    assert typical_size(ink((10, 10), (5, 20), symbols={"x": (0, 1)})) == 105


@pytest.mark.parametrize(("sides", "size"), [([(2, 10), (30, 1), (4, 4)], 10), ([(2, 10), (30, 1)], 20)])
def test_strokes_count_where_no_symbols_are_marked(sides: list[tuple[float, float]], size: float) -> None:
    assert typical_size(ink(*sides)) == size


def test_no_extent_is_no_size() -> None:
    assert typical_size(Ink("none", ())) == 0.0
    assert typical_size(ink((0, 0))) == 0.0
    assert typical_size(ink((0, 0), (0, 0), symbols={"x": (0,)})) == 0.0
