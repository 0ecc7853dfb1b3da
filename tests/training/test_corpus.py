from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unimumer.data.sample import DataError
from unimumer.ink import Ink
from unimumer.training.nano.corpus import (
    Corpus,
    build_corpus,
    is_validation,
    load_corpus,
    read_labelled,
    writer_of,
)

from .conftest import write


def test_points_strokes_and_symbols_stay_together(corpus: Corpus) -> None:
    ink = write("2 + x", "one", "w")
    packed = build_corpus([(ink, "2 + x")])
    assert np.array_equal(packed.points, np.concatenate(ink.strokes))
    assert packed.stroke.tolist() == [0] * 5 + [1, 1, 2, 2, 3, 3, 4, 4]
    assert [packed.classes[k] for k in packed.symbol_class] == ["2"] * 5 + ["+"] * 4 + ["x"] * 4
    assert packed.starts.tolist() == [0, 13]


def test_saving_and_loading_gives_the_same(corpus: Corpus, tmp_path: Path) -> None:
    corpus.save(tmp_path / "c.npz")
    again = load_corpus(tmp_path / "c.npz")
    assert again.labels == corpus.labels and again.classes == corpus.classes and again.ids == corpus.ids
    assert np.array_equal(again.points, corpus.points) and np.array_equal(again.validation, corpus.validation)


def test_a_file_that_is_no_corpus_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.npz").write_bytes(b"not a corpus")
    with pytest.raises(DataError, match=r"c\.npz"):
        load_corpus(tmp_path / "c.npz")


def test_no_writer_is_on_both_sides(corpus: Corpus) -> None:
    writers = [f"w{i % 30}" for i in range(60)]
    held = {w for w, v in zip(writers, corpus.validation) if v}
    trained = {w for w, v in zip(writers, corpus.validation) if not v}
    assert held and trained and not held & trained


def test_a_share_of_writers_is_held_out() -> None:
    share = np.mean([is_validation(f"writer {i}") for i in range(20000)])
    assert share == pytest.approx(0.055, abs=0.006)


def test_the_writer_is_annotated_or_the_form_that_the_name_begins_with() -> None:
    stroke = (np.zeros((1, 2), np.float32),)
    assert writer_of(Ink("a-1", stroke, annotations={"writer": "W"})) == "W"
    assert writer_of(Ink("2009210-947-102", stroke)) == "2009210-947"
    assert writer_of(Ink("lonely", stroke)) == "lonely"


def test_ink_without_symbols_label_or_size_is_left_out() -> None:
    dot = Ink("dot", (np.zeros((1, 2), np.float32),))
    unmarked = Ink("unmarked", write("x", "x", "w").strokes)
    labelled = [(dot, "."), (unmarked, "x"), (write("x", "x", "w"), ""), (write("2", "two", "w"), "2")]
    kept = build_corpus(labelled)
    assert kept.ids == ("two",)
    with pytest.raises(DataError, match="no labelled ink"):
        build_corpus([(dot, "."), (unmarked, "x")])


def test_unreadable_ink_is_reported_not_lost(tmp_path: Path) -> None:
    (tmp_path / "bad.inkml").write_text("<ink>")
    reasons: list[str] = []
    assert list(read_labelled(tmp_path, reasons.append)) == []
    assert len(reasons) == 1 and "bad" in reasons[0]
