"""Training step by step: what a checkpoint holds, what it refuses, and how a run ends. No clock decides a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from unimumer.compose.corpus import Corpus
from unimumer.engines.pictures import gray_to_rgb
from unimumer.ink import Ink, picture
from unimumer.training import TrainingError
from unimumer.training.nano import feed, objective, train
from unimumer.training.nano.checkpoint import load_state, save_state
from unimumer.training.nano.feed import Stage
from unimumer.training.nano.model import Nano
from unimumer.training.nano.objective import Batch, multiplies_bfloat16
from unimumer.training.nano.shape import SCALE, Shape
from unimumer.training.nano.train import Muon32, Trainer, TrainPlan
from unimumer.training.nano.vocabulary import QUESTIONS, build_tokenizer

from .conftest import TINY

pytestmark = pytest.mark.torch

PLAN = TrainPlan(time_budget=100.0, cells=64, workers=0)
SYMBOLS, EVERYTHING = Stage("symbols", 0.2), Stage("tasks", 1.0)


@pytest.fixture(autouse=True)
def _a_second_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trainer's own clock goes on by a second whenever it is read."""
    monkeypatch.setattr(train, "time", SimpleNamespace(monotonic=count().__next__))


def trainer(corpus: Corpus, folder: Path, plan: TrainPlan = PLAN, **shape: int) -> Trainer:
    tokenizer = build_tokenizer(corpus.labels)
    return Trainer(corpus, tokenizer, Shape(1088, **{**TINY, **shape}), plan, folder / "checkpoint")


def step(made: Trainer, steps: int) -> list[dict[str, float]]:
    """Train `steps` steps of single symbols and as many of expressions."""
    return [made._step(batch) for stage in (SYMBOLS, EVERYTHING) for batch in batches(made, stage, steps)]


def batches(made: Trainer, stage: Stage, number: int) -> Iterator[Batch]:
    return islice(iter(made._feed(stage)), number)


def test_a_checkpoint_holds_everything_and_training_goes_on_the_same(corpus: Corpus, tmp_path: Path) -> None:
    first = trainer(corpus, tmp_path)
    step(first, 3)
    first.progress["elapsed"] = 30.0
    first._save()
    second = trainer(corpus, tmp_path)
    assert second.progress == first.progress and second.progress["step"] == 6
    ours, theirs = first._state(), second._state()
    assert ours.keys() == theirs.keys()
    assert {name.split(".")[0] for name in ours} == {"model", "heads", "average", "optimizer0", "optimizer1"}
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert step(first, 2) == step(second, 2)
    assert all(torch.equal(tensor, second._state()[name]) for name, tensor in first._state().items())


def test_the_average_is_of_its_own(corpus: Corpus, tmp_path: Path) -> None:
    made = trainer(corpus, tmp_path)
    step(made, 3)
    made._save()
    again = trainer(corpus, tmp_path)
    assert torch.equal(again.average.model.norm.weight, made.average.model.norm.weight)
    assert not torch.equal(again.average.model.norm.weight, again.model.model.norm.weight)


def test_another_corpus_shape_or_seed_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    trainer(corpus, tmp_path)._save()
    with pytest.raises(TrainingError, match="another corpus"):
        trainer(replace(corpus, points=corpus.points + 1), tmp_path)
    with pytest.raises(TrainingError, match="another shape"):
        trainer(corpus, tmp_path, text_depth=1)
    with pytest.raises(TrainingError, match=r"another seed \(0, now 1\)"):
        trainer(corpus, tmp_path, replace(PLAN, seed=1))
    longer = trainer(corpus, tmp_path, replace(PLAN, time_budget=200.0, cells=128))
    assert longer.progress["step"] == 0


