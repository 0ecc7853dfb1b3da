"""From the probability a model gives to its answer, to how often such answers are right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEPS = 50
_RIDGE = 1e-3
"""Keeps the fit finite where all answers are right, or can be told apart without error."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regression on an answer's log-probability (Platt, 1999), its worst token and its length."""

    weights: tuple[float, ...]
    """Of 1 and of `features`."""

    def __call__(self, logprobs: Sequence[float]) -> float:
        """Probability, 0 to 1, that an answer whose tokens have these natural-log probabilities is right."""
        score = float(np.dot(self.weights, _features(logprobs)))
        return 1 / (1 + math.exp(-min(max(score, -30.0), 30.0)))


def _features(logprobs: Sequence[float]) -> NDArray[np.float64]:
    """1, log-probability of the whole answer, of its least probable token, and log of its number of tokens."""
    return np.array([1.0, sum(logprobs), min(logprobs), math.log(len(logprobs))])


def fit(answers: Sequence[Sequence[float]], right: Sequence[bool]) -> Calibration:
    """Fit on answers, given by the log-probabilities of their tokens, of which it is known whether they are right.

    Newton's method with a small ridge; answers without tokens are left out.
    """
    kept = [(_features(answer), hit) for answer, hit in zip(answers, right) if answer]
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
