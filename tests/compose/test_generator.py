from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commands import run
from unimumer.compose.composer import MIX
from unimumer.compose.corpus import Corpus
from unimumer.compose.generator import Generator, Written, composed
from unimumer.ink import label, read_inkml, write_inkml
from unimumer.ink.tie import written_tokens
from unimumer.latex import normalize

SIGNS = {r"\frac": "-"}


def generator(corpus: Corpus, seed: int = 0, **shares: float) -> Generator:
    return Generator(corpus, np.flatnonzero(~corpus.validation), np.random.default_rng(seed), shares or MIX)


def names(corpus: Corpus, written: Written) -> list[str]:
    """The written symbols, in the order of the label."""
    return [corpus.classes[c] for c in written.symbol_class[np.unique(written.symbol, return_index=True)[1]]]


@pytest.mark.parametrize("kind", [kind for kind in MIX if kind != "laid_out"])
def test_label_and_ink_stay_together(structures: Corpus, kind: str) -> None:
    """Symbols come in the order of the label, so that the whole sequence can be compared."""
    for written in generator(structures, **{kind: 1.0}).expressions(300):
        assert written.kind in (kind, "real")
        tokens = written.label.split()
        assert normalize(written.label) == written.label
        assert names(structures, written) == [SIGNS.get(tokens[i], tokens[i]) for i in written_tokens(tokens)]
        assert np.isfinite(written.points).all() and written.ends[-1]


def test_a_symbol_stands_alone_and_rare_ones_do_often(structures: Corpus) -> None:
    made = generator(structures, lone=1.0).expressions(600)
    count = Counter(one.label for one in made)
    assert {one.kind for one in made} == {"lone"} and r"\sqrt" not in count
    written = Counter(structures.classes[c] for c in structures.symbol_class[np.flatnonzero(structures.token >= 0)])
    assert set(count) == {name for name in written if name != r"\sqrt"}
    assert min(count.values()) / max(count.values()) > min(written.values()) / max(written.values())


def test_structures_are_new(structures: Corpus) -> None:
    made = generator(structures, grafted=1.0).expressions(400)
    shapes = Counter("".join("x" if t in ("x", "1", "2") else t for t in one.label.split()) for one in made)
    known = {"".join("x" if t in ("x", "1", "2") else t for t in text.split()) for text in structures.labels}
    assert len(set(shapes) - known) > 40


def test_the_mix_is_as_asked(structures: Corpus) -> None:
    with_formulas = replace(structures, formulas=(("x + 1 = 2", r"\frac { 1 } { x } - 2"), ("1 + 2",)))
    count = Counter(one.kind for one in generator(with_formulas).expressions(3000))
    for kind, share in MIX.items():
        assert count[kind] / 3000 == pytest.approx(share, abs=0.04)
    without = {one.kind for one in generator(structures).expressions(300)}
    assert without == MIX.keys() - {"laid_out"}


def test_what_is_laid_out_has_its_label_in_its_ink_and_its_symbols_stay(structures: Corpus) -> None:
    formulas = tuple(rf"x _ {{ {i} }} + \frac {{ 1 }} {{ \sqrt {{ x }} }} = ( 2 )" for i in (1, 2))
    made = generator(replace(structures, formulas=(formulas,)), laid_out=1.0).expressions(200)
    laid_out = [one for one in made if one.kind == "laid_out"]
    assert len(laid_out) > 150
    assert sum(one.label in formulas for one in laid_out) > 120
    for one in laid_out:
        tokens = one.label.split()
        assert normalize(one.label) == one.label
        if r"\begin" not in tokens:
            assert names(structures, one) == [SIGNS.get(tokens[i], tokens[i]) for i in written_tokens(tokens)]


def test_no_held_out_label_is_laid_out(structures: Corpus) -> None:
    held = structures.labels[int(np.flatnonzero(structures.validation)[0])]
    made = generator(replace(structures, formulas=((held, "x + x"),)), laid_out=1.0).expressions(200)
    assert held not in {one.label for one in made if one.kind == "laid_out"}


def test_same_seed_same_expressions(structures: Corpus) -> None:
    one, two, other = (generator(structures, seed).expressions(50) for seed in (1, 1, 2))
    assert all(a.label == b.label and np.array_equal(a.points, b.points) for a, b in zip(one, two))
    assert [a.label for a in one] != [b.label for b in other]


def test_labels_keep_to_the_longest_asked_for(structures: Corpus) -> None:
    assert max(len(one.label.split()) for one in generator(structures).expressions(300, longest=14)) <= 14


def test_nothing_held_out_is_drawn_on(structures: Corpus) -> None:
    """Held-out ink is made far away from all other; none of it comes in."""
    made = generator(structures)
    assert not structures.validation[[e.member for e in made.library.expressions]].any()
    held = np.repeat(structures.validation, np.diff(structures.starts))
    assert len(made.library.points) <= (~held).sum()


def test_ink_without_a_tree_is_used_as_it_is(corpus: Corpus) -> None:
    untied = Corpus(**{f: getattr(corpus, f) for f in Corpus.__dataclass_fields__} | {"token": corpus.token * 0 - 1})
    made = generator(untied).expressions(100)
    assert {one.kind for one in made} == {"real"}
    assert {one.label for one in made} <= set(corpus.labels)


def test_what_is_composed_can_be_written_and_says_its_label(structures: Corpus) -> None:
    inks = list(composed(structures, 30, seed=3))
    assert len({ink.id for ink in inks}) == 30
    assert [ink.annotations["truth"] for ink in composed(structures, 5, seed=3)] == [
        ink.annotations["truth"] for ink in inks[:5]
    ]
    assert [ink.annotations for ink in composed(structures, 30, seed=4)] != [ink.annotations for ink in inks]
    for ink in inks:
        again = read_inkml(write_inkml(ink), ink.id)
        assert label(again) == normalize(ink.annotations["truth"].strip("$"))
        assert len(again.strokes) == len(ink.strokes) and len(ink.strokes) >= len(label(again).split()) / 4


def test_composes_from_what_was_packed(
    structures: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.npz").write_bytes(b"no corpus")
    assert run("data", "compose", "bad.npz", "--out", "made") == 1
    told = capsys.readouterr().err
    assert "bad.npz is not a packed corpus (no .npz file)" in told and not Path("made").exists()
    structures.save(Path("c.npz"))
    assert run("data", "compose", "c.npz", "--out", "made", "--count", 7) == 0
    assert capsys.readouterr().out == "7 expressions in made\n"
    assert run("data", "compose", "c.npz", "--out", "made") == 1  # it is there
    assert len(list(Path("made").glob("*.inkml"))) == 7
    assert run("data", "convert", "ink", "--source", "made") == 0
    assert "7 rows" in capsys.readouterr().out
