from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from unimumer.compose.corpus import read_labelled
from unimumer.engines.base import Decoding, Request
from unimumer.engines.nano import Calibration, NanoEngine
from unimumer.imaging import load
from unimumer.tasks import recognize
from unimumer.training import TrainingError
from unimumer.training.nano.calibrate import calibrate_runtime, fit, unseen

from .conftest import write_inkml

ROOT = Path(__file__).parents[2]


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src/unimumer/models/nano", tmp_path / "runtime")
    about = json.loads((tmp_path / "runtime/nano.json").read_text())
    (tmp_path / "runtime/nano.json").write_text(json.dumps({**about, "calibration": []}))
    return tmp_path / "runtime"


def test_confidences_follow_the_fit_and_answers_stay(runtime: Path, tmp_path: Path) -> None:
    write_inkml(tmp_path / "ink")
    requests = [Request(load(ROOT / "examples/sum.png"), recognize.prompt())]
    (before,) = NanoEngine.load(runtime).generate(requests, Decoding())
    n, right = calibrate_runtime(runtime, tmp_path / "ink")
    assert n == len(unseen(tmp_path / "ink")) > 0 and 0 <= right <= n
    (after,) = NanoEngine.load(runtime).generate(requests, Decoding())
    assert after.best.text == before.best.text and after.best.logprobs == before.best.logprobs
    assert before.best.calibrated is None and 0 < (after.best.confidence or 0) < 1
    assert after.best.confidence != before.best.confidence


def test_ink_without_held_out_writers_is_refused(runtime: Path, tmp_path: Path) -> None:
    write_inkml(tmp_path / "ink", number=2, writers=1)
    with pytest.raises(TrainingError, match="to calibrate on"):
        calibrate_runtime(runtime, tmp_path / "ink")


def test_ink_of_another_collection_is_fitted_to_but_for_what_was_trained_on(tmp_path: Path) -> None:
    write_inkml(tmp_path / "ink", number=2, writers=1)
    write_inkml(tmp_path / "other")
    known = {label for _, label in read_labelled(tmp_path / "ink", lambda reason: None)}
    labels = [label for _, label in unseen(tmp_path / "ink", tmp_path / "other")]
    every = [label for _, label in read_labelled(tmp_path / "other", lambda reason: None)]
    assert labels == [label for label in every if label not in known] and 0 < len(labels) < len(every)


def test_a_fit_finds_the_weights_that_made_the_outcomes() -> None:
    random = np.random.default_rng(0)
    answers = [((-random.exponential(0.3, random.integers(2, 30))).tolist(), random.normal()) for _ in range(20_000)]
    truth = Calibration((1.5, 0.6, 0.3, -0.2))
    right = [bool(random.random() < truth(*answer)) for answer in answers]
    found = fit(answers, right)
    gaps = [abs(found(*answer) - truth(*answer)) for answer in answers]
    assert float(np.mean(gaps)) < 0.01


@pytest.mark.parametrize("right", [[True, True, True], [False, False, False], [True, False, False]])
def test_few_and_one_sided_answers_give_finite_probabilities(right: list[bool]) -> None:
    found = fit([([-0.1, -0.2], 0.0), ([-3.0], 0.5), ([-8.0, -0.1, -2.0], -1.0)], right)
    assert all(0 < found([-x]) < 1 for x in (0.0, 0.5, 1000.0))


def test_answers_without_tokens_are_left_out() -> None:
    answers = [([-0.1], 0.0), ([-5.0], 0.0)]
    assert fit([([], 0.0), *answers], [True, True, False]) == fit(answers, [True, False])
