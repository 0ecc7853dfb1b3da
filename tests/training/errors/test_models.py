from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.conftest import write_inkml
from unimumer.compose.corpus import Corpus, load_corpus
from unimumer.data.sample import DataError
from unimumer.training.errors.folds import assign
from unimumer.training.errors.models import pack_ink, subset, without


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
    with pytest.raises(DataError, match="are its ids those of the pictures"):
        without(corpus, {"other": 1}, 0)


def test_ink_is_packed_with_its_writers(tmp_path: Path) -> None:
    write_inkml(tmp_path / "ink")
    packed, writers, left_out = pack_ink(tmp_path / "ink", tmp_path / "corpus.npz")
    assert set(writers) == set(load_corpus(packed).ids) and writers["e31"] == "w1" and left_out == []
    assert pack_ink(packed, tmp_path / "other.npz") == (packed, {}, [])
