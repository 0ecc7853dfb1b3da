from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strategies import TOKENS, rows
from unimumer.latex import MAX_DEPTH, Environment, LatexError, Row, Symbol, normalize, parse, to_latex
from unimumer.tasks import tree_text
from unimumer.tasks.tree_text import MAX_INDENT, TreeTextError

FRACTION = """\
\\frac
	a (above)
		2 (sup)
	+ (right)
	1 (right)
	b (below)"""
CASES = """\
y
= (right)
\\begin (right)
	1 (begin_cases)
	& (right)
	x (right)
	< (right)
	0 (right)
		2 (nextline)
		& (right)
		x (right)
		\\geq (right)
		0 (right)
			1 (nextline)
			& (right)
			0 (right)
	\\end (end_cases)
> (right)
0 (right)"""


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        ("\\frac { a ^ { 2 } + 1 } { b }", FRACTION),
        ("y = \\begin {cases} 1 & x < 0 \\\\ 2 & x \\geq 0 \\\\ 1 & 0 \\end {cases} > 0", CASES),
        ("x _ { 1 } ^ { 2 }", "x\n\t1 (sub)\n\t2 (sup)"),
        ("\\lim _ { n } ^ { 2 }", "\\lim\n\tn (below)\n\t2 (above)"),
        ("\\sqrt [ 3 ] { x }", "\\sqrt\n\t3 (below)\n\tx (above)"),
        ("\\underline { x }", "\\underline\n\tx (above)"),
        ("", ""),
    ],
)
def test_published_texts_to_the_byte(latex: str, text: str) -> None:
    assert tree_text.write(parse(latex)) == text
    assert tree_text.read(text) == parse(latex)


def test_every_published_expression_is_read_back(published: dict[str, list[str]]) -> None:
    for name, texts in published.items():
        for text in texts:
            try:
                tree = parse(text)
            except LatexError:
                continue
            again = tree_text.read(tree_text.write(tree))
            assert again == tree, (name, text)
            assert to_latex(again) == normalize(text), (name, text)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows())
def test_a_tree_survives_writing_and_reading(tree: Row) -> None:
    assert tree_text.read(tree_text.write(tree)) == tree


LINES = [
    *TOKENS,
    "\\limits",
    "{}",
    "&",
    "\\begin",
    "\\end",
    "\\substack",
    "\\frac",
    "\\sqrt",
    "\\hat",
    "{",
    "^",
    "xy",
    "",
]
RELATIONS = [
    "right",
    "above",
    "below",
    "sub",
    "sup",
    "nextline",
    "columns",
    "begin_cases",
    "end_cases",
    "odd",
    "begin_",
]


@st.composite
def noise(draw: st.DrawFn) -> str:
    """Lines that each look like one of a tree."""
    lines = [draw(st.sampled_from(LINES))]
    depth = 0
    for _ in range(draw(st.integers(0, 8))):
        depth = max(0, depth + draw(st.integers(-2, 1)))
        lines.append("\t" * depth + f"{draw(st.sampled_from(LINES))} ({draw(st.sampled_from(RELATIONS))})")
    return "\n".join(lines)


@settings(deadline=None)
@given(st.one_of(noise(), st.text()))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = tree_text.read(text)
    except TreeTextError as error:
        assert str(error).startswith("line ") and len(str(error)) < 300
        return
    assert tree_text.read(tree_text.write(tree)) == tree


@pytest.mark.parametrize(
    "text",
    [
        "x (right)",
        "x\ny",
        "x\n\ny (right)",
        "x\n\t\ty (sub)",
        "x\n\ty (above)",
        "x\n\ty (sub)\n\tz (sub)",
        "x\n\ty (nextline)",
        "\\limits",
        "x\n\\limits (right)",
        "x\n\t1 (sub)\n\\limits (right)\n\t2 (above)",
        "{}",
        "x\n\t{} (sub)",
        "&",
        "{",
        "ab",
        "{a}",
        "\\quad",
        "\\begin\n\tx (begin_cases)",
        "\\begin\n\tx (begin_cases)\n\t\\end (end_matrix)",
        "\\begin\n\tc (columns)\n\tx (begin_cases)\n\t\\end (end_cases)",
        "\\begin\n\tx (begin_cases)\n\t\t\ty (nextline)\n\t\\end (end_cases)",
        "\\begin\n\t{} (begin_cases)\n\tx (right)\n\t\\end (end_cases)",
    ],
)
def test_what_is_no_tree_is_refused(text: str) -> None:
    with pytest.raises(TreeTextError, match=r"^line \d+: "):
        tree_text.read(text)


def test_depth_is_bounded() -> None:
    deep = "\n".join("\t" * n + ("\\hat (above)" if n else "\\hat") for n in range(MAX_DEPTH + 1))
    with pytest.raises(TreeTextError, match="levels"):
        tree_text.read(deep)

    deepest = parse("\\hat { " * (MAX_DEPTH - 1) + "x" + " }" * (MAX_DEPTH - 1))
    assert tree_text.read(tree_text.write(deepest)) == deepest

    def matrix(lines: int) -> Row:
        return (Environment("matrix", (((Symbol("x"),),),) * lines),)

    assert tree_text.read(tree_text.write(matrix(MAX_INDENT))) == matrix(MAX_INDENT)
    with pytest.raises(TreeTextError, match="too many lines"):
        tree_text.write(matrix(MAX_INDENT + 1))
