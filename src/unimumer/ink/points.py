"""Turns rows of numbers into a stroke, refusing what no pen draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unimumer.ink.model import InkError, Stroke

MAX_COORDINATE = 1e9
"""Largest size of a coordinate: real devices stay below 1e6, and squared distances stay finite in float32."""


def to_stroke(values: Sequence[float], where: str) -> Stroke:
    """The stroke [n, 2] of the values x, y, x, y, …

    Raises InkError, which names the place as `where`, for one that is empty or has an unusable coordinate.
    """
    points = np.array(values, dtype=np.float64).reshape(-1, 2)
    if not len(points):
        raise InkError(f"{where}: no points")
    if not (np.abs(points) <= MAX_COORDINATE).all():  # also false for NaN
        raise InkError(f"{where}: a coordinate is not a finite number of at most {MAX_COORDINATE:.0e}")
    return points.astype(np.float32)
