"""Every form of some expressions, written down by hand."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given

from strategies import rows
from unimumer.export import FORMS, ExportError, convert, to_html, to_mathml, to_readable
from unimumer.export.symbols import SIGNS
from unimumer.latex import Row, commands, normalize, parse, to_latex
from unimumer.latex.nodes import Environment, Symbol
from unimumer.typeset import typeset

QUADRATIC = "x = \\frac { - b \\pm \\sqrt { b ^ { 2 } - 4 a c } } { 2 a }"
WRITTEN = {
    QUADRATIC: {
        "latex": "x=\\frac{-b\\pm\\sqrt{b^{2}-4ac}}{2a}",
        "typst": "x = frac(-b plus.minus sqrt(b^2 - 4 a c), 2 a)",
        "asciimath": "x = (-b +- sqrt(b^2 - 4 a c))/(2 a)",
        "unicode": "x = (−b ± √(b² − 4ac))/(2a)",
    },
    "\\sum \\limits _ { i = 1 } ^ { n } x _ { i } \\leq \\int _ { 0 } ^ { 1 } f ^ { \\prime } ( t ) d t": {
        "latex": "\\sum_{i=1}^{n}x_{i}\\leq\\int_{0}^{1}f'(t)dt",
        "typst": "sum_(i = 1)^n x_i <= integral_0^1 f' (t) d t",
        "asciimath": "sum_(i = 1)^n x_i <= int_0^1 f' (t) d t",
        "unicode": "∑ᵢ₌₁ⁿ xᵢ ≤ ∫₀¹ f′(t)dt",
    },
    "\\frac { \\sum \\limits _ { i } a } { 2 } + \\int \\limits _ { C }": {
        "latex": "\\frac{\\sum\\limits_{i}a}{2}+\\int\\limits_{C}",
        "typst": "frac(limits(sum)_i a, 2) + limits(integral)_C",
        "asciimath": "(sum_i a)/2 + int_C",
        "unicode": "(∑ᵢ a)/2 + ∫_C",
    },
    "\\lim _ { x \\rightarrow 0 } \\sin 2 x = ( \\frac { a } { b } ) ^ { 1 0 }": {
        "latex": "\\lim_{x\\rightarrow0}\\sin2x=\\left(\\frac{a}{b}\\right)^{10}",
        "typst": "lim_(x -> 0) sin 2 x = (frac(a, b))^10",
        "asciimath": "lim_(x -> 0) sin 2 x = (a/b)^10",
        "unicode": "lim_(x → 0) sin 2x = (a/b)¹⁰",
    },
    "\\begin {pmatrix} 1 & a , b \\\\ 0 & 3 . 1 4 \\end {pmatrix}": {
        "latex": "\\begin{pmatrix}1 & a,b \\\\ 0 & 3.14\\end{pmatrix}",
        "typst": 'mat(delim: "(", 1, a\\, b; 0, 3.14)',
        "asciimath": '((1,a "," b),(0,3.14))',
        "unicode": "(1, a, b; 0, 3.14)",
    },
    "| x | + ] 0 , 1 [ \\not = \\not \\in": {
        "latex": "|x|+]0,1[\\neq\\not\\in",
        "typst": "abs(x) + \\] 0, 1 \\[ != ∉",
        "asciimath": 'abs(x) + "]" 0, 1 "[" != !in',
        "unicode": "|x| + ]0, 1[ ≠ ∉",
    },
    "\\sqrt [ 3 ] { x } \\binom { n } { k } A \\xrightarrow [ b ] { a } { } ^ { 1 4 } C ( \\mod n )": {
        "latex": "\\sqrt[3]{x}\\binom{n}{k}A\\xrightarrow[b]{a}{}^{14}C\\pmod{n}",
        "typst": 'root(3, x) binom(n, k) A stretch(→, size: #150%)_b^a ""^14 C(mod n)',
        "asciimath": "root(3)(x) ((n),(k)) A underset(b)(overset(a)(→)) {::}^14 C(mod n)",
        "unicode": "∛x(n choose k)A →_(b)^(a) ¹⁴C(mod n)",
    },
    "\\hat { x } \\overbrace { a + b } ^ { n } \\boxed { 2 } \\overset { ! } { = } \\mathop { A } \\limits _ { i }": {
        "latex": "\\hat{x}\\overbrace{a+b}^{n}\\boxed{2}\\overset{!}{=}\\mathop{A}\\limits_{i}",
        "typst": 'hat(x) overbrace(a + b, n) class("normal", #box(stroke: 0.5pt, inset: 3pt, $ 2 $)) limits(=)^(!) '
        "limits(A)_i",
        "asciimath": 'hat(x) overbrace(a + b)^n "boxed"(2) overset(!)(=) A_i',
        "unicode": "x̂(⏞(a + b))ⁿ[2]=^(!)Aᵢ",
    },
    "f ( x ) = \\begin {cases} x & x > 0 \\\\ 0 \\end {cases}": {
        "latex": "f(x)=\\begin{cases}x & x>0 \\\\ 0\\end{cases}",
        "typst": "f(x) = cases(& x quad && x > 0, & 0)",
        "asciimath": "f(x) = {(x,x > 0),(0):}",
        "unicode": "f(x) = {x, x > 0; 0",
    },
}
CASES = [(text, form, wanted) for text, forms in WRITTEN.items() for form, wanted in forms.items()]


@pytest.mark.parametrize(("text", "form", "wanted"), CASES)
def test_a_form_is_written_as_people_write_it(text: str, form: str, wanted: str) -> None:
    assert convert(text, form) == convert(parse(text), form) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\\cos \\frac { x } { 2 }", "cos {:x/2:}"),
        ("f ^ { 2 } \\frac { x } { 2 }", "f^2 {:x/2:}"),
        ("e _ { ( 1 , 0 ) }", 'e_((1 "," 0))'),
        ("( ( 1 , 2 ) , ( 3 , 4 ) )", '((1 "," 2) "," (3 "," 4))'),
        ("\\frac { a } { b } ^ { 2 }", "{:a/b:}^2"),
    ],
)
def test_asciimath_does_not_take_brackets_for_something_else(text: str, wanted: str) -> None:
    assert convert(text, "asciimath") == wanted


@pytest.mark.parametrize(
    ("text", "typst", "asciimath"),
    [
        ("= + - 2 - > x", "= + -2 - > x", "= + -2 - > x"),
        ("[ | x ] ( : )", "[ | x ] ( : )", "[ | x ] ( : )"),
        ("- x", "-x", "-x"),
        ("x \\cdotp y", "x dot y", "x * y"),
    ],
)
def test_signs_side_by_side_stay_several(text: str, typst: str, asciimath: str) -> None:
    assert (convert(text, "typst"), convert(text, "asciimath")) == (typst, asciimath)


def without_limits(text: str) -> str:
    return text.replace(" \\limits", "")


def test_readable_latex_reads_back_to_the_same_tree(expression: str) -> None:
    assert without_limits(normalize(to_readable(parse(expression)))) == without_limits(expression)


@given(rows())
def test_any_tree_is_said_in_every_form(row: Row) -> None:
    readable = to_readable(row)
    assert without_limits(normalize(readable)) == without_limits(to_latex(row))
    for form in FORMS.keys() - {"sympy"}:
        written = FORMS[form](row)
        if form in ("mathml", "html", "omml"):
            ElementTree.fromstring(written)
    typeset(row)


def test_a_line_break_is_not_given_a_bracket_as_its_option() -> None:
    assert to_readable(parse("\\begin{matrix} a \\\\ {[} 2 ] \\\\ * \\end{matrix}")) == (
        "\\begin{matrix}a \\\\ {[}2] \\\\ {*}\\end{matrix}"
    )


def mathml(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(to_mathml(parse(text)).replace(' xmlns="http://www.w3.org/1998/Math/MathML"', ""))
    assert root.tag == "math"
    return root


def outline(element: ElementTree.Element) -> str:
    """Tags and text, short enough to write down."""
    inside = " ".join(outline(child) for child in element)
    return f"{element.tag}({element.text or inside})"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 2 . 5 ^ { 2 }", "math(msup(mn(12.5) mn(2)))"),
        ("x _ { 1 } ^ { \\prime }", "math(msubsup(mi(x) mn(1) mo(′)))"),
        ("\\sum _ { i } a", "math(munder(mo(∑) mi(i)) mi(a))"),
        ("\\frac { \\sum _ { i } } { 2 }", "math(mfrac(msub(mo(∑) mi(i)) mn(2)))"),
        ("\\sqrt [ 3 ] { a b }", "math(mroot(mrow(mi(a) mi(b)) mn(3)))"),
        ("( a ) < b", "math(mrow(mo(() mi(a) mo())) mo(<) mi(b))"),
        ("\\hat { a }", "math(mover(mi(a) mo(^)))"),
        ("\\begin {cases} a & b \\end {cases}", "math(mrow(mo({) mtable(mtr(mtd(mi(a)) mtd(mi(b))))))"),
    ],
)
def test_mathml_has_the_elements_of_the_standard(text: str, wanted: str) -> None:
    assert outline(mathml(text)) == wanted


def test_mathml_says_what_the_operator_dictionary_cannot_know() -> None:
    minus = mathml("a = - b")[2]
    assert minus.get("form") == "prefix"
    assert mathml("\\frac { \\sum \\limits _ { i } } { 2 }")[0][0][0].get("movablelimits") == "false"
    assert mathml("\\nabla")[0].get("mathvariant") == "normal"
    assert [element.tag for element in mathml("2 \\sin x")] == ["mn", "mspace", "mi", "mo", "mspace", "mi"]
    rule = mathml("\\begin {array} { c | c } 1 & 2 \\\\ \\hline 3 & 4 \\end {array}")[0]
    assert (rule.get("columnlines"), rule.get("rowlines")) == ("solid", "solid")


def test_html_carries_the_latex_beside_the_mathml() -> None:
    root = ElementTree.fromstring(to_html(parse("a < b")))
    assert root.get("alttext") == "a<b"
    assert "".join(root.itertext()) == "a<ba<b"


def test_tables_know_what_the_language_knows() -> None:
    known = {symbol.token for symbol in commands.SYMBOLS.values()} - {"\\hline"}
    assert known <= SIGNS.keys()


@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"sympy"}))
def test_every_form_says_every_construct(form: str, expression: str) -> None:
    assert isinstance(convert(expression, form), str)


@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"tokens", "sympy"}))
def test_what_no_form_knows_is_an_error(form: str) -> None:
    with pytest.raises(ExportError, match="environment foo is not known"):
        convert((Environment("foo", (((Symbol("x"),),),)),), form)

    class Unknown(Symbol):
        pass

    with pytest.raises(KeyError):
        convert((Unknown("x"),), form)


def test_an_unknown_form_is_named_with_those_there_are() -> None:
    with pytest.raises(ExportError, match=r"expected one of latex, tokens, .* found 'pdf'"):
        convert("x", "pdf")
