"""Formulas as labels: what is mapped, what is passed over, and what is drawn of them."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from unimumer.compose.alphabet import CROHME, TOKENS
from unimumer.compose.formulas import FormulaPool, label_of, read_formulas
from unimumer.files import FileError
from unimumer.latex import normalize, to_latex


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (r"x^2", "x ^ { 2 }"),
        (r"\dfrac{a}{b} \leqslant \varphi", r"\frac { a } { b } \leq \phi"),
        (r"\sum_{i=1}^n i", r"\sum \limits _ { i = 1 } ^ { n } i"),
        (r"\int f", r"\int f"),
        (r"\mathop{l i m}_{x \to 0} s i n x", r"\lim \limits _ { x \rightarrow 0 } \sin x"),
        (r"x \limits ^ 2", "x ^ { 2 }"),
        (r"q^{(\begin{array}{c} 1 \\ 0 \end{array})}", r"q ^ { \begin {pmatrix} 1 \\ 0 \end {pmatrix} }"),
        (r"x \leq s l a n t 2", r"x \leq 2"),
        (r"l n ^ 2 x", r"\ln ^ { 2 } x"),
        (
            r"\left( \begin{array}{cc} a & b \\ c & d \end{array} \right)",
            r"\begin {pmatrix} a & b \\ c & d \end {pmatrix}",
        ),
        (r"\left\{ \begin{array}{l} a \\ b \end{array} \right.", r"\begin {cases} a \\ b \end {cases}"),
        (r"| \begin{matrix} a \\ b \end{matrix} |", r"\begin {vmatrix} a \\ b \end {vmatrix}"),
        (r"\begin{align*} a & = b \end{align*}", r"\begin {aligned} a & = b \end {aligned}"),
        (r"{} ^ 2 x", None),
        (r"\xrightarrow { a }", None),
        (r"\frac { } { 2 }", None),
        (r"\check { a }", None),
        (r"x ?", None),
        (r"\frac {", None),
        ("x " * 251, None),
    ],
)
def test_labels(text: str, label: str | None) -> None:
    found = label_of(text)
    assert found == label
    assert found is None or (normalize(found) == found and set(found.split()) <= set(TOKENS))


def test_a_file_gives_each_label_once_and_counts_what_is_passed_over(tmp_path: Path) -> None:
    lines = ["x ^ 2", "x^{2}", "", r"\foo", "1 + 1"]
    (tmp_path / "f.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    (tmp_path / "f.txt").write_text("\n".join(lines))
    assert read_formulas(tmp_path / "f.txt.gz") == read_formulas(tmp_path / "f.txt") == (["x ^ { 2 }", "1 + 1"], 1)
    (tmp_path / "bad.txt.gz").write_bytes(b"no archive")
    with pytest.raises(FileError, match=r"bad\.txt\.gz: cannot be read"):
        read_formulas(tmp_path / "bad.txt.gz")


UNREACHED = {r"\backslash", r"\parallel", r"\circ", "{matrix}", "{cases}", "{aligned}", r"\\", r"\prec", r"\succ"}
LONG = " + ".join(f"{letter} _ {{ 1 }}" for letter in "abcdefghij")
CHAIN = "a = b = c"


def drawn(pool: FormulaPool, number: int = 3000) -> Counter[str]:
    random = np.random.default_rng(0)
    found: Counter[str] = Counter()
    for _ in range(number):
        one = pool.draw(random)
        if one:
            label, row = one
            assert to_latex(row) == label
            found[label] += 1
    return found


def test_nothing_held_out_is_drawn_not_even_as_a_part() -> None:
    found = drawn(FormulaPool([[CHAIN, "x + y"]], ["= c", "x + y", "y"], 90))
    assert found.keys() >= {CHAIN, "= b = c", "a =", "a = b =", f"{CHAIN} ,"}
    assert not found.keys() & {"= c", "x + y", "y"}
    assert r"\begin {aligned} a & = b \\ & = c \end {aligned}" in found
    assert found[CHAIN] > 1900


def test_single_equations_come_together_behind_a_brace() -> None:
    pool = FormulaPool([["x = 1", "y < 2", "a + b", "x = y = z", "= c", "f ( x , y ) = 2", "( z = 3"]], ["x = 1"], 90)
    found = drawn(pool)
    of_two = r"\begin {cases} y < 2 \\ y < 2 \end {cases}"
    assert {label for label in found if "cases" in label} == {
        of_two,
        r"\begin {cases} y < 2 \\ y < 2 \\ y < 2 \end {cases}",
        r"y = \begin {cases} 2 & y < 2 \\ 2 & y < 2 \end {cases}",
    }
    assert found[of_two] / 3000 == pytest.approx(0.65 * 0.83 * FormulaPool.SYSTEMS, abs=0.02)
    assert not any("cases" in label for label in drawn(FormulaPool([["a + b"]], [], 90)))
    assert all(len(label.split()) <= 8 for label in drawn(FormulaPool([["x = 1", "y < 2"]], [], 8)))


def test_parts_of_long_formulas_are_short_enough() -> None:
    found = drawn(FormulaPool([[LONG]], [], 50), 500)
    assert found and max(len(label.split()) for label in found) <= 50 and LONG not in found
    assert len(FormulaPool([[LONG]], [], 10)) == 0  # that short only what is short


def test_rare_signs_come_in_where_one_of_their_kind_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FormulaPool, "REPLACED", 1.0)
    texts = [
        r"\sin x + ( \int y ) \rightarrow b",
        r"\sum \limits _ { i } \hat { a }",
        r"\begin {pmatrix} a & = \end {pmatrix}",
    ]
    found = drawn(FormulaPool([texts], [], 90), 20000)
    assert all(normalize(label) == label and set(label.split()) <= set(TOKENS) for label in found)
    assert {token for label in found for token in label.split()} >= set(TOKENS) - {*CROHME, r"\binom"} - UNREACHED


def test_brackets_stay_together() -> None:
    for label in drawn(FormulaPool([["( a + b ) = [ c = d ] = | e | ="]], [], 90)):
        assert label.count("(") == label.count(")") and label.count("[") == label.count("]")
        assert label.count("|") % 2 == 0


def test_short_and_long_collections_and_rare_signs_have_their_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FormulaPool, "REPLACED", 0.0)
    many = [f"{a} {b} {c}" for a in "123456789" for b in "123456789" for c in "123456789"]
    found = drawn(FormulaPool([many, [LONG]], [], 90), 4000)
    assert found[LONG] / found.total() == pytest.approx(0.1 / 0.25, abs=0.04)  # of two classes of length
    rare = drawn(FormulaPool([[*many, "x y z"]], [], 90), 4000)
    assert rare["x y z"] > 2 * np.mean(list(rare.values()))
