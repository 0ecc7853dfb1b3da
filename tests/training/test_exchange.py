from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.tasks import recognize
from unimumer.training.nano.batches import Conversation, Source
from unimumer.training.nano.corpus import Corpus
from unimumer.training.nano.exchange import KINDRED, Written
from unimumer.training.nano.vocabulary import build_tokenizer


@pytest.fixture(scope="module")
def source(corpus: Corpus) -> Source:
    return Source(corpus, Conversation(build_tokenizer(corpus.labels), recognize.prompt()), (0,))


def symbols(written: Written, corpus: Corpus) -> list[str]:
    """Names of the written symbols, from left to right."""
    middle = {s: written.points[written.symbol == s, 0].mean() for s in np.unique(written.symbol)}
    first = {s: written.symbol_class[written.symbol == s][0] for s in middle}
    return [corpus.classes[first[s]] for s in sorted(middle, key=lambda s: middle[s])]


@given(seed=st.integers(0, 1000))
def test_ink_and_label_stay_together(corpus: Corpus, source: Source, seed: int) -> None:
    """The made-up collection writes its symbols in a row, so that the label can be read off the ink."""
    source.random = np.random.default_rng(seed)
    member = int(source.random.choice(source.members))
    written = source._written(member)
    assert symbols(written, corpus) == written.label.split()
    assert len(written.label.split()) == len(corpus.labels[member].split())
    for old, new in zip(corpus.labels[member].split(), written.label.split()):
        assert old == new or any(old in group and new in group for group in KINDRED)


@given(seed=st.integers(0, 1000))
def test_numbers_start_at_zero_and_every_stroke_is_in_one_piece(corpus: Corpus, source: Source, seed: int) -> None:
    source.random = np.random.default_rng(seed)
    written = source._written(int(source.random.choice(source.members)))
    assert np.array_equal(np.unique(written.stroke), np.arange(written.stroke.max() + 1))
    assert np.array_equal(np.unique(written.symbol), np.arange(written.symbol.max() + 1))
    assert (np.diff(written.stroke) >= 0).all()
    assert all(len(np.unique(written.symbol[written.stroke == s])) == 1 for s in np.unique(written.stroke))


def test_labels_become_many(corpus: Corpus, source: Source) -> None:
    source.random = np.random.default_rng(0)
    member = next(m for m in source.members.tolist() if {"1", "2"} & set(corpus.labels[m].split()))
    labels = {source._written(member).label for _ in range(60)}
    assert len(labels) > 1 and corpus.labels[member] in labels


def test_validation_ink_is_left_as_it_is(corpus: Corpus) -> None:
    conversation = Conversation(build_tokenizer(corpus.labels), recognize.prompt())
    held = Source(corpus, conversation, (0,), validation=True)
    for member in held.members.tolist():
        start, end = corpus.starts[member : member + 2]
        assert held._written(member).label == corpus.labels[member]
        assert np.array_equal(held._written(member).points, corpus.points[start:end])
