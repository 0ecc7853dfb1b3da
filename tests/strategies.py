"""What the property tests draw: trees in normal form, and text that may be no LaTeX."""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st

from unimumer.latex import Accent, Arrow, Environment, Fraction, Node, Radical, Row, Scripts, Stack, Symbol

TOKENS = [
    "x",
    "2",
    "(",
    "[",
    "]",
    "+",
    "|",
    "\\{",
    "\\alpha",
    "\\sum",
    "\\prime",
    "\\unheardof",
    "\\#",
    "中",
    "c",
    "=",
    "*",
]


@st.composite
def rows(draw: st.DrawFn, depth: int = 4, smallest: int = 0) -> Row:
    """A row of trees in normal form, at most `depth` nodes deep."""
    count = draw(st.integers(smallest, 3 if depth > 2 else 1 + smallest))
    return tuple(draw(_node(depth)) for _ in range(count))


@st.composite
def _node(draw: st.DrawFn, depth: int) -> Node:
    kinds = [_symbol, _fraction, _stack, _radical, _arrow, _accent, _environment, _scripts]
    return draw(draw(st.sampled_from(kinds if depth > 1 else [_symbol]))(depth - 1))


def _symbol(depth: int) -> st.SearchStrategy[Node]:
    return st.sampled_from(TOKENS).map(Symbol)


def _fraction(depth: int) -> st.SearchStrategy[Node]:
    return st.builds(Fraction, st.sampled_from(["\\frac", "\\binom"]), rows(depth), rows(depth))


def _stack(depth: int) -> st.SearchStrategy[Node]:
    return st.builds(Stack, st.sampled_from(["\\overset", "\\stackrel"]), rows(depth), rows(depth))


def _radical(depth: int) -> st.SearchStrategy[Node]:
    return st.builds(Radical, rows(depth), st.none() | rows(depth, 1))


def _arrow(depth: int) -> st.SearchStrategy[Node]:
    return st.builds(Arrow, st.just("\\xrightarrow"), rows(depth), st.none() | rows(depth, 1))


def _accent(depth: int) -> st.SearchStrategy[Node]:
    return st.builds(Accent, st.sampled_from(["\\hat", "\\underbrace", "\\boxed"]), rows(depth))


@st.composite
def _scripts(draw: st.DrawFn, depth: int) -> Node:
    base = draw(st.none() | _node(depth).filter(lambda node: not isinstance(node, Scripts)))
    script = st.none() | rows(depth, 1)
    sub, sup = draw(st.tuples(script, script).filter(any))
    return Scripts(base, sub, sup, limits=base is not None and draw(st.booleans()))


@st.composite
def _environment(draw: st.DrawFn, depth: int) -> Node:
    # `matrix` is left to the tables: brackets beside it would turn it into another environment.
    name = draw(st.sampled_from(["cases", "pmatrix", "align*", "\\substack", "array"]))
    line = st.lists(rows(depth), min_size=1, max_size=3).map(tuple)
    lines = draw(st.lists(line, min_size=1, max_size=3).map(tuple))
    assume(len(lines) == 1 or lines[-1] != ((),))
    columns = draw(st.sampled_from(["", "c|c"])) if name == "array" else ""
    return Environment(name, lines, tuple(columns))


PIECES = [
    *TOKENS,
    *"{}{}_^_^'&.<*$%é\x00",
    *(
        "\\\\",
        "\\limits",
        "\\frac",
        "\\sqrt",
        "\\hat",
        "\\left",
        "\\right",
        "\\over",
        "\\atop",
        "\\,",
        "\\mathrm",
    ),
    *(
        "\\operatorname",
        "\\hspace",
        "\\pmod",
        "\\substack",
        "\\xrightarrow",
        "\\overset",
        "\\le",
        "\\def",
        "\\",
    ),
    *(
        "\\not",
        "[ c ]",
        "[2pt]",
        "\\\\[2pt]",
        "\\\\*",
        "\\cr",
        "\\genfrac",
        "{ 0 p t }",
        "\\buildrel",
        "\\root",
        "\\of",
    ),
    *(
        "\\above",
        "\\atopwithdelims",
        "\\kern",
        "-2pt",
        "\\hbox",
        "to",
        "\\boxed",
        "\\big",
        "\\phantom",
        "\\label",
        "\\matrix",
    ),
    *("\\begin {aligned}", "\\end {aligned}", "\\begin {alignat}", "\\end {alignat}", "\\begin{equation}"),
    *("\\end{equation}", "@{}", "*{2}{c}", "p{2cm}"),
    *"α≠²₁ⁿ√∛½ẋ𝑥°\u0302\u0338′\u2061",
    *(
        "\\begin {matrix}",
        "\\end {matrix}",
        "\\begin{array}{c}",
        "\\end{array}",
        "\\begin",
        "\\ ",
        "{ }",
        "\\\n",
    ),
]
noise = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
)
