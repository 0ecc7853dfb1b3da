from __future__ import annotations

from collections.abc import Callable

import pytest

from unimumer.ink import Ink, InkError, MathNode, label, read_inkml
from unimumer.ink.inkml import MAX_DEPTH
from unimumer.ink.label import layout_label

Make = Callable[..., bytes]


@pytest.fixture
def from_truth(make_inkml: Make) -> Callable[[str], str]:
    return lambda tex: label(read_inkml(make_inkml(truth=tex), "t"))


@pytest.fixture
def from_math(make_inkml: Make) -> Callable[[str], str]:
    return lambda math: label(read_inkml(make_inkml(math=math), "m"))


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"$p=\frac{1}{\theta+1}$", r"p = \frac { 1 } { \theta + 1 }"),  # HAMEX, expressmatch
        (r"\frac {\sqrt \pi} 2", r"\frac { \sqrt { \pi } } { 2 }"),  # KAIST
        (r" \int { \mbox { s } } _ { \sigma } dz ", r"\int s _ { \sigma } d z"),  # MathBrush
        (r"{ { \mbox { e } } _ { \mbox { G } } } ^ { \sum { h } }", r"e _ { G } ^ { \sum h }"),
        (r"$\lim_{n \to \infty} {( 1 )^{n}}$", r"\lim _ { n \rightarrow \infty } ( 1 ) ^ { n }"),  # MfrDB
        (r"$\sqrt[3]{2} \leq \Big( x \lt y \Big)$", r"\sqrt [ 3 ] { 2 } \leq ( x < y )"),
        (r"$\!x^3+\!3x$", r"x ^ { 3 } + 3 x"),  # ISICAL
        (r"$ x \lbrack \infty \rbrack $", r"x [ \infty ]"),  # RIT
        ("$T^{a}_{b}$", "T _ { b } ^ { a }"),
        (r"{ \mbox { SiA } } _ { \sigma }", r"S i A _ { \sigma }"),
        ("$ 1, 000 _ {}, 5 $", "1 , 0 0 0 , 5"),
        (r"$ | x \parallel y | $", "| x | | y |"),  # a double bar is two symbols
    ],
)
def test_truth_in_the_manner_of_each_collection(from_truth: Callable[[str], str], tex: str, expected: str) -> None:
    assert from_truth(tex) == expected


def test_truth_wins_over_the_layout(make_inkml: Make) -> None:
    assert label(read_inkml(make_inkml(math="<mi>b</mi>", truth="$a$"), "x")) == "a"


@pytest.mark.parametrize(
    "truth",
    ["", "$$", "$a}$", r"$\frac{a}$", r"$ \sqrt {b} ABOVE {a} $", r"\def\a{\a\a}\a", "{" * 100_000, "a_b_c"],
)
def test_layout_serves_where_the_truth_does_not(make_inkml: Make, truth: str) -> None:
    math = "<mroot><mi>b</mi><mi>a</mi></mroot>"
    assert label(read_inkml(make_inkml(math=math, truth=truth), "x")) == r"\sqrt [ a ] { b }"


def test_letters_are_a_function_only_where_the_ink_has_it(make_inkml: Make) -> None:
    tex = r"$\frac{l o g}{l i m_{x} y} + {l o g}^2 x$"
    written = {r"\log": (0,)}
    assert label(read_inkml(make_inkml(truth=tex, symbols=written), "x")) == (
        r"\frac { \log } { l i m _ { x } y } + \log ^ { 2 } x"
    )
    assert r"\log" not in label(read_inkml(make_inkml(truth=tex), "x"))


def test_limits_as_annotated_or_on_every_operator(make_inkml: Make) -> None:
    tex = r"$\int\limits_{0}^{1} \frac{\sum_{n}^{2} n}{\lim_{m} \sum a^{\int^{3}}} \int x \sin^2 y$"
    ink = read_inkml(make_inkml(truth=tex), "x")
    assert label(ink) == (
        r"\int \limits _ { 0 } ^ { 1 } \frac { \sum _ { n } ^ { 2 } n } "
        r"{ \lim _ { m } \sum a ^ { \int ^ { 3 } } } \int x \sin ^ { 2 } y"
    )
    assert label(ink, limits=True) == (
        r"\int \limits _ { 0 } ^ { 1 } \frac { \sum \limits _ { n } ^ { 2 } n } "
        r"{ \lim \limits _ { m } \sum a ^ { \int \limits ^ { 3 } } } \int x \sin ^ { 2 } y"
    )


