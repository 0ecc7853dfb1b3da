from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from unimumer.ink import InkError, label, read_inkml, read_inks
from unimumer.ink.tie import tie, token_name, written_strokes, written_tokens

DATA = Path(os.environ.get("UNIMUMER_DATA") or Path(__file__).parents[3] / "shared" / "data")
FRACTION = '<mfrac xml:id="-"><mi xml:id="a">a</mi><msup><mi xml:id="b">b</mi><mn xml:id="2">2</mn></msup></mfrac>'


def test_written_tokens_leave_out_marks_of_structure() -> None:
    label = r"\sqrt [ n ] { [ x ] } + \sum \limits _ { i } ^ { 2 }"
    tokens = label.split()
    assert [tokens[i] for i in written_tokens(tokens)] == [r"\sqrt", "n", "[", "x", "]", "+", r"\sum", "i", "2"]


def test_symbols_are_tied_to_their_tokens(make_inkml: Callable[..., bytes]) -> None:
    traces = ("0 0, 9 0", "2 9, 3 9", "4 -9, 5 -9", "7 7, 8 7")
    symbols = {"-": (0,), "b": (1,), "a": (2,), "2": (3,)}
    ink = read_inkml(make_inkml(FRACTION, r"$\frac{a}{b^2}$", traces, symbols), "f")
    tokens = label(ink, limits=True).split()
    tied = tie(ink, " ".join(tokens))
    assert tied is not None
    assert [tokens[i] for i in tied] == [r"\frac", "b", "a", "2"]


def test_strokes_of_written_tokens_have_the_ids_of_the_file(make_inkml: Callable[..., bytes]) -> None:
    traces = ("0 0, 9 0", "2 9, 3 9", "4 -9, 5 -9", "7 7, 8 7")
    document = make_inkml(FRACTION, r"$\frac{a}{b^2}$", traces, {"-": (0,), "b": (1,), "a": (2,), "2": (3,)})
    ink = read_inkml(document, "f")
    assert len(ink.names) == len(ink.strokes) == 4
    bar, b, a, two = ((name,) for name in ink.names)
    assert written_strokes(ink) == (r"\frac { a } { b ^ { 2 } }", (bar, a, b, two))
    assert written_strokes(replace(ink, layout=None)) is None


@pytest.mark.parametrize(
    ("truth", "symbols"),
    [
        (r"$\frac{a}{b^2}+1$", {"-": (0,), "b": (1,), "a": (2,), "2": (3,)}),  # the MathML says otherwise
        (r"$\frac{a}{b^2}$", {"-": (0,), "b": (1,), "a": (2, 3)}),  # a token without ink
        (r"$\frac{a}{b^2}$", {"-": (0,), "b": (1,), "a": (2,)}),  # ink without a token, a token without ink
    ],
)
def test_what_does_not_agree_is_not_tied(
    make_inkml: Callable[..., bytes], truth: str, symbols: dict[str, tuple[int, ...]]
) -> None:
    ink = read_inkml(make_inkml(FRACTION, truth, ("0 0, 9 0", "2 9", "4 4", "7 7"), symbols), "f")
    assert tie(ink, label(ink, limits=True)) is None


def test_symbol_groups_are_named_as_in_the_labels() -> None:
    assert (token_name(r"\lt"), token_name("x"), token_name("unknown")) == ("<", "x", "unknown")


def test_most_of_the_training_ink_is_tied() -> None:
    archive = DATA / "crohme-train.tar.xz"
    if not archive.exists():
        pytest.skip("no training ink here")
    inks = [ink for _, ink in islice(read_inks(archive), 500) if not isinstance(ink, InkError)]
    tied = [tie(ink, label(ink, limits=True)) is not None for ink in inks]
    assert sum(tied) > 0.9 * len(tied)
