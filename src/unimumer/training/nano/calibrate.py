"""Fits the confidences of a Nano runtime on expressions it has not seen: held-out ink, labels not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from unimumer.compose.corpus import is_validation, read_labelled, writer_of
from unimumer.engines.base import Decoding, Request
from unimumer.engines.nano import Calibration, NanoEngine, answer_features
from unimumer.engines.pictures import gray_to_rgb
from unimumer.files import read_object, write_json
from unimumer.ink import Ink, picture
from unimumer.tasks import recognize
from unimumer.training import TrainingError

_STEPS = 50
_RIDGE = 1e-3
"""Keeps the fit finite where all answers are right, or can be told apart without error."""


def calibrate_runtime(runtime: Path, ink: Path, held_out: Path | None = None) -> tuple[int, int]:
    """Write the fit to the `nano.json` of `runtime`; return how many expressions it rests on, and how many were right.

    `ink` is what was trained on but for its held-out writers, who are fitted to where there is no `held_out`.

    Labels that other writers wrote for training are left out: a model may know them by heart, and is then surer than
    it should be of what is new. Raises TrainingError when nothing remains, EngineError for a folder that is not a
    runtime's.
    """
    engine = NanoEngine.load(runtime)
    held = unseen(ink, held_out)
    if not held:
        raise TrainingError(f"{ink} has no expressions by held-out writers, with labels of their own, to calibrate on")
    requests = [Request(gray_to_rgb(picture(one)), recognize.prompt()) for one, _ in held]
    answers = [answer.best for answer in engine.generate(requests, Decoding())]
    right = [recognize.parse(best.text) == label for best, (_, label) in zip(answers, held)]
    path = runtime / "nano.json"
    about = read_object(path)
    about["calibration"] = list(fit([(best.logprobs, best.prior) for best in answers], right).weights)
    write_json(path, about, indent=1)
    return len(held), sum(right)


def unseen(path: Path, held_out: Path | None = None) -> list[tuple[Ink, str]]:
    """Ink of the held-out writers, or all in `held_out`, with labels that nobody wrote for training."""
    held, known = [], set()
    for ink, label in read_labelled(path, lambda reason: None):
        if is_validation(writer_of(ink)):
            held.append((ink, label))
        else:
            known.add(label)
    if held_out is not None:
        held = list(read_labelled(held_out, lambda reason: None))
    return [(ink, label) for ink, label in held if label not in known]


def fit(answers: Sequence[tuple[Sequence[float], float]], right: Sequence[bool]) -> Calibration:
    """Fit on answers, given by the log-probabilities of their tokens and their prior, and whether they are right.

    Newton's method with a small ridge; answers without tokens are left out.
    """
    kept = [(answer_features(*answer), hit) for answer, hit in zip(answers, right) if answer[0]]
    x, y = np.array([row for row, _ in kept]), np.array([float(hit) for _, hit in kept])
    weights = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (y - p) - _RIDGE * weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + _RIDGE * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return Calibration(tuple(weights.tolist()))