@pytest.mark.parametrize("missing", ["model.model.norm", "heads.cells", "average.model.norm"])
def test_tensors_of_another_model_are_refused(corpus: Corpus, tmp_path: Path, missing: str) -> None:
    made = trainer(corpus, tmp_path)
    kept = {name: tensor for name, tensor in made._state().items() if not name.startswith(missing)}
    save_state(tmp_path / "checkpoint", made.progress, kept)
    with pytest.raises(TrainingError, match="checkpoint is of another model or corpus"):
        trainer(corpus, tmp_path)


def test_a_run_takes_its_budget_and_validates_at_the_end_of_every_stage(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "STAGES", (SYMBOLS, Stage("short", 0.5, longest=0), EVERYTHING))
    log: list[dict[str, object]] = []
    trainer(corpus, tmp_path, replace(PLAN, time_budget=20.0)).run(log.append)
    scored = [(line["stage"], line["step"]) for line in log if "exprate" in line]
    assert scored == [("symbols", 4), ("tasks", 20)]  # no label is short enough for the stage between
    assert trainer(corpus, tmp_path).progress["step"] == 20
    trainer(corpus, tmp_path, replace(PLAN, time_budget=30.0)).run(log.append)
    assert trainer(corpus, tmp_path).progress["step"] == 30


