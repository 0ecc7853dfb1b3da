from __future__ import annotations

import numpy as np

from unimumer.compose.composer import whole
from unimumer.compose.corpus import Corpus
from unimumer.compose.exchange import Exchanger
from unimumer.compose.library import Library
from unimumer.compose.realize import place


def test_kindred_classes_change_in_ink_and_label_alike(corpus: Corpus) -> None:
    """The made-up collection writes its symbols in a row, and of its classes only `1` and `2` are kin."""
    library = Library(corpus, np.flatnonzero(~corpus.validation))
    expressions = library.expressions * 8
    before, pieces = [e.tokens for e in expressions], [whole(e) for e in expressions]
    which = np.arange(len(pieces)) % 4 > 0
    placed, after = Exchanger(library).exchange(place(pieces, library), before, which, np.random.default_rng(0))
    middles = placed.boxes(library)[:, ::2].mean(axis=1)
    changed = 0
    for i, (old, new) in enumerate(zip(before, after)):
        of = placed.expression == i
        assert [library.classes[c] for c in library.symbol_class[placed.symbol[of]]] == new
        assert (np.diff(middles[of]) > 0).all()
        pairs = set(zip(old, new))
        assert len(old) == len(new) and all(o == n or {o, n} == {"1", "2"} for o, n in pairs)
        assert len({o for o, _ in pairs}) == len(pairs)  # all symbols of a class change to the same
        assert which[i] or old == new
        changed += old != new
    assert changed > 40
