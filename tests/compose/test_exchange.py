from __future__ import annotations

import numpy as np
import pytest

from unimumer.compose.composer import Mix
from unimumer.compose.corpus import Corpus
from unimumer.compose.generator import Generator, Written
from unimumer.compose.variation import Variation


@pytest.fixture(scope="module")
def written(corpus: Corpus) -> list[Written]:
    members = np.flatnonzero(~corpus.validation)
    mix = Mix(real=0, exchanged=1, grafted=0, joined=0, cut=0, lone=0, laid_out=0)
    still = Variation(0, 0, 0, 0, 0, 0, 0, 0, 0)
    return Generator(corpus, members, np.random.default_rng(0), still, mix).expressions(400)


def test_ink_and_label_stay_together(corpus: Corpus, written: list[Written]) -> None:
    """The made-up collection writes its symbols in a row, so that the label can be read off the ink."""
    for one in written:
        numbers, first = np.unique(one.symbol, return_index=True)
        middle = [
            np.mean([one.points[one.symbol == s, 0].min(), one.points[one.symbol == s, 0].max()]) for s in numbers
        ]
        names = [corpus.classes[c] for c in one.symbol_class[first]]
        assert names == [t for t in one.label.split() if t not in ("^", "{", "}")]
        assert (np.diff(middle) > 0).all()


def test_only_kindred_classes_change(corpus: Corpus, written: list[Written]) -> None:
    """Of the made-up classes only `1` and `2` are kin."""
    changed = 0
    for one in written:
        old = corpus.labels[one.member].split()
        new = one.label.split()
        assert len(old) == len(new)
        assert all(o == n or {o, n} == {"1", "2"} for o, n in zip(old, new))
        changed += old != new
    assert changed > 40


def test_all_symbols_of_a_class_change_to_the_same(corpus: Corpus, written: list[Written]) -> None:
    for one in written:
        pairs = set(zip(corpus.labels[one.member].split(), one.label.split()))
        assert len({old for old, _ in pairs}) == len(pairs)