def test_an_interrupt_saves_and_goes_on_up(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, go_on = trainer(corpus, tmp_path), train.follow

    def follow(average: Nano, model: Nano, steps: int) -> None:
        go_on(average, model, steps)
        if steps == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(train, "follow", follow)
    with pytest.raises(KeyboardInterrupt):
        made.run(lambda line: None)
    again = trainer(corpus, tmp_path)
    assert again.progress["step"] == 3 and again.progress["elapsed"] == 3
    assert all(torch.equal(tensor, again._state()[name]) for name, tensor in made._state().items())


def test_a_loss_that_is_not_finite_stops_the_run_before_it_spoils_the_weights(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = trainer(corpus, tmp_path)
    step(made, 1)
    made._save()
    before = {name: tensor.clone() for name, tensor in made._state().items()}
    nothing = lambda model, batch: torch.full(batch.pictures.shape, float("nan"))  # noqa: E731
    monkeypatch.setattr(objective, "_pictures", nothing)
    with pytest.raises(TrainingError, match=r"not finite at step 3.*lower --rate"):
        made.run(lambda line: None)
    assert all(torch.equal(tensor, before[name]) for name, tensor in made._state().items())
    assert trainer(corpus, tmp_path).progress["step"] == 2


def test_a_stage_needs_short_training_labels(corpus: Corpus) -> None:
    shortest = min(len(label.split()) for label, held in zip(corpus.labels, corpus.validation) if not held)
    assert Stage("short", 1.0, longest=shortest).has_members(corpus)
    assert not Stage("short", 1.0, longest=shortest - 1).has_members(corpus)
    assert not Stage("short", 1.0, longest=99).has_members(replace(corpus, validation=np.ones(len(corpus), bool)))
    assert SYMBOLS.has_members(corpus)


def test_the_other_kinds_begin_with_questions_that_differ(corpus: Corpus, tmp_path: Path) -> None:
    made = trainer(corpus, tmp_path)
    rows = [made.tokenizer.token_to_id(text) for text in QUESTIONS]
    embedding = made.model.model.embed_tokens.weight
    with torch.no_grad():
        embedding[rows] = embedding[rows[0]].clone()
    kept = embedding[0].clone()
    made._tell_questions_apart()
    told = embedding[rows].detach().clone()
    likeness = torch.nn.functional.cosine_similarity(told[:, None], told[None], dim=-1)
    assert (likeness - torch.eye(len(rows))).abs().max() < 0.6
    assert torch.equal(made.average.model.embed_tokens.weight[rows], told)
    assert torch.equal(embedding[0], kept)
    made._tell_questions_apart()  # once only, also after a resume
    made._save()
    again = trainer(corpus, tmp_path)
    again._tell_questions_apart()
    assert torch.equal(again.model.model.embed_tokens.weight[rows], told)


def test_the_rate_is_warmed_up_held_and_let_down_only_when_asked(corpus: Corpus, tmp_path: Path) -> None:
    made = trainer(corpus, tmp_path, replace(PLAN, rate=0.01, decay=20.0))
    rates = []
    for step, elapsed in ((0, 0.0), (49, 5.0), (99, 10.0), (5000, 79.0), (5100, 90.0), (5200, 100.0)):
        made.progress |= {"step": step, "elapsed": elapsed}
        made._set_rate()
        group = made.optimizers[0].param_groups[0]
        rates.append(group["lr"] / group["scale"])
    assert rates == pytest.approx([0.0001, 0.005, 0.01, 0.01, 0.0051, 0.0001])
    made.plan = replace(PLAN, rate=0.01)
    made._set_rate()
    assert group["lr"] == pytest.approx(0.01 * group["scale"])


def test_the_checkpoint_from_before_the_decay_is_kept_to_go_on_from(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "STAGES", (EVERYTHING,))
    made = trainer(corpus, tmp_path, replace(PLAN, time_budget=12.0, decay=5.0))
    made.run(lambda line: None)
    assert trainer(corpus, tmp_path).progress["step"] == 12
    stable = load_state(tmp_path / "checkpoint-stable")
    assert stable is not None and stable[0]["step"] == 8 and stable[0]["elapsed"] == 8 and not stable[0]["decaying"]
    (tmp_path / "checkpoint-stable").rename(tmp_path / "again")
    assert Trainer(corpus, made.tokenizer, made.model.shape, PLAN, tmp_path / "again").progress["step"] == 8


def test_held_out_ink_is_drawn_as_a_users_is_and_scored_by_collection(corpus: Corpus, tmp_path: Path) -> None:
    source = (np.arange(len(corpus)) % 2).astype(np.int8)
    two = replace(corpus, source=source, sources=("one", "two"))
    made = trainer(two, tmp_path)
    held = np.flatnonzero(two.validation)
    batches = list(made.held.batches(made.tokenizer, 64))
    assert sorted(m for members, _ in batches for m in members) == held.tolist() == made.held.members
    for members, batch in batches:
        n, height, width = batch.pictures.shape
        assert n == 1 or n * height * width <= 64 * 28**2
        for drawn, member in zip(batch.pictures, members):
            span = slice(*two.starts[member : member + 2])
            strokes = np.split(two.points[span], np.flatnonzero(np.diff(two.stroke[span])) + 1)
            assert np.array_equal(drawn, SCALE.fitted(gray_to_rgb(picture(Ink("one", tuple(strokes))))))
    scores = made.validate(SYMBOLS)
    assert scores["n"] == len(held) and {"exprate_one", "exprate_two", "loss_one", "loss_two"} <= scores.keys()


@pytest.mark.parametrize("shape", [(6, 20), (20, 6), (8, 8)])
def test_muon_in_float32_moves_as_in_bfloat16(shape):
    torch.manual_seed(1)
    start, gradients = torch.randn(shape), torch.randn(4, *shape)
    ends, momenta = [], []
    for kind in (torch.optim.Muon, Muon32):
        matrix = torch.nn.Parameter(start.clone())
        mover = kind([matrix], lr=0.1, weight_decay=0.05, adjust_lr_fn="match_rms_adamw")
        for matrix.grad in gradients:
            mover.step()
        ends.append(matrix.detach())
        momenta.append(mover.state_dict()["state"][0]["momentum_buffer"])
    assert torch.equal(*momenta)
    moved, difference = (ends[0] - start).norm(), (ends[0] - ends[1]).norm()
    assert 0 < difference < 0.05 * moved


@pytest.mark.parametrize(
    "known, fast",
    [({"avx2": True, "avx512_bw": False}, False), ({"avx512_bw": True}, True), ({"amx_bf16": True}, True), ({}, False)],
)
def test_bfloat16_is_used_where_it_is_fast(monkeypatch, known, fast):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known, raising=False)
    assert multiplies_bfloat16(torch.device("cpu")) is fast
    assert multiplies_bfloat16(torch.device("cuda"))
