"""A model for a fold, really trained and exported, tiny; it then draws for the pictures of its fold."""

from __future__ import annotations

import json
import warnings
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from training.conftest import TINY
from unimumer.compose.corpus import Corpus, load_corpus
from unimumer.engines.base import Decoding
from unimumer.training.errors.build import Plan, build
from unimumer.training.nano import feed, run, train
from unimumer.training.nano.feed import Stage
from unimumer.training.nano.shape import Shape

pytestmark = pytest.mark.torch


def test_folds_are_trained_once_and_draw(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "Shape", partial(Shape, **TINY))
    monkeypatch.setattr(train, "time", SimpleNamespace(monotonic=count().__next__))
    monkeypatch.setattr(feed, "STAGES", (Stage("symbols", 0.4), Stage("tasks", 1.0)))
    corpus.save(tmp_path / "ink.npz")
    records = []
    for i in range(6):
        pixels = np.full((40, 90), 255, np.uint8)
        pixels[10:30, 20 + i : 24 + i] = 0
        Image.fromarray(pixels).save(tmp_path / f"e{i}.png")
        said = [{"from": "human", "value": "<image>Read it."}, {"from": "gpt", "value": corpus.labels[i]}]
        records.append({"images": [f"e{i}.png"], "messages": said})
    (tmp_path / "set.json").write_text(json.dumps(records))
    plan = Plan(
        tmp_path / "set.json",
        tmp_path / "out",
        tmp_path,
        2,
        ink=tmp_path / "ink.npz",
        train_budget=6.0,
        train_workers=0,
        decoding=Decoding(max_tokens=4, temperature=0.95, samples=2),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own
        built = build(plan, {})
    assert sum(built.folds) == 6
    fold_of = json.loads((plan.out / "folds.json").read_text())["fold_of"]
    for fold in (0, 1):
        folder = plan.out / "models" / f"fold{fold}"
        assert {fold_of[id] for id in load_corpus(folder / "corpus.npz").ids} == {1 - fold}
        assert json.loads((folder / "graphs" / "nano.json").read_text())["name"] == f"fold{fold}"
        header = json.loads((plan.out / "candidates" / f"fold{fold}_items.jsonl").read_text().splitlines()[0])
        assert header["model"] == f"models/fold{fold}/graphs"

    def trained(*given: object, **plan: object) -> None:
        raise AssertionError

    monkeypatch.setattr(run, "train_nano", trained)
    assert build(plan, {}) == built
