from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.conftest import write_inkml
from unimumer.compose.corpus import Corpus, load_corpus
from unimumer.errors import UnimumerError
from unimumer.training import TrainingError
from unimumer.training.errors.folds import assign, pack_ink, read_writers, subset, without


@settings(deadline=None)
@given(st.dictionaries(st.text(min_size=1), st.integers(0, 9), min_size=12), st.integers(2, 3), st.integers(0, 5))
def test_writers_stay_together_and_order_does_not_matter(hands: dict[str, int], folds: int, seed: int) -> None:
    ids = [*hands, "first alone", "second alone", "third alone"]
    writers = {id: f"w{hand}" for id, hand in hands.items() if hand > 4}  # the others are not known
    fold_of = assign(ids, folds, seed, writers)
    random.Random(seed).shuffle(ids)
    assert assign(ids, folds, seed, writers) == fold_of
    assert set(fold_of) == set(ids) and set(fold_of.values()) == set(range(folds))
    for writer in set(writers.values()):
        assert len({fold_of[id] for id in writers if writers[id] == writer}) == 1


def test_without_writers_folds_are_even_and_follow_the_seed() -> None:
    ids = [f"e{i}" for i in range(100)]
    fold_of = assign(ids, 3, 0, {})
    assert sorted(Counter(fold_of.values()).values()) == [33, 33, 34]
    assert assign(ids, 3, 1, {}) != fold_of


def test_a_single_writer_makes_no_folds() -> None:
    with pytest.raises(UnimumerError, match="2 folds of 1 writers"):
        assign(["a", "b"], 2, 0, {"a": "w", "b": "w"})


def test_writers_are_read_and_a_wrong_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "writers.tsv"
    path.write_text("a\tw 1\nb\tw2\n")
    assert read_writers(path) == {"a": "w 1", "b": "w2"}
    path.write_text("a\tw\nb w\n")
    with pytest.raises(UnimumerError, match="line 2: expected an id"):
        read_writers(path)


def test_a_subset_keeps_the_ink_of_its_members(corpus: Corpus) -> None:
    members = np.array([7, 3, 30])
    part = subset(corpus, members)
    assert part.ids == ("e7", "e3", "e30") and part.labels == tuple(corpus.labels[i] for i in members)
    for place, member in enumerate(members):
        ours, theirs = (c.points[c.starts[i] : c.starts[i + 1]] for c, i in ((part, place), (corpus, member)))
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("fold", [0, 1, 2])
def test_a_model_sees_nothing_of_its_fold(corpus: Corpus, fold: int) -> None:
    fold_of = assign(corpus.ids, 3, 0, {id: f"w{int(id[1:]) % 30}" for id in corpus.ids})
    part = without(corpus, fold_of, fold)
    assert {fold_of[id] for id in part.ids} == {0, 1, 2} - {fold}
    assert 0 < part.validation.sum() < len(part)
    assert len(part.points) == len(part.symbol) == part.starts[-1]


def test_ink_of_other_pictures_is_refused(corpus: Corpus) -> None:
    with pytest.raises(TrainingError, match="those of the pictures"):
        without(corpus, {"other": 1}, 0)


def test_ink_is_packed_with_its_writers(tmp_path: Path) -> None:
    write_inkml(tmp_path / "ink")
    packed, writers, left_out = pack_ink(tmp_path / "ink", tmp_path / "corpus.npz")
    assert set(writers) == set(load_corpus(packed).ids) and writers["e31"] == "w1" and left_out == []
    assert pack_ink(packed, tmp_path / "other.npz") == (packed, {}, [])
