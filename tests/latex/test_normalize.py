"""The label form: a table for every rule, and the published labels, which are in that form already."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import unimumer
from unimumer.export import symbols
from unimumer.latex import LatexError, normalize, parse, to_latex, unicode
from unimumer.latex.commands import BOXES, DROPPED, SYNONYMS

RULES = {
    "spaces between tokens": [("a+b", "a + b"), ("\\alpha x", "\\alpha x"), ("  x\n", "x")],
    "synonyms": [
        ("a \\le b \\ge c", "a \\leq b \\geq c"),
        ("1 , \\dots , n", "1 , \\ldots , n"),
        ("x \\to 0", "x \\rightarrow 0"),
        ("a \\lt b \\gt c", "a < b > c"),
        ("\\| x \\| = \\lVert x \\rVert", "\\parallel x \\parallel = \\parallel x \\parallel"),
        ("P ( A \\mid B )", "P ( A | B )"),
        ("\\dfrac 1 2 \\tbinom n k", "\\frac { 1 } { 2 } \\binom { n } { k }"),
        ("a \\ne b \\neq c", "a \\ne b \\neq c"),
        ("a \\bot b \\perp c", "a \\bot b \\perp c"),
        ("\\boxed { 6 } \\boxed { 6 0 }", "\\boxed 6 \\boxed { 6 0 }"),
        ("a \\not = b { \\not } = ^ 2 c \\not { = } d", "a \\neq b \\neq ^ { 2 } c \\neq d"),
        ("a \\not \\in b", "a \\not \\in b"),
        ("5 %", "5 \\%"),
    ],
    "dropped": [
        ("\\left ( x \\right )", "( x )"),
        ("\\left . x \\right |", "x |"),
        ("\\left < x \\right >", "\\langle x \\rangle"),
        ("\\big ( x \\Bigr )", "( x )"),
        ("\\displaystyle x \\quad y \\, z \\; w \\! v ~ u \\ t", "x y z w v u t"),
        ("$ x $", "x"),
        ("\\mathrm { d } x", "d x"),
        ("\\mathbb R ^ n", "R ^ { n }"),
        ("x ^ \\mathrm { a b }", "x ^ { a b }"),
        ("\\text { if } x", "i f x"),
        ("\\operatorname * { lim } _ x", "l i m _ { x }"),
        ("\\hspace { 1 c m } x \\hspace * { 1 c m }", "x"),
        ("\\textcolor { r e d } { x }", "x"),
    ],
    "braces around arguments": [
        ("x ^ 2 _ i", "x _ { i } ^ { 2 }"),
        ("\\frac 1 2", "\\frac { 1 } { 2 }"),
        ("\\sqrt x", "\\sqrt { x }"),
        ("\\sqrt [ 3 ] x", "\\sqrt [ 3 ] { x }"),
        ("\\hat \\alpha", "\\hat { \\alpha }"),
        ("x ^ \\frac 1 2", "x ^ { \\frac { 1 } { 2 } }"),
        ("\\hat \\bar x", "\\hat { \\bar { x } }"),
        ("x ^ \\alpha y", "x ^ { \\alpha } y"),
        ("\\sqrt [ ] x", "\\sqrt { x }"),
        ("\\overset a b", "\\overset { a } { b }"),
    ],
    "no other braces": [
        ("{ x }", "x"),
        ("{ { a } { b } }", "a b"),
        ("\\bar { { x } }", "\\bar { x }"),
        ("a { + } b", "a + b"),
        ("{ } x", "x"),
        ("{ t r } ^ { 2 }", "t r ^ { 2 }"),
        ("{ a _ { 0 } } ^ { 2 }", "a _ { 0 } ^ { 2 }"),
        ("{ x ^ { \\prime } } ^ { 2 }", "x ^ { \\prime 2 }"),
        ("{ x ^ { \\prime } } _ { 0 }", "x _ { 0 } ^ { \\prime }"),
        ("{ x _ { k } } _ { i }", "x _ { k i }"),
        ("{ \\frac { a } { b } } ^ { 2 }", "\\frac { a } { b } ^ { 2 }"),
        ("x ^ { }", "x"),
        ("x _ { { } }", "x"),
    ],
    "scripts of nothing": [
        ("{ } _ 1 x", "_ { 1 } x"),
        ("a { } _ 1 x", "a { } _ { 1 } x"),
        ("a { _ 1 x }", "a { } _ { 1 } x"),
        ("x ^ { ^ { * } }", "x ^ { ^ { * } }"),
        ("x ^ 2 \\, ^ 3", "x ^ { 2 } { } ^ { 3 }"),
        ("x \\, ^ 3", "x ^ { 3 }"),
    ],
    "primes": [
        ("f '", "f ^ { \\prime }"),
        ("f ' '", "f ^ { \\prime \\prime }"),
        ("f ' _ 0 ^ 2", "f _ { 0 } ^ { \\prime 2 }"),
        ("f _ 0 '", "f _ { 0 } ^ { \\prime }"),
        ("f ^ { ' }", "f ^ { \\prime }"),
        ("f ^ { ' ' 2 }", "f ^ { \\prime \\prime 2 }"),
        ("f ^ '", "f ^ { \\prime }"),
        ("f ^ \\prime", "f ^ { \\prime }"),
        ("y \\prime", "y \\prime"),
        ("x ^ { a ' }", "x ^ { a ^ { \\prime } }"),
    ],
    "limits": [
        ("\\sum \\limits ^ n _ i", "\\sum \\limits _ { i } ^ { n }"),
        ("\\sum _ i \\limits ^ n", "\\sum \\limits _ { i } ^ { n }"),
        ("\\sum _ i ^ n", "\\sum _ { i } ^ { n }"),
        ("\\sum \\nolimits _ i", "\\sum _ { i }"),
        ("\\sum \\limits x", "\\sum x"),
        ("{ } _ a \\limits ^ b", "_ { a } ^ { b }"),
    ],
    "infix": [
        ("a \\over b", "\\frac { a } { b }"),
        ("x = { a + 1 \\over b } ^ 2", "x = \\frac { a + 1 } { b } ^ { 2 }"),
        ("x \\left ( a \\over b \\right )", "x ( \\frac { a } { b } )"),
        ("{ n \\choose k }", "\\binom { n } { k }"),
        ("{ n \\brack k }", "\\begin {bmatrix} n \\\\ k \\end {bmatrix}"),
        ("( { a \\atop b } )", "\\begin {pmatrix} a \\\\ b \\end {pmatrix}"),
        ("\\sqrt [ 1 \\over 2 ] x", "\\sqrt [ \\frac { 1 } { 2 } ] { x }"),
        ("1 \\over", "\\frac { 1 } { }"),
    ],
    "modulo": [
        ("a \\pmod 4", "a ( \\mod 4 )"),
        ("a \\pmod { n + 1 } ^ 2", "a ( \\mod n + 1 ) ^ { 2 }"),
        ("a \\bmod n", "a \\mod n"),
    ],
    "environments": [
        ("\\begin{cases}1\\end{cases}", "\\begin {cases} 1 \\end {cases}"),
        ("( \\begin{matrix} a \\end{matrix} )", "\\begin {pmatrix} a \\end {pmatrix}"),
        (
            "\\left [ \\begin{matrix} { a } & { b } \\\\ \\end{matrix} \\right ]",
            "\\begin {bmatrix} a & b \\end {bmatrix}",
        ),
        ("\\{ \\begin{matrix} x \\end{matrix} \\}", "\\begin {Bmatrix} x \\end {Bmatrix}"),
        ("x [ \\begin{matrix} a \\end{matrix} ] ^ T", "x \\begin {bmatrix} a \\end {bmatrix} ^ { T }"),
        ("( \\begin{matrix} a \\end{matrix} ]", "( \\begin {matrix} a \\end {matrix} ]"),
        ("( \\begin{matrix} a \\end{matrix} ^ 2 )", "( \\begin {matrix} a \\end {matrix} ^ { 2 } )"),
        ("( \\begin{array}{c} a \\end{array} )", "( \\begin {array} { c } a \\end {array} )"),
        ("\\begin{matrix} a \\\\ \\\\ \\end{matrix}", "\\begin {matrix} a \\end {matrix}"),
        ("\\begin{matrix} \\\\ a \\end{matrix}", "\\begin {matrix} \\\\ a \\end {matrix}"),
        ("\\begin{matrix} & \\\\ & \\end{matrix}", "\\begin {matrix} & \\\\ & \\end {matrix}"),
    ],
    "line breaks": [
        (
            "\\begin{aligned} a &= b \\\\[2pt] c &= d \\end{aligned}",
            "\\begin {aligned} a & = b \\\\ c & = d \\end {aligned}",
        ),
        ("\\begin{array}{c} a \\\\[-0.5em] b \\end{array}", "\\begin {array} { c } a \\\\ b \\end {array}"),
        ("\\begin{cases} a \\\\[.3\\baselineskip] b \\end{cases}", "\\begin {cases} a \\\\ b \\end {cases}"),
        ("\\begin{cases} a \\\\ [ 1 e x plus 2 p t ] b \\end{cases}", "\\begin {cases} a \\\\ b \\end {cases}"),
        ("\\begin{pmatrix} a & b \\\\* c & d \\end{pmatrix}", "\\begin {pmatrix} a & b \\\\ c & d \\end {pmatrix}"),
        ("\\begin{array}{cc} a & b \\cr c & d \\end{array}", "\\begin {array} { c c } a & b \\\\ c & d \\end {array}"),
        ("\\begin{matrix} a \\\\ [ x ] \\end{matrix}", "\\begin {matrix} a \\\\ [ x ] \\end {matrix}"),
        ("\\begin{matrix} a \\\\ {[2pt]} \\end{matrix}", "\\begin {matrix} a \\\\ { } [ 2 p t ] \\end {matrix}"),
        ("\\begin{matrix} a \\\\ * \\end{matrix}", "\\begin {matrix} a \\\\ * \\end {matrix}"),
    ],
    "options of environments": [
        ("\\begin{aligned}[t] a &= b \\end{aligned}", "\\begin {aligned} a & = b \\end {aligned}"),
        ("\\begin{bmatrix}[cc|c] 1 & 2 & 3 \\end{bmatrix}", "\\begin {bmatrix} 1 & 2 & 3 \\end {bmatrix}"),
        ("\\begin{pmatrix*}[r] 1 \\end{pmatrix*}", "\\begin {pmatrix} 1 \\end {pmatrix}"),
        ("\\begin{bmatrix} {[c]} \\end{bmatrix}", "\\begin {bmatrix} { } [ c ] \\end {bmatrix}"),
        ("\\begin{cases} [ t ] \\end{cases}", "\\begin {cases} [ t ] \\end {cases}"),
        ("\\begin{alignedat}{2} a &= b \\end{alignedat}", "\\begin {aligned} a & = b \\end {aligned}"),
        ("\\begin{equation*} x \\end{equation*} y", "x y"),
    ],
    "columns": [
        ("\\begin{array}{l@{\\qquad}l} a & b \\end{array}", "\\begin {array} { l l } a & b \\end {array}"),
        ("\\begin{array}{@{}c@{\\hspace{0.5em}}c@{}} a \\end{array}", "\\begin {array} { c c } a \\end {array}"),
        ("\\begin{array}{>{\\displaystyle}l<{} r} a \\end{array}", "\\begin {array} { l r } a \\end {array}"),
        ("\\begin{array}[t]{c|c} a & b \\end{array}", "\\begin {array} { c | c } a & b \\end {array}"),
        ("\\begin{array}{*{2}{c|}p{2cm}w{r}{1em}} a \\end{array}", "\\begin {array} { c | c | l r } a \\end {array}"),
        ("\\begin{array}{{l}{ c }} a \\end{array}", "\\begin {array} { l c } a \\end {array}"),
    ],
    "lengths": [
        ("a\\kern-2pt b \\mkern 3 m u c", "a b c"),
        ("a\\hskip 1em plus 2pt minus 1fil b", "a b"),
        ("\\hbox { t o }", "t o"),
        ("\\smash[b]{x} \\makebox[2cm][c]{y} a \\linebreak[3] b", "x y a b"),
        ("a \\hfill b \\smallskip c", "a b c"),
        ("\\textcolor[rgb]{1,0,0}{x} \\color[gray]{.5} y", "x y"),
        ("\\phantom{)_} x \\phantom y z", "x z"),
    ],
    "other constructs": [
        ("\\buildrel a \\over = b", "\\stackrel { a } { = } b"),
        ("\\sqrt[\\leftroot{-2}\\uproot{2} n]{k}", "\\sqrt [ n ] { k }"),
        ("\\cfrac[l]{a}{b} \\underbracket[1pt][2pt]{x}", "\\frac { a } { b } \\underbracket { x }"),
        ("\\big < x \\bigr > \\left ( a \\middle . b \\right )", "\\langle x \\rangle ( a b )"),
        ("\\unheardof [ 2 ] x * { y }", "\\unheardof [ 2 ] x * y"),
        ("a \\not = { b \\over c } \\not = d \\over e", "\\frac { a \\neq \\frac { b } { c } \\neq d } { e }"),
    ],
    "Unicode": [
        ("α ≤ β ∑ × ∞ − b", "\\alpha \\leq \\beta \\sum \\times \\infty - b"),
        ("√2 + √{x+1} + ∛8 + 3√", "\\sqrt { 2 } + \\sqrt { x + 1 } + \\sqrt [ 3 ] { 8 } + 3 \\surd"),
        (
            "x² + x¹⁰ + aₙ₊₁² + f′ + 90°",
            "x ^ { 2 } + x ^ { 1 0 } + a _ { n + 1 } ^ { 2 } + f ^ { \\prime } + 9 0 ^ { \\circ }",
        ),
        ("𝑥 𝛼 𝐀 ℝ ℓ ℏ （＝", "x \\alpha A R \\ell \\hbar ( ="),
        ("½ + ⅔", "\\frac { 1 } { 2 } + \\frac { 2 } { 3 }"),
        ("ẋ + x\u0302 + \\alpha \u0303 + v\u20d7", "\\dot { x } + \\hat { x } + \\tilde { \\alpha } + \\vec { v }"),
        ("≠ ∉ ≰ =\u0338", "\\neq \\notin \\not \\leq \\neq"),
        ("f\u2061(x)\u200b", "f ( x )"),
        ("中 é ①", "中 \\acute { e } ①"),
    ],
}


@pytest.mark.parametrize(("text", "expected"), [pair for pairs in RULES.values() for pair in pairs])
def test_rules(text: str, expected: str) -> None:
    assert normalize(text) == expected
    assert normalize(expected) == expected


@pytest.mark.parametrize(("old", "new"), SYNONYMS.items())
def test_a_synonym_is_replaced_for_good(old: str, new: str) -> None:
    assert normalize(f"x {old} ^ 2") == f"x {new} ^ {{ 2 }}"


@pytest.mark.parametrize("command", sorted(DROPPED - BOXES))
def test_a_dropped_command_leaves_no_trace(command: str) -> None:
    assert normalize(f"{command} {{ a }} {command} b ^ {command} {{ c }}") == "a b ^ { c }"


def test_our_expressions_are_in_label_form(expression: str) -> None:
    assert normalize(expression) == expression


# Labels that the rules change, by file, as found in the published files; all others are in label form.
NOT_NORMALIZED = {
    "crohme-train.tsv": 50,  # 36 `^` before `_`, 14 `'` for `\prime`
    "N3_pred.json:gt": 287,  # 281 redundant braces, 6 arguments without braces
    "mathwriting_test_normalized_pred.json:gt": 29,  # 25 matrices, 2 redundant braces, 2 `\\not =`
    "mathwriting_test_pred.json:gt": 989,  # the labels as they are before normalization
}
MALFORMED = {
    "mathwriting_test_pred.json:gt": 7,  # `\frac` cut short
    "N3_pred.json:pred": 3,  # two superscripts, two subscripts, a lost brace
}


def test_published_labels_keep_their_form(published: dict[str, list[str]]) -> None:
    for source, labels in published.items():
        changed = malformed = 0
        for label in labels:
            try:
                tree = parse(label)
            except LatexError:
                malformed += 1
                continue
            written = to_latex(tree)
            assert parse(written) == tree
            assert normalize(label) == normalize(written) == written
            changed += written != label
        assert malformed == MALFORMED.get(source, 0), source
        if not source.endswith("pred"):
            assert changed == NOT_NORMALIZED.get(source, 0), source


def test_crohme_labels_change_only_in_order_and_primes(published: dict[str, list[str]]) -> None:
    labels = ["\\int ^ { H } _ { 0 } f ^ { ' } ( x )", *published.get("crohme-train.tsv", [])]
    for label in labels:
        expected = sorted(label.replace("'", "\\prime").split())
        assert sorted(normalize(label).split()) == expected


def test_raw_labels_become_the_published_ones(raw_and_normalized: list[tuple[str, str]]) -> None:
    # The other pairs differ in what is written: a lost root index, `{ l o g }` made `\\log`, column letters.
    same = sum(normalize(raw) == normalize(label) for raw, label in raw_and_normalized)
    assert same >= 0.945 * len(raw_and_normalized)


def test_every_synonym_has_its_reason_in_the_documentation() -> None:
    page = (Path(unimumer.__file__).parents[2] / "docs" / "labels.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\S+)` \| `(\S+)` \| (?=\S)", page, re.MULTILINE)
    assert {old.replace("\\|", "|"): new.replace("\\|", "|") for old, new in rows} == SYNONYMS


# A letter of a font is the letter; a prime and a degree are scripts; one character has one of two commands.
READ_OTHERWISE = {"\\R", "\\Z", "\\N", "\\Q", "\\prime", "\\degree", "\\bot", "\\not"}


def test_what_exporters_write_for_a_sign_is_read_as_that_sign() -> None:
    assert symbols.SIGNS.keys() >= set(unicode.SIGNS.values())
    for token, sign in symbols.SIGNS.items():
        if len(sign.text) == 1 and not sign.text.isascii() and token not in READ_OTHERWISE:
            assert symbols.sign(normalize(sign.text)).text == sign.text, token
