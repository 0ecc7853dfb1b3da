"""Formulas laid out in ink: symbols in the order of the label, and everything where it belongs."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest

from unimumer.compose.alphabet import ACCENTS, CROHME, KIN, TOKENS, WORDS
from unimumer.compose.arrange import InkPiece
from unimumer.compose.corpus import Corpus, LabelledInk, build_corpus
from unimumer.compose.layout import Layouts
from unimumer.compose.library import Library
from unimumer.compose.realize import place
from unimumer.compose.tree import Box
from unimumer.ink import Ink, InkSymbol, label
from unimumer.latex import parse

from .conftest import STRUCTURES, typeset

UNWRITTEN = {"{", "}", "^", "_", "&", r"\\", r"\limits", r"\frac", r"\sqrt", r"\begin", r"\end", r"\binom"}
WRITTEN = [token for token in (*CROHME, *KIN) if token not in UNWRITTEN]
DRAWN_AS = {
    **dict.fromkeys((r"\bar", r"\overline", r"\underline", r"\frac"), ("-",)),
    **dict.fromkeys((r"\vec", r"\overrightarrow"), (r"\rightarrow",)),
    **dict.fromkeys((r"\hat", r"\widehat"), (r"\wedge",)),
    **dict.fromkeys((r"\tilde", r"\widetilde"), (r"\sim",)),
    r"\dot": (".",),
    r"\ddot": (".", "."),
    **{word: tuple(word[1:]) for word in WORDS},
}


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """The made-up structures, and every sign of the alphabet by itself."""
    inks = [typeset(math, f"s{i}-{w}", f"w{w}") for i, math in enumerate(STRUCTURES) for w in range(30)]
    known = [LabelledInk(ink, label(ink, limits=True)) for ink in inks]
    box = np.float32([[0, 0], [10, 0], [10, 10], [0, 10]])
    signs = [
        LabelledInk(Ink(f"l{i}", (box,), (InkSymbol(token, (0,), ""),)), token, held=False, lone=True)
        for i, token in enumerate(WRITTEN)
    ]
    return build_corpus([*known, *signs])


@pytest.fixture(scope="module")
def library(corpus: Corpus) -> Library:
    return Library(corpus, np.flatnonzero(~corpus.validation))


@pytest.fixture(scope="module")
def layouts(corpus: Corpus, library: Library) -> Layouts:
    return Layouts(library, corpus.writer[np.flatnonzero(~corpus.validation)], Random(0))


def laid_out(layouts: Layouts, text: str) -> InkPiece:
    piece = layouts.lay_out(text, parse(text))
    assert piece is not None, text
    return piece


def boxes(library: Library, piece: InkPiece) -> list[tuple[str, Box]]:
    placement = place([piece], library)
    names = [library.classes[c] for c in library.symbol_class[placement.symbol]]
    return list(zip(names, map(tuple, placement.boxes(library).tolist())))


def symbols_of(text: str) -> list[str]:
    """The classes of the symbols that a label is written with, in its order."""
    opened = {"{pmatrix}": "(", "{bmatrix}": "[", "{vmatrix}": "|", "{Bmatrix}": r"\{", "{cases}": r"\{"}
    closed = {"{pmatrix}": ")", "{bmatrix}": "]", "{vmatrix}": "|", "{Bmatrix}": r"\}"}
    names: list[str] = []
    for before, token in pairwise(["", *text.split()]):
        if before in (r"\begin", r"\end"):
            names += [name for name in [(opened if before == r"\begin" else closed).get(token)] if name]
        elif token == r"\sqrt" or token in DRAWN_AS or token not in UNWRITTEN:
            names += DRAWN_AS.get(token, (token,))
    return names


EVERYTHING = [
    *(f"x {token} x" for token in WRITTEN),
    *(f"{word} x" for word in WORDS),
    *(f"{accent} {{ x }}" for accent in ACCENTS),
    r"\frac { 1 + x } { 2 }",
    r"\sqrt { x + 1 }",
    r"\sum \limits _ { x = 1 } ^ { 2 } x",
    r"\int \limits _ { 1 } ^ { 2 } x",
    r"\lim \limits _ { x \rightarrow 1 } x",
    r"x ^ { \frac { 1 } { 2 } }",
    r"x _ { 1 } ^ { 2 }",
    r"( \frac { 1 } { x } ) ^ { 2 } + | x |",
    *(
        rf"x = \begin {{{name}}} 1 & 2 \\ x & 1 \end {{{name}}}"
        for name in ("pmatrix", "bmatrix", "vmatrix", "Bmatrix")
    ),
    *(rf"x \begin {{{name}}} 1 & 2 \\ x & \end {{{name}}}" for name in ("matrix", "cases", "aligned")),
]


def test_every_token_of_the_alphabet_is_drawn() -> None:
    seen = {token for text in EVERYTHING for token in text.split()} | {r"\binom"}
    assert seen >= set(TOKENS)


@pytest.mark.parametrize("text", EVERYTHING)
def test_symbols_are_those_of_the_label_in_its_order(layouts: Layouts, library: Library, text: str) -> None:
    for _ in range(3):
        piece = laid_out(layouts, text)
        assert [name for name, _ in boxes(library, piece)] == symbols_of(text)
        assert piece.tokens == text.split() and np.isfinite(np.array(piece.parts)).all()


def test_a_formula_whose_sign_nobody_wrote_is_not_laid_out(layouts: Layouts) -> None:
    assert layouts.lay_out(r"\smiley", parse(r"\smiley")) is None


def test_brackets_and_bars_in_any_order_are_laid_out(layouts: Layouts) -> None:
    random = Random(0)
    for _ in range(300):
        laid_out(
            layouts,
            " ".join(random.choices(["(", ")", "[", "]", "|", r"\parallel", "x", ") ^ { 2 }", "| _ { x }"], k=8)),
        )


def middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


@pytest.mark.parametrize("repeat", range(10))
class TestPlaces:
    """What is where, whatever is drawn."""

    def test_a_row_goes_to_the_right(self, layouts: Layouts, library: Library, repeat: int) -> None:
        placed = boxes(library, laid_out(layouts, "x + 1 2 - x = 2"))
        for (_, one), (_, other) in pairwise(placed):
            assert other[0] > one[2]
        assert max(abs(middle(box)[1]) for _, box in placed) < 0.8

    def test_scripts(self, layouts: Layouts, library: Library, repeat: int) -> None:
        (_, base), (_, low), (_, high) = boxes(library, laid_out(layouts, "x _ { 1 } ^ { 2 }"))
        assert middle(high)[1] < middle(base)[1] < middle(low)[1] and low[1] > high[3]
        assert low[0] > middle(base)[0] and high[0] > middle(base)[0]
        assert high[3] - high[1] < base[3] - base[1] + 0.3

    def test_fractions(self, layouts: Layouts, library: Library, repeat: int) -> None:
        bar, *rest = boxes(library, laid_out(layouts, r"\frac { 1 + x } { 2 }"))
        above, (_, below) = rest[:3], rest[3]
        assert max(box[3] for _, box in above) < bar[1][1] and below[1] > bar[1][3]
        assert bar[1][0] <= above[0][1][0] and above[-1][1][2] <= bar[1][2]
        assert bar[1][0] <= below[0] and below[2] <= bar[1][2]

    def test_roots(self, layouts: Layouts, library: Library, repeat: int) -> None:
        (_, sign), *inner = boxes(library, laid_out(layouts, r"\sqrt { x + \frac { 1 } { 2 } }"))
        assert sign[1] < min(box[1] for _, box in inner) and sign[2] >= max(box[2] for _, box in inner) - 1e-6
        assert sign[0] < min(box[0] for _, box in inner)

    def test_limits(self, layouts: Layouts, library: Library, repeat: int) -> None:
        (_, base), (_, low), (_, high) = boxes(library, laid_out(layouts, r"\sum \limits _ { 1 } ^ { 2 }"))
        assert high[3] < base[1] and low[1] > base[3]
        assert base[0] - 1 < middle(low)[0] < base[2] + 1

    def test_brackets_hold_what_is_between(self, layouts: Layouts, library: Library, repeat: int) -> None:
        placed = boxes(library, laid_out(layouts, r"( \frac { 1 } { \frac { x } { 2 } } ) ^ { 2 }"))
        inner = [box for _, box in placed[1:-2]]
        for _, bracket in (placed[0], placed[-2]):
            assert bracket[1] < min(box[1] for box in inner) + 0.2
            assert bracket[3] > max(box[3] for box in inner) - 0.2
        assert middle(placed[-1][1])[1] < placed[-2][1][1] + 0.8  # the exponent is at the bracket's top

    def test_marks(self, layouts: Layouts, library: Library, repeat: int) -> None:
        for accent in ACCENTS:
            (_, mark), *_, (_, body) = boxes(library, laid_out(layouts, rf"{accent} {{ x }}"))
            assert mark[1] > body[3] if accent == r"\underline" else mark[3] < body[1]
            assert abs(middle(mark)[0] - middle(body)[0]) < 0.6

    def test_tables(self, layouts: Layouts, library: Library, repeat: int) -> None:
        text = r"\begin {bmatrix} 1 & 2 \\ x & 1 \end {bmatrix}"
        (_, left), (_, a), (_, b), (_, c), (_, d), (_, right) = boxes(library, laid_out(layouts, text))
        assert left[2] < min(a[0], c[0]) and max(b[2], d[2]) < right[0]
        assert max(a[3], b[3]) < min(c[1], d[1]) and max(a[2], c[2]) < min(b[0], d[0])
        for bracket in (left, right):
            assert bracket[1] < middle(a)[1] and bracket[3] > middle(d)[1]

    def test_systems(self, layouts: Layouts, library: Library, repeat: int) -> None:
        (_, brace), *first, second = boxes(library, laid_out(layouts, r"\begin {cases} x + 1 \\ 2 \end {cases}"))
        lines = [box for _, box in first]
        assert brace[2] < min(box[0] for box in (*lines, second[1])) and brace[3] - brace[1] > 0.8
        assert max(box[3] for box in lines) < second[1][1]
        assert brace[1] < middle(second[1])[1] and brace[3] > middle(lines[0])[1]

    def test_a_hand_writes_the_same_symbol_alike(self, layouts: Layouts, library: Library, repeat: int) -> None:
        piece = laid_out(layouts, "x x x x")
        chosen = [part[0] for part in piece.parts]
        assert len(set(library.expression[chosen])) <= len(STRUCTURES)
