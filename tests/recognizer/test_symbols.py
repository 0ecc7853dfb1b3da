from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unimumer.ink import Ink, label, read_files, read_ink, read_inkml
from unimumer.ink.tie import tie
from unimumer.latex import parse, to_latex
from unimumer.recognizer import Reading, Recognition
from unimumer.recognizer.symbols import MOST, _Planner, find_symbols
from unimumer.typeset import TypesetError, typeset

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_every_token_that_is_drawn_has_its_place_in_the_plan(expression: str) -> None:
    row = parse(expression)
    try:
        drawn = {box.token: np.array([box.left, box.top, box.right, box.bottom]) for box in typeset(row).boxes}
    except TypesetError:
        pytest.skip("not typeset")
    part = _Planner(to_latex(row).split(), drawn).row(row)
    parts, found = [part] if part else [], []
    while parts:
        one = parts.pop()
        parts += one.parts
        found += [one.token] if not one.parts else []
    assert sorted(found) == sorted(drawn)


def test_a_fraction_beside_a_sum() -> None:
    # 1 + \frac { 2 } { 3 }, the fraction's parts written before the rest
    boxes = np.array(
        [[60, 0, 70, 18], [60, 30, 70, 48], [50, 23, 80, 25], [0, 15, 3, 33], [20, 24, 34, 25], [26, 17, 27, 32]]
    )
    found = {symbol.token: symbol for symbol in find_symbols(parse(r"1 + \frac { 2 } { 3 }"), boxes.astype(float))}
    assert {token: symbol.strokes for token, symbol in found.items()} == {
        "1": (3,),
        "+": (4, 5),
        r"\frac": (2,),
        "2": (0,),
        "3": (1,),
    }
    assert found["+"].box == (20, 17, 34, 32) and found["+"].index == 1


def test_fewer_strokes_than_tokens_leave_a_place_to_each_and_noise_has_none() -> None:
    boxes = np.array([[0.0, 0, 30, 20], [40, 0, 50, 20]])
    symbols = find_symbols(parse("a b c"), boxes)
    assert [symbol.token for symbol in symbols] == ["a", "b", "c"]
    assert sorted(stroke for symbol in symbols for stroke in symbol.strokes) == [0, 1]
    many = np.arange(2 * (MOST + 1), dtype=np.float64).reshape(-1, 2)
    noise = np.concatenate([many, many + 1], axis=1)
    assert find_symbols(parse("a"), np.zeros((0, 4))) == find_symbols(parse("a b"), noise) == ()
    assert len(find_symbols(parse("a b"), noise[1:])) == 2


def test_strokes_of_ink_and_boxes_of_a_picture() -> None:
    ink = read_ink(EXAMPLES / "sum.strokes.json")
    read = Recognition("2 + 3 = 5", 0.9, (), "fake", source=ink)
    strokes = {symbol.token: symbol.strokes for symbol in read.symbols}
    assert sorted(sum(strokes.values(), ())) == list(range(len(ink.strokes))) and len(strokes["+"]) == 2
    pictured = Recognition("2 + 3 = 5", 0.9, (), "fake", source=EXAMPLES / "sum.png")
    assert [symbol.token for symbol in pictured.symbols] == ["2", "+", "3", "=", "5"]
    lefts = [symbol.box[0] for symbol in pictured.symbols]
    assert lefts == sorted(lefts) and not any(symbol.strokes for symbol in pictured.symbols)
    content = read.to_dict(symbols=True)
    assert Recognition.from_dict(content).symbols == read.symbols
    assert Recognition.from_dict(read.to_dict()).symbols == ()
    assert Recognition(Reading.of(r"\frac { 1", 0.1).tokens, 0.1, (), "fake", source=ink).symbols == ()


def test_a_stray_tap_is_nobodys_stroke() -> None:
    strokes = tuple(np.array(line, np.float32) for line in ([(900, 700)], [(0, 0), (2, 20)], [(20, 0), (22, 20)]))
    read = Recognition("1 1", 0.9, (), "fake", source=Ink("a", strokes))
    assert [symbol.strokes for symbol in read.symbols] == [(1,), (2,)]


def test_most_symbols_of_real_ink_get_their_strokes(data: Path) -> None:
    archive = data / "crohme-2011-2013.tar.xz"
    if not archive.exists():
        pytest.skip("needs CROHME's ink")
    right: list[bool] = []
    for number, (id, content) in enumerate(read_files(archive, "crohme2013")):
        ink = read_inkml(content, id)
        text = label(ink, limits=True)
        tied = tie(ink, text) if number % 8 == 0 else None
        if tied is None:
            continue
        truth: dict[int, list[int]] = {}
        for symbol, token in zip(ink.symbols, tied):
            truth.setdefault(token, []).extend(symbol.strokes)
        boxes = np.array([[*stroke.min(axis=0), *stroke.max(axis=0)] for stroke in ink.strokes], np.float64)
        found = {symbol.index: symbol.strokes for symbol in find_symbols(parse(text), boxes)}
        right += [found.get(token) == tuple(sorted(own)) for token, own in truth.items()]
    assert len(right) > 500 and np.mean(right) > 0.92
