from __future__ import annotations

import numpy as np
import pytest

from unimumer.compose.arrange import Arrangement, InkPiece, cut
from unimumer.compose.corpus import Corpus
from unimumer.compose.library import Expression, Library
from unimumer.compose.realize import place
from unimumer.compose.tree import Box, InkRow

UNCHANGED = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@pytest.fixture(scope="module")
def library(structures: Corpus) -> Library:
    return Library(structures, np.flatnonzero(~structures.validation))


def expression(library: Library, label: str) -> Expression:
    return next(e for e in library.expressions if " ".join(e.tokens) == label)


def graft(library: Library, template: str, row: InkRow, donor: str) -> tuple[str, list[tuple[str, Box]]]:
    """A whole expression in the place of a row: the label, and the symbols in their places."""
    old, new = expression(library, template), expression(library, donor)
    assert old.tree and new.tree
    piece = cut(new.tokens, new.tree, 0, len(new.tree.items))
    made = Arrangement(old.tokens, {row: [(0, len(row.items), piece)]}).row(old.tree)
    return " ".join(made.tokens), boxes(library, made)


def boxes(library: Library, piece: InkPiece) -> list[tuple[str, Box]]:
    placement = place([piece], library)
    names = [library.classes[c] for c in library.symbol_class[placement.symbol]]
    return list(zip(names, map(tuple, placement.boxes(library).tolist())))


ROOT = r"\sqrt { x + 2 } - 1 = x _ { 1 }"
FRACTION = r"x + \frac { x + 1 } { 2 } = 2"
DEEP = r"\frac { 1 } { 2 + x ^ { 2 } }"
BRACKET = r"2 ( x + 1 ) = x"


def test_a_row_put_in_its_own_place_changes_nothing(library: Library) -> None:
    for template in (ROOT, FRACTION, DEEP, BRACKET):
        tree = expression(library, template).tree
        assert tree
        for row in tree.children:
            tokens = expression(library, template).tokens
            piece = cut(tokens, row, 0, len(row.items))
            made = Arrangement(tokens, {row: [(0, len(row.items), piece)]}).row(tree)
            before = boxes(library, cut(tokens, tree, 0, len(tree.items)))
            after = boxes(library, made)
            assert [name for name, _ in before] == [name for name, _ in after]
            assert np.allclose([box for _, box in before], [box for _, box in after], atol=0.11)


def test_a_bar_is_as_long_as_what_is_longest(library: Library) -> None:
    tree = expression(library, FRACTION).tree
    assert tree
    label, placed = graft(library, FRACTION, tree.items[2].slots["den"], ROOT)
    assert label == r"x + \frac { x + 1 } { \sqrt { x + 2 } - 1 = x _ { 1 } } = 2"
    bar = placed[2][1]
    below = [box for _, box in placed[6:-2]]
    assert bar[0] <= min(box[0] for box in below) and max(box[2] for box in below) <= bar[2]
    assert bar[2] - bar[0] < 1.3 * (max(box[2] for box in below) - min(box[0] for box in below))
    assert min(box[1] for box in below) > bar[3]  # below the bar
    assert placed[-2][1][0] > bar[2]  # what follows gives way


def test_a_root_covers_what_is_under_it(library: Library) -> None:
    tree = expression(library, ROOT).tree
    assert tree
    label, placed = graft(library, ROOT, tree.items[0].slots["rad"], FRACTION)
    assert label.startswith(r"\sqrt { x + \frac")
    sign, inner = placed[0][1], [box for _, box in placed[1:10]]
    assert sign[1] < min(box[1] for box in inner) and sign[2] > max(box[2] for box in inner) - 0.1
    assert placed[10][0] == "-" and placed[10][1][0] > sign[2]


def test_brackets_grow_with_what_they_hold(library: Library) -> None:
    old, new = expression(library, BRACKET), expression(library, DEEP)
    assert old.tree and new.tree
    piece = cut(new.tokens, new.tree, 0, 1)
    made = Arrangement(old.tokens, {old.tree: [(2, 5, piece)]}).row(old.tree)
    assert " ".join(made.tokens) == r"2 ( \frac { 1 } { 2 + x ^ { 2 } } ) = x"
    placed = boxes(library, made)
    inner = [box for _, box in placed[2:-3]]
    for bracket in (placed[1], placed[-3]):
        assert bracket[0] in "()"
        assert bracket[1][1] < min(box[1] for box in inner) and bracket[1][3] > max(box[3] for box in inner)


def test_scripts_take_the_size_of_their_place(library: Library) -> None:
    tree = expression(library, DEEP).tree
    assert tree
    script = tree.items[0].slots["den"].items[2].slots["sup"]
    label, placed = graft(library, DEEP, script, BRACKET)
    assert label == r"\frac { 1 } { 2 + x ^ { 2 ( x + 1 ) = x } }"
    large = {name: box for name, box in placed[:5]}
    small = {name: box for name, box in placed[5:]}
    ratio = (small["x"][3] - small["x"][1]) / (large["x"][3] - large["x"][1])
    assert 0.5 < ratio < 0.85


def test_untouched_ink_is_not_moved_but_pushed(library: Library) -> None:
    tree = expression(library, FRACTION).tree
    assert tree
    old = expression(library, FRACTION)
    new = expression(library, DEEP)
    assert new.tree
    row = tree.items[2].slots["num"]
    made = Arrangement(old.tokens, {row: [(0, 3, cut(new.tokens, new.tree, 0, 1))]}).row(tree)
    assert made.parts[0][2:] == UNCHANGED and made.parts[1][2:] == UNCHANGED
    shift = made.parts[-1][5]
    assert shift != 0 and made.parts[-1][2:5] == UNCHANGED[:3] and made.parts[-2][5] == shift
