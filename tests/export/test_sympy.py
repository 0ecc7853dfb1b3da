"""SymPy objects: their values, and what is refused."""

from __future__ import annotations

import math

import pytest

from unimumer.export import ExportError, convert, to_sympy
from unimumer.latex import parse

sympy = pytest.importorskip("sympy")

# Values worked out without SymPy, at x = 2, y = 3, n = 4, a = 1.5, x_1 = 0.25.
AT = {"x": 2.0, "y": 3.0, "n": 4.0, "a": 1.5, "x_1": 0.25}
VALUES = {
    "1 0 + 2": 12,
    "- 3 . 1 4 x": -6.28,
    "\\frac { x + 1 } { y } - \\frac { 1 } { 2 }": 0.5,
    "2 x ^ { 2 } y": 24,
    "x ^ { y ^ { 2 } }": 512,
    "\\sqrt { x + 7 } + \\sqrt [ 3 ] { 8 }": 5,
    "\\sin 2 x \\cos y": math.sin(4) * math.cos(3),
    "\\sin ^ { 2 } x + \\cos ^ { 2 } x": 1,
    "\\tan ^ { - 1 } ( x )": math.atan(2),
    "\\log _ { 2 } 8 + \\ln e + \\lg 1 0 0": 6,
    "| 1 - y | \\times 4 \\div 2": 4,
    "n ! - 3 !": 18,
    "\\binom { n } { 2 }": 6,
    "e ^ { x } + 2 \\pi": math.exp(2) + 2 * math.pi,
    "\\sin 3 0 ^ { \\circ }": 0.5,
    "x _ { 1 } + a": 1.75,
    "( x + 1 ) ( y - 1 ) [ x ]": 12,
    "x - - y": 5,
    "- x ^ { 2 }": -4,
    "\\sum _ { i = 1 } ^ { 4 } i ^ { 2 } + 1": 31,
    "\\prod \\limits _ { i = 1 } ^ { 3 } 2 i": 48,
    "\\int _ { 0 } ^ { 1 } 3 t ^ { 2 } d t": 1,
    "\\int _ { 0 } ^ { 1 } \\int _ { 0 } ^ { 2 } s t d s d t": 1,
    "\\lim _ { t \\rightarrow 0 } \\frac { \\sin t } { t }": 1,
    "\\max ( x , y ) - \\lfloor 2 . 5 \\rfloor": 1,
    "1 / 2": 0.5,
}


@pytest.mark.parametrize(("text", "value"), VALUES.items())
def test_an_expression_has_its_value(text: str, value: float) -> None:
    found = to_sympy(parse(text))
    at = {symbol: AT[symbol.name] for symbol in found.free_symbols}
    assert float(found.subs(at).doit()) == pytest.approx(value)


def test_relations_and_their_chains() -> None:
    equation = to_sympy(parse("x + 1 = y"))
    assert equation.func == sympy.Eq
    assert [str(side) for side in equation.args] == ["x + 1", "y"]
    chain = to_sympy(parse("0 < x \\leq y"))
    assert chain.func == sympy.And and {str(part) for part in chain.args} == {"0 < x", "x <= y"}


def test_nothing_is_evaluated() -> None:
    assert convert("1 + 1", "sympy") == "1 + 1"
    assert to_sympy(parse("x + x")).args == (sympy.Symbol("x"), sympy.Symbol("x"))
    huge = to_sympy(parse("9 9 9 9 9 9 9 9 !"))
    assert huge.func == sympy.factorial and huge.args == (sympy.Integer(99999999),)
    assert to_sympy(parse("9 ^ { 9 ^ { 9 ^ { 9 } } }")).func == sympy.Pow
    assert convert("1 = 2", "sympy") == "Eq(1, 2)"
    assert convert("x _ { 1 } + a _ { j + 1 }", "sympy") == "a_{j+1} + x_1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 \\frac { 1 } { 2 }", "may be added to it or multiplied"),
        ("x _ { 1 } ( t )", "may be a function or a factor"),
        ("A ( x )", "may be a function or a factor"),
        ("\\frac { d y } { d x }", "is a derivative"),
        ("f ^ { \\prime } ( x )", "prime"),
        ("1 / 2 x", "how much is divided"),
        ("\\sin x ( y + 1 )", "where the argument of a function ends"),
        ("s i n x", "letters sin"),
        ("x \\pm 1", "no number"),
        ("( 1 , 2 )", "no number"),
        ("x +", "nothing behind"),
        ("= 2", "missing"),
        ("", "missing"),
        ("1 , 2", "no number"),
        ("x 2", "a number stands behind"),
        ("\\begin{matrix} 1 \\end{matrix}", "environment"),
        ("\\int x", "no d with a name"),
        ("\\int e d e", "no name"),
        ("a \\in B", "no relation of numbers"),
        ("5 !!", "double factorial"),
        ("[ 0 , 1 )", "no number"),
    ],
)
def test_what_is_no_expression_or_has_two_readings_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ExportError, match=reason):
        to_sympy(parse(text))


def test_what_sympy_cannot_print_is_refused() -> None:
    with pytest.raises(ExportError, match="SymPy cannot print it"):
        convert("2 ^ { 2 ^ { 2 ^ { 6 5 5 3 6 } } } - 3", "sympy")


def test_every_label_is_an_object_or_a_sentence(expression: str) -> None:
    try:
        to_sympy(parse(expression))
    except ExportError as error:
        assert str(error).startswith("no expression to reckon with: ")
