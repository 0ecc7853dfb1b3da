"""Glyph boxes: which token each is of, and where it stands."""

from __future__ import annotations

import time

import pytest

from unimumer.export.groups import ExportError
from unimumer.latex import Environment, LatexError, Symbol, parse, to_latex
from unimumer.typeset import MAX_TOKENS, Box, TypesetError, typeset

EVERYTHING = (
    "a _ { 1 } ^ { 2 } + { } ^ { 14 } C - f ^ { \\prime } ( x )",
    "\\frac { 1 0 } { \\sqrt [ n ] { x } } \\binom { n } { k }",
    "\\sum \\limits _ { i = 1 } ^ { n } \\int _ { 0 } ^ { 1 } \\lim _ { x \\rightarrow 0 }",
    "\\overset { ! } { = } \\underset { x } { y } \\xrightarrow [ b ] { a } x",
    "\\hat { x } \\overline { A B } \\overbrace { a + b } ^ { n } \\boxed { 2 } \\boxed { 1 2 } \\cancel { x }",
    "\\begin {array} { c | c } \\hline 1 & 2 \\\\ \\hline 3 & 4 \\\\ \\hline \\end {array} x",
    "\\begin {cases} x & x > 0 \\\\ - x & x < 0 \\end {cases} y \\substack { a \\\\ b } z",
    "f ( a [ b ) | x | ] 0 , 1 [ \\{ x | y \\} \\sqrt [ { [ a ] } ] { b } c",
)
SILENT = frozenset(
    ["{", "}", "_", "^", "&", "\\\\", "[", "]", "\\limits", "\\overset", "\\underset", "\\hline", "\\end", "\\substack"]
)


def boxes(text: str) -> list[Box]:
    return list(typeset(text).boxes)


def of(text: str, token: int) -> Box:
    return next(box for box in boxes(text) if box.token == token)


@pytest.mark.parametrize("text", EVERYTHING)
def test_every_box_is_of_its_token(text: str) -> None:
    tokens = to_latex(parse(text)).split()
    placed = boxes(text)
    for box in placed:
        token = tokens[box.token]
        assert box.text in (token, "") or token.startswith("\\") or (token, box.text) == ("-", "−")
    assert [box.token for box in placed] == sorted(box.token for box in placed)
    assert all(box.left >= 0 for box in placed)
    seen = {box.token for box in placed}
    unseen = {token for at, token in enumerate(tokens) if at not in seen}
    assert unseen <= SILENT | set("c|b") | {token for token in unseen if token[0] == "{"}


def test_the_square_of_x_is_small_and_right_above() -> None:
    x, two = boxes("x ^ { 2 }")
    assert (x.token, x.text, two.token, two.text) == (0, "x", 3, "2")
    assert two.left > x.right - 0.05 and two.bottom < -0.3 and x.bottom == pytest.approx(0, abs=0.02)
    # STIX Two Math: scripts are 70 % of the size and shifted up by 0.36 em.
    assert (two.size, two.y) == (pytest.approx(0.7), pytest.approx(-0.36, abs=0.01))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x ^ { 2 }", "x _ { 2 }"),
        ("1 0 ^ { 2 }", "1 0 2"),
        ("\\sqrt { a b }", "\\sqrt { a } b"),
        ("\\frac { a } { b } c", "\\frac { a c } { b }"),
    ],
)
def test_what_rendered_glyphs_alone_confuse_is_placed_differently(one: str, other: str) -> None:
    places = [sorted((box.text, round(box.left, 2), round(box.top, 2)) for box in boxes(text)) for text in (one, other)]
    assert places[0] != places[1]


def test_a_fraction_is_centered_and_its_line_as_wide_as_the_widest() -> None:
    text = "\\frac { a + b } { 2 }"
    line, two, a, b = of(text, 0), of(text, 7), of(text, 2), of(text, 4)
    assert line.text == "" and line.left <= a.left and b.right <= line.right
    assert (two.left + two.right) / 2 == pytest.approx((line.left + line.right) / 2, abs=0.03)
    assert a.bottom < line.top < line.bottom < two.top


def test_limits_stand_above_and_below_where_there_is_room() -> None:
    text = "\\sum _ { i } ^ { n }"
    total, i, n = of(text, 0), of(text, 3), of(text, 7)
    assert n.bottom < total.top and i.top > total.bottom
    inside = "\\frac { " + text + " } { 2 }"
    assert of(inside, 5).left > of(inside, 2).right - 0.1
    forced = "\\frac { \\sum \\limits _ { i } ^ { n } } { 2 }"
    assert of(forced, 6).top > of(forced, 2).bottom


def test_brackets_grow_with_what_they_hold() -> None:
    low, high = of("( x )", 0), of("( \\frac { x } { 2 } )", 0)
    assert low.bottom - low.top < 1 < high.bottom - high.top
    assert of("( ] \\frac { x } { 2 }", 0).bottom == of("( x", 0).bottom  # not a pair


def test_columns_are_aligned_and_rows_below_each_other() -> None:
    text = "\\begin {pmatrix} a & b \\\\ c & d \\end {pmatrix}"
    start, a, b, c, d, end = (of(text, token) for token in (0, 2, 4, 6, 8, 9))
    assert start.right < a.left < b.left and b.right < end.left
    assert a.bottom < c.top and b.bottom < d.top
    assert (a.left + a.right) / 2 == pytest.approx((c.left + c.right) / 2, abs=0.1)


@pytest.mark.parametrize("text", ["x = \\frac { a } { b }", "\\sqrt { x + 1 }", "a ^ { 2 } + b _ { i }", "( x + y ) z"])
def test_sizes_are_near_those_of_another_typesetter(text: str) -> None:
    from ziamath import Latex

    width, height = Latex(text, size=100).getsize()
    ours = typeset(text)
    assert ours.width * 100 == pytest.approx(width, rel=0.16)
    assert (ours.ascent + ours.descent) * 100 == pytest.approx(height, rel=0.12)


def test_hostile_expressions_end_soon_and_say_why() -> None:
    deep = "\\frac { 1 } { " * 60 + "x" + " }" * 60
    start = time.perf_counter()
    assert len(typeset(deep).boxes) == 121
    assert len(typeset("( " * 1000 + "x" + " )" * 1000).boxes) == 2001
    assert time.perf_counter() - start < 2
    with pytest.raises(TypesetError, match=f"at most {MAX_TOKENS} tokens"):
        typeset("x " * (MAX_TOKENS + 1))
    with pytest.raises(ExportError, match="environment foo is not known"):
        typeset((Environment("foo", (((Symbol("x"),),),)),))
    with pytest.raises(LatexError):
        typeset("\\frac { a")
    mixed = "{" * 20 + "( " * 30 + "x" + " )" * 30 + "}" * 20
    assert len(typeset(mixed).boxes) == 61


def test_nothing_and_unknown_signs_are_typeset() -> None:
    assert typeset("").boxes == () and typeset("").width == 0
    assert "".join(box.text for box in boxes("\\foo")) == "\\foo"
    assert [box.text for box in boxes("最")] == ["最"]
    assert [(box.token, box.text) for box in boxes("a \\not \\in b")] == [(0, "a"), (1, "∉"), (3, "b")]


def test_importing_the_package_does_not_load_the_font() -> None:
    import subprocess
    import sys

    code = "import sys, unimumer.typeset; sys.exit('ziamath' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
