"""A hand: turns skeletons into ink, with habits of its own and the unevenness of a moving arm."""

from __future__ import annotations

import zlib
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pen.glyphs import SKELETONS

Points = NDArray[np.float64]
"""One stroke, [n, 2] as (x, y), y growing downwards; a small letter is 50 high and the baseline is y = 0."""


class Hand:
    """One writer on one day: habits drawn once from the seed, and the source of every later wobble."""

    def __init__(self, seed: int) -> None:
        """Draw the habits."""
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self.slant = self.rng.normal(0.10, 0.10)
        self.width = self.rng.normal(1.0, 0.08)
        self.looseness = self.rng.uniform(0.9, 1.5)

    def write(self, symbol: str) -> list[Points]:
        """Return the strokes of one symbol; its left edge is near x = 0."""
        forms = SKELETONS[symbol]
        habit = zlib.crc32(f"{self.seed} {symbol}".encode())
        skeleton = forms[habit % len(forms)]
        shape = self._shape()
        return [self.stroke(stroke, shape) for stroke in skeleton.split(" | ")]

    def stroke(self, skeleton: str, shape: NDArray[np.float64] | None = None) -> Points:
        """Return the ink of one stroke written `x,y x,y! ...` (y upwards), bent by the 2 x 2 `shape`."""
        names = skeleton.split()
        corners = [i for i, name in enumerate(names) if name.endswith("!")]
        points = np.array([[float(v) for v in name.rstrip("!").split(",")] for name in names])
        points = points * [1.0, -1.0] @ (np.eye(2) if shape is None else shape).T
        points = self._misplace(points)
        path = self._hooked(_spline(points, corners))
        return _rounded(self._tremble(path), 1.5 * self.looseness)

    def _shape(self) -> NDArray[np.float64]:
        """Return this symbol's own width, height, slant and turn."""
        rng = self.rng
        turn = rng.normal(0.0, 0.025)
        size = rng.normal(1.0, 0.045)
        scale = np.diag([size * self.width * rng.normal(1.0, 0.05), size * rng.normal(1.0, 0.035)])
        shear = np.array([[1.0, -self.slant - rng.normal(0.0, 0.03)], [0.0, 1.0]])
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        result: NDArray[np.float64] = rotation @ shear @ scale
        return result

    def _misplace(self, points: Points) -> Points:
        """Move the whole stroke a little, and each point a little with its neighbors."""
        extent = float(np.ptp(points, axis=0).max())
        spread = self.looseness * min(1.9, 0.4 + 0.03 * extent)
        own = self.rng.normal(0.0, spread, points.shape)
        own[1:] = 0.75 * own[1:] + 0.5 * own[:-1]
        result: Points = points + own + self.rng.normal(0.0, 0.6 * spread, 2)
        return result

    def _hooked(self, path: Points) -> Points:
        """Add what a landing and a lifting pen may leave: a few units at an angle to the stroke."""
        if len(path) < 25:
            return path
        starts = [self._tail(path[0] - path[4])[::-1]] if self.rng.random() < 0.45 else []
        ends = [self._tail(path[-1] - path[-5])] if self.rng.random() < 0.45 else []
        first = [path[0] + tail for tail in starts]
        last = [path[-1] + tail for tail in ends]
        return np.concatenate([*first, path, *last])

    def _tail(self, direction: Points) -> Points:
        angle = np.arctan2(direction[1], direction[0]) + self.rng.normal(0.0, 0.9)
        length = self.rng.uniform(2.0, 6.5)
        steps = np.arange(1.0, length + 1.0)[:, None]
        result: Points = steps * [np.cos(angle), np.sin(angle)]
        return result

    def _tremble(self, path: Points) -> Points:
        """Add the slow, small waver of a moving arm; `path` has about one point a unit."""
        count = len(path)
        knots = np.cumsum(self.rng.uniform(18.0, 50.0, count // 18 + 2)) - 50.0
        sway = self.rng.normal(0.0, 0.4 * self.looseness, (len(knots), 2))
        waver = [np.interp(np.arange(count), knots, sway[:, k]) for k in (0, 1)]
        result: Points = path + np.column_stack(waver)
        return result


def _spline(points: Points, corners: list[int]) -> Points:
    """Join the points by centripetal Catmull-Rom curves that break at the corners, about one point a unit."""
    bounds = sorted({0, *corners, len(points) - 1})
    pieces = [_curve(points[a : b + 1]) for a, b in pairwise(bounds)]
    return _even(np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])]))


def _curve(points: Points) -> Points:
    """Return a Catmull-Rom curve through the points (Barry and Goldman 1988, alpha = 1/2)."""
    if len(points) == 2:
        return np.linspace(points[0], points[1], 24)
    ends = 2 * points[[0, -1]] - points[[1, -2]]
    p = np.vstack([ends[0], points, ends[1]])
    t = np.concatenate([[0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(p, axis=0), axis=1)) + 1e-6)])
    out = [points[:1]]
    for i in range(1, len(p) - 2):
        u = np.linspace(t[i], t[i + 1], 24)[1:, None]
        a = [_lerp(p[j], p[j + 1], t[j], t[j + 1], u) for j in (i - 1, i, i + 1)]
        b = [_lerp(a[k], a[k + 1], t[i - 1 + k], t[i + 1 + k], u) for k in (0, 1)]
        out.append(_lerp(b[0], b[1], t[i], t[i + 1], u))
    return np.concatenate(out)


def _lerp(p: Points, q: Points, start: float, end: float, u: Points) -> Points:
    result: Points = (end - u) / (end - start) * p + (u - start) / (end - start) * q
    return result


def _even(path: Points) -> Points:
    """Resample to about one point a unit of length, at least four."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    at = np.linspace(0.0, length[-1], max(4, int(length[-1])))
    return np.column_stack([np.interp(at, length, path[:, k]) for k in (0, 1)])


def _rounded(path: Points, sigma: float) -> Points:
    """Round the corners as a moving pen does: a Gaussian along the path that leaves both ends in place."""
    reach = int(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    before = 2 * path[0] - path[reach:0:-1] if len(path) > reach else np.repeat(path[:1], reach, axis=0)
    after = 2 * path[-1] - path[-2 : -reach - 2 : -1] if len(path) > reach else np.repeat(path[-1:], reach, axis=0)
    long = np.vstack([before, path, after])
    return np.column_stack([np.convolve(long[:, k], kernel / kernel.sum(), "valid") for k in (0, 1)])
