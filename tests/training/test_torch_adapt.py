"""Fine-tuning to one person's hand, on a made-up collection and a model of no size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from compose.conftest import typeset, write
from unimumer.compose.corpus import Corpus
from unimumer.ink import Ink, picture, write_inkml
from unimumer.training import TrainingError
from unimumer.training.nano.adapt import (
    FEWEST,
    MOST,
    AdaptPlan,
    OwnExpression,
    adapt,
    read_own_expressions,
    stroke_tokens,
)
from unimumer.training.nano.model import Nano
from unimumer.training.nano.shape import Shape
from unimumer.training.nano.vocabulary import build_tokenizer

from .conftest import TINY

pytestmark = pytest.mark.torch

TEXTS = ("x + 1", "1 + 2", "2 x", "x x + 2", "1 2 1", "x + x", "2 + 1 + x", "1 x 2")


def bare(text: str, id: str) -> Ink:
    """Ink as the page's corrections have it: strokes and the right text."""
    return Ink(id, write(text, id, "me").strokes, annotations={"truth": text.replace(" ", "")})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i, text in enumerate(TEXTS):
        (tmp_path / f"e{i}.inkml").write_bytes(write_inkml(bare(text, f"e{i}")))
    return tmp_path


def own(count: int = 8) -> list[OwnExpression]:
    inks = [(bare(text, f"e{i}"), text) for i, text in enumerate(TEXTS[:count])]
    return [OwnExpression(ink.id, text, ink=ink) for ink, text in inks]


def tiny() -> Nano:
    vocabulary = -(-build_tokenizer(TEXTS).get_vocab_size() // 64) * 64
    return Nano(Shape(vocabulary, **TINY))


def test_ink_comes_with_its_label_and_what_has_none_is_named(folder: Path) -> None:
    (folder / "blank.inkml").write_bytes(write_inkml(Ink("blank", bare("x", "b").strokes)))
    (folder / "odd.inkml").write_bytes(write_inkml(Ink("odd", bare("x", "b").strokes, annotations={"truth": "\\foo"})))
    named: list[str] = []
    found = read_own_expressions(folder, named.append)
    assert [one.label for one in found] == list(TEXTS)
    assert all(one.ink is not None and one.picture is None for one in found)
    assert len(named) == 2 and named[0].startswith("blank: no label") and named[1].startswith("odd: its label")


def test_pictures_come_with_the_list_beside_them(tmp_path: Path) -> None:
    for i, text in enumerate(TEXTS):
        Image.fromarray(picture(bare(text, "x"))).save(tmp_path / f"e{i}.png")
    lines = [f"e{i}.png\t{text}" for i, text in enumerate(TEXTS)]
    (tmp_path / "caption.txt").write_text("\n".join([*lines, "gone.png\tx"]) + "\n")
    named: list[str] = []
    found = read_own_expressions(tmp_path, named.append)
    assert [one.label for one in found] == list(TEXTS) and all(one.picture is not None for one in found)
    assert len(named) == 1 and named[0].startswith("gone")


def test_too_few_and_too_many_are_refused(folder: Path) -> None:
    (folder / "e0.inkml").unlink()
    with pytest.raises(TrainingError, match=f"has {FEWEST - 1} labelled expressions that can be used; {FEWEST} are"):
        read_own_expressions(folder, lambda reason: None)
    for i in range(MOST):
        (folder / f"f{i}.inkml").write_bytes(write_inkml(bare("x + 1", f"f{i}")))
    with pytest.raises(TrainingError, match=r"more than the 500 .* train nano --init"):
        read_own_expressions(folder, lambda reason: None)


def test_strokes_are_tied_to_the_tokens_that_they_write() -> None:
    fraction = typeset(("row", ("mfrac", "1", "x + 2"), "+", "1"), "f", "me")
    label = r"\frac { 1 } { x + 2 } + 1"
    tied = stroke_tokens(Ink("f", fraction.strokes), label)
    assert tied is not None
    written = [label.split()[token] for token in tied]
    names = {stroke: symbol.name for symbol in fraction.symbols for stroke in symbol.strokes}
    assert written == [r"\frac" if names[i] == "-" else names[i] for i in range(len(fraction.strokes))]
    assert stroke_tokens(bare("x", "x"), r"x + 1 + 2 + 1 + 2 + 1") is None


def test_the_new_weights_are_a_mean_with_the_old() -> None:
    """With all kept nothing changes; with half, each weight is halfway to where it would be with nothing kept."""
    model, tokenizer = tiny(), build_tokenizer(TEXTS)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    plans = {kept: AdaptPlan(passes=1, kept=kept, cells=200) for kept in (0.0, 0.5, 1.0)}
    made = {kept: adapt(model, tokenizer, own(), plan)[0].state_dict() for kept, plan in plans.items()}
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
    assert any(not torch.allclose(before[name], weight) for name, weight in made[0.0].items())
    for name, weight in before.items():
        torch.testing.assert_close(made[1.0][name], weight)
        torch.testing.assert_close(made[0.5][name], (weight + made[0.0][name]) / 2)


def test_each_expression_is_seen_so_often_and_time_ends_it() -> None:
    model, tokenizer = tiny(), build_tokenizer(TEXTS)
    told: list[tuple[int, int]] = []
    seen = adapt(model, tokenizer, own(), AdaptPlan(passes=2, cells=100), report=lambda a, b: told.append((a, b)))[1]
    assert told[-1] == (16, 16) and 16 <= seen < 32 and [a for a, _ in told] == sorted(a for a, _ in told)
    assert adapt(model, tokenizer, own(), AdaptPlan(passes=99, cells=100, time_budget=1e-6))[1] < 16


def test_pictures_and_general_ink_are_trained_on_beside(corpus: Corpus) -> None:
    pictures = [OwnExpression(f"p{i}", text, picture=picture(bare(text, "x"))) for i, text in enumerate(TEXTS)]
    tokenizer = build_tokenizer((*TEXTS, *corpus.labels))
    model = Nano(Shape(-(-tokenizer.get_vocab_size() // 64) * 64, **TINY))
    told: list[int] = []
    adapt(model, tokenizer, pictures + own(), AdaptPlan(passes=1, cells=200), corpus, lambda a, b: told.append(b))
    assert set(told) == {32}


def test_a_loss_that_runs_away_is_told() -> None:
    model, tokenizer = tiny(), build_tokenizer(TEXTS)
    with torch.no_grad():
        model.model.embed_tokens.weight.fill_(np.inf)
    with pytest.raises(TrainingError, match="not finite"):
        adapt(model, tokenizer, own(), AdaptPlan())
