from __future__ import annotations

import gzip
import json
from dataclasses import fields, replace
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from unimumer.compose import ComposeError
from unimumer.compose.corpus import (
    VERSION,
    Corpus,
    LabelledInk,
    build_corpus,
    entries,
    is_validation,
    load_corpus,
    read_labelled,
    writer_of,
)
from unimumer.ink import Ink, InkSymbol

from .conftest import write, write_inkml

HELD = next(f"w{i}" for i in range(1000) if is_validation(f"w{i}"))
TRAINED = next(f"w{i}" for i in range(1000) if not is_validation(f"w{i}"))
OTHERS = [LabelledInk(write("1", "held", HELD), "1"), LabelledInk(write("1", "trained", TRAINED), "1")]


def test_points_strokes_and_symbols_stay_together(corpus: Corpus) -> None:
    ink = write("2 + x", "one", "w")
    packed = build_corpus([LabelledInk(ink, "2 + x"), *OTHERS])
    assert np.array_equal(packed.points[:13], np.concatenate(ink.strokes))
    assert packed.stroke[:13].tolist() == [0] * 5 + [1, 1, 2, 2, 3, 3, 4, 4]
    assert [packed.classes[k] for k in packed.symbol_class[:13]] == ["2"] * 5 + ["+"] * 4 + ["x"] * 4
    assert packed.starts.tolist() == [0, 13, 15, 17]


def test_saving_to_the_given_name_and_loading_gives_the_same(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "packed").write_text("before")
    whole = replace(corpus, formulas=(("x + 1",), ("2", "1")))
    whole.save(tmp_path / "packed")
    assert [path.name for path in tmp_path.iterdir()] == ["packed"]
    again = load_corpus(tmp_path / "packed")
    for field in fields(Corpus):
        one, other = getattr(again, field.name), getattr(whole, field.name)
        assert one == other if isinstance(one, tuple) else np.array_equal(one, other)


def test_a_kill_while_writing_leaves_the_file_before(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(file: IO[bytes], **arrays: object) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    corpus.save(tmp_path / "c.npz")
    monkeypatch.setattr(np, "savez_compressed", killed)
    with pytest.raises(KeyboardInterrupt):
        corpus.save(tmp_path / "c.npz")
    assert load_corpus(tmp_path / "c.npz").labels == corpus.labels


def test_a_file_that_is_no_corpus_is_named(corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    corpus.save(path)
    whole = path.read_bytes()
    array = BytesIO()
    np.save(array, corpus.points)
    for content in (b"", b"not a corpus", whole[: len(whole) // 2], whole[:-1], whole[40:], array.getvalue()):
        path.write_bytes(content)
        with pytest.raises(ComposeError, match=r"c\.npz is not a packed corpus .*unimumer train pack"):
            load_corpus(path)
    with pytest.raises(ComposeError, match=r"none\.npz"):
        load_corpus(tmp_path / "none.npz")


def test_flipped_bits_are_found_or_harmless(corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    corpus.save(path)
    whole, random = path.read_bytes(), np.random.default_rng(0)
    found = 0
    for place in random.integers(0, len(whole), 100):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << int(random.integers(8))]) + whole[place + 1 :])
        try:
            assert load_corpus(path).digest() == corpus.digest()
        except ComposeError:
            found += 1
    assert found > 30


def stored(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def test_bad_lists_inside_are_found(corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    corpus.save(path)
    for bad in (b'["x"', b"\xff\xfe", b"7"):
        np.savez(path, **(stored(path) | {"labels": np.frombuffer(bad, np.uint8)}))
        with pytest.raises(ComposeError, match=r"c\.npz is not a packed corpus"):
            load_corpus(path)


def test_a_file_of_another_version_is_to_be_packed_again(corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    corpus.save(path)
    arrays = stored(path)
    assert int(arrays.pop("version")) == VERSION == 4
    for other in (arrays, {"points": corpus.points}, {**arrays, "version": np.array(1)}, {"version": np.array(1)}):
        np.savez(path, **other)
        with pytest.raises(ComposeError, match=r"c\.npz was written by another version; pack again"):
            load_corpus(path)


def test_hands_are_told_apart_within_their_collection() -> None:
    inks = [(write("1", "a", TRAINED), "one"), (write("x", "b", TRAINED), "one"), (write("2", "c", TRAINED), "two")]
    lone = LabelledInk(write("2", "d", TRAINED), "2", "two", held=False, lone=True)
    packed = build_corpus([*(LabelledInk(ink, "x", source) for ink, source in inks), lone, OTHERS[0]])
    assert packed.writer[0] == packed.writer[1] and len(set(packed.writer.tolist())) == 4


def test_the_digest_tells_corpora_apart(corpus: Corpus) -> None:
    assert replace(corpus, ids=("other",) * len(corpus)).digest() == corpus.digest()
    for other in ({"labels": corpus.labels[::-1]}, {"points": corpus.points + 1}, {"classes": corpus.classes[::-1]}):
        assert replace(corpus, **other).digest() != corpus.digest()


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


def test_ink_without_symbols_label_or_size_is_left_out_and_named() -> None:
    point = (np.zeros((1, 2), np.float32),)
    dot = Ink("dot", point, (InkSymbol(".", (0,), ""),))
    unmarked = Ink("unmarked", write("x", "x", "w").strokes)
    reasons: list[str] = []
    labelled = [(dot, "."), (unmarked, "x"), (write("x", "x", "w"), ""), (write("2", "two", TRAINED), "2")]
    kept = build_corpus([*(LabelledInk(*one) for one in labelled), *OTHERS], reasons.append)
    assert kept.ids == ("two", "held", "trained")
    assert reasons == ["dot: it is of no size", "unmarked: no symbols are marked", "x: its label is empty"]
    with pytest.raises(ComposeError, match="no labelled ink"):
        build_corpus([LabelledInk(dot, "."), LabelledInk(unmarked, "x")])


def test_ink_must_be_of_writers_on_both_sides() -> None:
    for other, side in zip(OTHERS, ("held out from training", "none held out")):
        with pytest.raises(ComposeError, match=rf"{side}.* ink of several writers"):
            build_corpus([other])


def test_unreadable_ink_is_reported_not_lost(tmp_path: Path) -> None:
    (tmp_path / "bad.inkml").write_text("<ink>")
    reasons: list[str] = []
    assert list(read_labelled(tmp_path, reasons.append)) == []
    assert len(reasons) == 1 and "bad" in reasons[0]


def test_collections_are_named_and_some_are_held_out_as_a_whole(tmp_path: Path) -> None:
    write_inkml(tmp_path / "crohme", 30)
    write_inkml(tmp_path / "other.d", 4)
    crosses = [{"s": "x", "k": [[[0, 0], [9, 9]], [[9, 0], [0, 9]]]}] * 20
    (tmp_path / "signs.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, crosses)).encode()))
    reasons: list[str] = []
    given = entries([tmp_path / "crohme"], [tmp_path / "other.d"], [tmp_path / "signs.jsonl.gz"], reasons.append)
    packed = build_corpus(given, reasons.append)
    assert packed.sources == ("crohme", "other", "signs") and not reasons
    assert np.bincount(packed.source).tolist() == [30, 4, 20]
    assert packed.validation[packed.source == 1].all() and not packed.validation[packed.source == 0].all()
    assert np.flatnonzero(packed.validation[packed.source == 2]).tolist() == [9]
    assert (packed.lone == (packed.source == 2)).all()
    lone = np.repeat(packed.lone, np.diff(packed.starts))
    assert (packed.token[lone] == 0).all() and {packed.classes[c] for c in packed.symbol_class[lone]} == {"x"}