@pytest.mark.parametrize(
    ("math", "expected"),
    [
        ("<mi>x</mi>", "x"),
        ("<mrow><mi>a</mi><mrow><mo>+</mo><mrow><mn>1</mn></mrow></mrow></mrow>", "a + 1"),
        ("<mfrac><mn>1</mn><mrow><mi>a</mi><mi>b</mi></mrow></mfrac>", r"\frac { 1 } { a b }"),
        ("<msqrt><mi>a</mi><mi>b</mi></msqrt>", r"\sqrt { a b }"),
        ("<mroot><mi>a</mi><mn>3</mn></mroot>", r"\sqrt [ 3 ] { a }"),
        ("<msub><mi>a</mi><mi>b</mi></msub>", "a _ { b }"),
        ("<msup><mi>a</mi><mi>b</mi></msup>", "a ^ { b }"),
        ("<msubsup><mi>a</mi><mi>b</mi><mi>c</mi></msubsup>", "a _ { b } ^ { c }"),
        ("<msub><msup><mi>a</mi><mi>b</mi></msup><mi>c</mi></msub>", "a _ { c } ^ { b }"),
        ("<msub><msub><mi>a</mi><mi>b</mi></msub><mi>c</mi></msub>", "a _ { b _ { c } }"),
        ("<msup><msup><mi>a</mi><mi>b</mi></msup><mi>c</mi></msup>", "a ^ { b ^ { c } }"),
        ("<msup><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow><mn>2</mn></msup>", "( a ) ^ { 2 }"),
        ("<msub><mi>a</mi></msub>", "a"),
        ("<msup><mrow/><mn>2</mn></msup>", "^ { 2 }"),
        ("<munderover><mo>sum</mo><mi>n</mi><mn>9</mn></munderover>", r"\sum _ { n } ^ { 9 }"),
        ("<munder><mo>im</mo><mi>n</mi></munder>", r"\lim _ { n }"),
        (r"<munderover><mo>\int</mo><mi>n</mi><mn>9</mn></munderover>", r"\int \limits _ { n } ^ { 9 }"),
        (r"<msubsup><mo>\int</mo><mi>n</mi><mn>9</mn></msubsup>", r"\int _ { n } ^ { 9 }"),
        (r"<mover><mo>\int</mo><mi>n</mi></mover>", r"\int \limits ^ { n }"),
        ("<mo>.</mo><mrow><mo>.</mo><mrow><mo>.</mo><mi>x</mi></mrow></mrow>", r"\cdots x"),
        ("<mn>1</mn><mo>.</mo><mn>5</mn>", "1 . 5"),
        ("<mi>Delta</mi><mo>&lt;</mo><mi>infin</mi><mi>infty</mi>", r"\Delta < \infty \infty"),
        (r"<mo>\lt</mo><mo>\gt</mo><mo>le</mo><mo>ne</mo><mo>ge</mo>", r"< > \leq \neq \geq"),
        ("<mo>ctdot</mo><mo>hellip</mo><mo>rarr</mo><mo>exist</mo>", r"\cdots \ldots \rightarrow \exists"),
        (r'<mn>1</mn><mo xml:id="._1">.</mo><mn>5</mn><mo xml:id="\cdot_1">.</mo>', r"1 . 5 \cdot"),
        ("<mo>{</mo><mi>i</mi><mo>}</mo><mo>·</mo>", r"\{ i \} \cdot"),
    ],
)
def test_layout(from_math: Callable[[str], str], math: str, expected: str) -> None:
    assert from_math(math) == expected


def test_layout_label_has_limits() -> None:
    leaves = (MathNode("mo", text="sum"), MathNode("mi", text="n"))
    tree = MathNode("math", children=(MathNode("munder", children=leaves),))
    assert layout_label(tree) == r"\sum \limits _ { n }"


def test_ink_without_truth_is_refused() -> None:
    with pytest.raises(InkError, match=r"^plain: no label: the ink carries neither"):
        label(Ink("plain", ()))
    with pytest.raises(InkError, match=r"^empty: no label: "):
        label(Ink("empty", (), layout=MathNode("math"), annotations={"truth": "$ $"}))


def test_broken_layout_is_refused_with_both_reasons(make_inkml: Make) -> None:
    ink = read_inkml(make_inkml(math="<mfrac><mn>1</mn></mfrac>", truth="$a}$"), "broken")
    with pytest.raises(InkError, match=r"^broken: no label: .*; <mfrac> with 1 children"):
        label(ink)


def test_table_is_refused() -> None:
    row = MathNode("mtr", children=(MathNode("mtd", children=(MathNode("mi", text="x"),)),))
    with pytest.raises(InkError, match="<mtd> is not read"):
        layout_label(MathNode("math", children=(MathNode("mtable", children=(row,)),)))


@pytest.mark.parametrize("tags", [("<msqrt>", "</msqrt>"), ("<msup><mi>a</mi>", "</msup>")])
def test_deepest_layout_that_is_read_leaves_room_on_the_stack(make_inkml: Make, tags: tuple[str, str]) -> None:
    depth = MAX_DEPTH - 4  # ink, annotationXML, math and the leaf
    ink = read_inkml(make_inkml(math=tags[0] * depth + "<mi>x</mi>" + tags[1] * depth), "deep")
    assert _on_a_used_stack(400, lambda: label(ink, limits=True)).count("{") == depth


def _on_a_used_stack(frames: int, call: Callable[[], str]) -> str:
    return _on_a_used_stack(frames - 1, call) if frames else call()
