"""Text made to hurt: read or refused, in time linear in its length."""

from __future__ import annotations

import numpy as np
import pytest

from linear import is_linear
from unimumer.latex import LatexError, parse, to_latex, tokenize

LENGTH = 100_000
PATTERNS = [
    *("{", "}", "{ } ", "{ x } ", "x ^ {", "x ", "x'", "'", "x _ a ^ b ", "{ x ^ a } ^ b "),
    *(
        "x \\, ^ a ",
        "\\, ^ a ",
        "\\",
        "\\\\",
        "&",
        "[",
        "\\sqrt[",
        "\\frac",
        "\\frac ab",
        "\\hat ",
        "\\limits",
    ),
    *("\\left(", "\\left(\\right)", "\\right", "a \\over ", "\\begin", "\\begin ", "\\begin{", "\\begin {a"),
    *("\\begin{matrix}", "\\begin{matrix} a & b \\\\ c \\end{matrix} ", "(\\begin{matrix} a \\end{matrix})"),
    *(
        "x \\limits",
        "\\operatorname * ",
        "\\mathrm ",
        "\\def\\a{\\a\\a}",
        "\\unheardof ",
        "$",
        "%",
        "中",
        "\x00",
        " ",
    ),
    *(
        "\\\\[",
        "\\\\*",
        "\\cr ",
        "\\kern1pt ",
        "\\kern ",
        "\\hbox to ",
        "\\label{",
        "\\label{} ",
        "\\smash[",
        "\\big<",
        "\\not = ",
    ),
    *(
        "\\buildrel ",
        "\\begin{matrix}[c",
        "\\unheardof [ ",
        "\\unheardof [ ] ",
    ),
    *("\\begin{array}{", "\\begin{array}{*{9}{", "\\begin{array}{@{", "\\begin{aligned}[t]"),
    *("²", "x²", "α", "√", "x\u0302", "\u0302", "½", "𝑥", "=\u0338", "é", "\u200b"),
    *("</script><img onerror=1>", "a" * 1000 + " ", "\\" + "a" * 1000),
]


def _read(text: str) -> None:
    try:
        to_latex(parse(text))
    except LatexError as error:
        assert len(str(error)) < 300


@pytest.mark.parametrize("pattern", PATTERNS, ids=repr)
def test_time_is_linear(pattern: str) -> None:
    assert is_linear(_read, *(pattern * (length // len(pattern)) for length in (LENGTH // 10, LENGTH)))


@pytest.mark.parametrize("inside", ["x ^ a", "a b c ", "\\begin{matrix} a \\end{matrix}"])
def test_many_groups_around_much(inside: str) -> None:
    assert is_linear(_read, *("{" * 60 + inside * count + "} ^ b" * 60 for count in (1_000, 10_000)))


def test_a_megabyte_of_noise() -> None:
    draw = np.random.default_rng(0)
    pieces = [
        "\\frac",
        "{",
        "}",
        "^",
        "_",
        "x",
        "\\begin {matrix}",
        "\\end {matrix}",
        "&",
        "\\left",
        "(",
        "\\sqrt",
        "[",
    ]
    text = " ".join(draw.choice(pieces, 300_000))
    with pytest.raises(LatexError):
        parse(text)
    assert len(tokenize(text)) >= 300_000
    text = bytes(draw.integers(0, 256, 1_000_000, dtype=np.uint8)).decode("latin-1")
    with pytest.raises(LatexError):
        parse(text)


def test_a_long_command_is_not_quoted_in_full() -> None:
    with pytest.raises(LatexError) as caught:
        parse("\\" + "a" * 100_000 + "{x}")
    assert len(str(caught.value)) < 200
