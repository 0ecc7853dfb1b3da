"""The parser: the trees it gives, and where and how it refuses."""

from __future__ import annotations

import pickle

import pytest

from unimumer.errors import UnimumerError
from unimumer.latex import (
    MAX_DEPTH,
    Accent,
    Arrow,
    Environment,
    Fraction,
    LatexError,
    Radical,
    Row,
    Scripts,
    Stack,
    Symbol,
    parse,
    to_latex,
)

A, B, C = Symbol("a"), Symbol("b"), Symbol("c")
REFUSED_CONSTRUCTS = ("\\genfrac", "\\above", "\\overwithdelims", "\\root", "\\pod", "\\matrix{", "\\eqalign {")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", ()),
        ("a b", (A, B)),
        ("a _ b ^ c", (Scripts(A, (B,), (C,)),)),
        ("a ^ { b c }", (Scripts(A, None, (B, C)),)),
        ("\\sum \\limits _ a", (Scripts(Symbol("\\sum"), (A,), None, limits=True),)),
        ("a '", (Scripts(A, None, (Symbol("\\prime"),)),)),
        ("_ a b", (Scripts(None, (A,)), B)),
        ("\\dfrac a b", (Fraction("\\frac", (A,), (B,)),)),
        ("\\binom { a } { b } ^ c", (Scripts(Fraction("\\binom", (A,), (B,)), None, (C,)),)),
        ("\\sqrt [ a ] b", (Radical((B,), (A,)),)),
        ("\\sqrt { a }", (Radical((A,)),)),
        ("\\hat { a b }", (Accent("\\hat", (A, B)),)),
        ("\\stackrel a b", (Stack("\\stackrel", (A,), (B,)),)),
        ("\\xrightarrow [ a ] { b }", (Arrow("\\xrightarrow", (B,), (A,)),)),
        ("\\xleftarrow a", (Arrow("\\xleftarrow", (A,)),)),
        ("\\begin {cases} a & b \\\\ c \\end {cases}", (Environment("cases", (((A,), (B,)), ((C,),))),)),
        ("\\begin {array} { l | r } a \\end {array}", (Environment("array", (((A,),),), ("l", "|", "r")),)),
        ("\\substack { a \\\\ b }", (Environment("\\substack", (((A,),), ((B,),))),)),
        ("{ a b } ^ c", (A, Scripts(B, None, (C,)))),
        ("[ a ]", (Symbol("["), A, Symbol("]"))),
    ],
)
def test_trees(text: str, tree: Row) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("{ a", 3, "expected }, found the end"),
        ("a }", 2, "nothing is open that }"),
        ("x ^", 3, "argument of ^"),
        ("x ^ ^ 2", 4, "argument of ^"),
        ("\\frac { a }", 11, "argument of \\frac"),
        ("{ \\sqrt }", 8, "argument of \\sqrt"),
        ("\\sqrt [ 3 x", 11, "expected ]"),
        ("\\sqrt [ { 3 ] }", 15, "expected ]"),
        ("x ^ 2 ^ 3", 6, "one superscript"),
        ("x ^ 2 '", 6, "one superscript"),
        ("x _ 2 ^ 3 _ 4", 10, "one subscript"),
        ("a & b", 2, "nothing is open that &"),
        ("a \\\\ b", 2, "nothing is open that \\\\"),
        ("\\begin {cases} a", 16, "\\end {cases}"),
        ("\\begin {cases} a \\end {matrix}", 17, "\\end {cases}, found \\end {matrix}"),
        ("a \\end {cases}", 2, "\\end {cases} could end"),
        ("\\begin cases", 7, "name of an environment"),
        ("\\begin {array} a \\end {array}", 15, "expected {"),
        ("\\begin {array} { c", 18, "columns of array"),
        ("\\begin {array} { \\def } \\end {array}", 17, "columns of array"),
        ("\\begin {cases} { a & b } \\end {cases}", 19, "expected }"),
        ("\\left ( a", 9, "expected \\right"),
        ("a \\right )", 2, "nothing is open that \\right"),
        ("\\left { a \\right }", 6, "delimiter of \\left"),
        ("\\left", 5, "delimiter of \\left"),
        ("a \\over b \\over c", 10, "two infix"),
        ("\\limits _ a", 0, "operator before \\limits"),
        ("\\def \\a { \\a \\a } \\a", 0, "mathematics"),
        ("x \\href { y } z", 2, "mathematics"),
        ("\\unheardof { x }", 0, "known command before a brace"),
        ("a \\", 2, "expected a command"),
        ("a \\é", 2, "expected a command"),
        ("a \x00 b", 2, "U+0000"),
        ("a\ud800", 1, "U+D800"),
        ("a </script> \\1", 12, "expected a command"),
        ("a \\tag*{(1)} x", 2, "mathematics"),
        ("\\DeclareMathOperator*{\\foo}{foo}", 0, "mathematics"),
        ("\\arraycolsep = 2pt", 0, "mathematics"),
        ("x \\nicefrac 1 2", 2, "mathematics"),
        ("\\unheardof * { x }", 0, "known command before a brace"),
        ("\\unheardof [ 2 ] { x }", 0, "known command before a brace"),
        ("a \\unheardof [ \\sqrt [ 3 ] \\, { x }", 2, "known command before"),
        ("a \\kern b", 8, "expected a length after \\kern"),
        ("a \\hspace 2pt", 10, "expected { after \\hspace"),
        ("\\hspace { 2pt", 13, "expected }"),
        ("\\smash [ b { x }", 16, "expected ]"),
        ("\\begin {tikzpicture} x \\end {tikzpicture}", 0, "an environment of mathematics"),
        ("\\begin {equation} a \\\\ b \\end {equation}", 0, "one line in equation"),
        ("\\begin {array} { r @ { = } l } a \\end {array}", 21, "nothing that shows after @"),
        ("\\begin {array} { X } a \\end {array}", 17, "columns of array"),
        ("\\begin {array} { *{999}{c} } a \\end {array}", 27, "at most 256 columns"),
        ("\\begin {array} { *{n}{c} } a \\end {array}", 18, "how often"),
        *((f"a {command} b", 2, "mathematics") for command in REFUSED_CONSTRUCTS),
        ("\\hbox to 2cm { x }", 6, "expected { after \\hbox"),
        ("\\buildrel a =", 13, "expected \\over"),
        ("\\stackrel [ a ] { b } { c }", 10, "arguments of \\stackrel"),
        ("α + √(x)", 4, "braces around what is under √"),
        ("é + \u0301", 4, "U+0301"),
        ("½ }", 2, "nothing is open that }"),
    ],
)
def test_refusals_say_what_and_where(text: str, position: int, expected: str) -> None:
    with pytest.raises(LatexError) as caught:
        parse(text)
    assert caught.value.position == position
    assert expected in str(caught.value)
    assert isinstance(caught.value, UnimumerError)


def test_an_error_survives_a_process_boundary() -> None:
    with pytest.raises(LatexError) as caught:
        parse("a }")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.position) == (str(caught.value), 2)


NESTS = {
    "{": "}",
    "x ^ {": "}",
    "{ } _ {": "}",
    "\\frac {": "} { }",
    "\\sqrt [": "] { }",
    "\\sqrt [ x \\over": "] { }",
    "{ x \\over": "}",
    "\\hat": "",
    "\\left (": "\\right )",
    "\\begin {cases}": "\\end {cases}",
    "\\begin {cases} x ^ {": "} \\end {cases}",
    "\\substack { {": "} }",
}


def _nest(opening: str, levels: int) -> str:
    return " ".join([*[opening] * levels, "a", *[NESTS[opening]] * levels])


@pytest.mark.parametrize("opening", NESTS)
def test_what_is_read_can_be_used_to_the_last_level(opening: str) -> None:
    for levels in range(1, MAX_DEPTH):
        try:
            tree = parse(_nest(opening, levels))
        except LatexError as error:
            assert f"at most {MAX_DEPTH} levels" in str(error)
            break
        assert parse(to_latex(tree)) == tree
        assert hash(tree) == hash(parse(to_latex(tree)))
        assert repr(tree) == repr(parse(to_latex(tree)))
        assert pickle.loads(pickle.dumps(tree)) == tree
    assert levels > MAX_DEPTH // 4


@pytest.mark.parametrize("opening", NESTS)
def test_deeper_than_the_limit_is_refused(opening: str) -> None:
    for levels in (MAX_DEPTH + 1, 100_000):
        for text in (_nest(opening, levels), f"{opening} " * levels):
            with pytest.raises(LatexError, match=f"at most {MAX_DEPTH} levels"):
                parse(text)
