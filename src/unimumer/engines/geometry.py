"""Patches and rotary angles of Qwen2.5-VL in numpy, for pictures of different sizes in one batch.

The torch model computes the same from one common size; a test holds the two together. Sources: Qwen2-VL (2024),
section 2.1, for positions in time, row and column; transformers' `Qwen2_5_VLModel.get_rope_index`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unimumer.imaging.scale import CELL

MERGE = 2
"""Patches along each side of a cell; a cell becomes one visual token."""
PATCH = CELL // MERGE
HIDDEN = np.float32(-1e9)
"""Added to the score of a key that must not be attended to."""

Floats = NDArray[np.float32]
Grid = tuple[int, int]
"""Rows and columns of cells."""


def to_patches(picture: NDArray[np.uint8]) -> Floats:
    """Cut a gray picture [h, w] to patches [n, 196], paper 0 and ink -1, the four of a cell side by side."""
    rows, columns = picture.shape[0] // CELL, picture.shape[1] // CELL
    grid = picture.reshape(rows, MERGE, PATCH, columns, MERGE, PATCH).transpose(0, 3, 1, 4, 2, 5)
    return grid.reshape(-1, PATCH * PATCH).astype(np.float32) / np.float32(255) - np.float32(1)


def patch_angles(grid: Grid, quarter: int) -> Floats:
    """Angles [patches, 4 * quarter] of a picture's patches, in the order of `to_patches`."""
    rows, columns = grid
    row, column = np.mgrid[: rows * MERGE, : columns * MERGE]
    order = [x.reshape(rows, MERGE, columns, MERGE).transpose(0, 2, 1, 3).ravel() for x in (row, column)]
    frequency = 10000.0 ** (-np.arange(quarter) / quarter)
    angles = (np.stack(order, axis=1)[:, :, None] * frequency).reshape(len(order[0]), -1)
    return np.concatenate([angles, angles], axis=1).astype(np.float32)


def text_angles(positions: NDArray[np.int64], sections: Sequence[int], theta: float) -> Floats:
    """Angles [length, 2 * sum(sections)] at `positions` [3, length]: each frequency turns with one of the axes."""
    half = sum(sections)
    frequency = theta ** (-np.arange(half) / half)
    axis = np.repeat(np.arange(3), sections)
    angles = positions[axis].T * frequency
    return np.concatenate([angles, angles], axis=1).astype(np.float32)


def prompt_positions(before: int, grid: Grid, cells: int, after: int) -> NDArray[np.int64]:
    """Positions [3, before + cells + after] of a conversation whose picture fills the first of `cells` places."""
    rows, columns = grid
    visual = np.zeros((3, cells), np.int64)
    visual[1, : rows * columns] = np.repeat(np.arange(rows), columns)
    visual[2, : rows * columns] = np.tile(np.arange(columns), rows)
    lead = np.tile(np.arange(before), (3, 1))
    tail = np.tile(before + max(grid) + np.arange(after), (3, 1))
    return np.concatenate([lead, before + visual, tail], axis=1)


def pad_rows(parts: Sequence[Floats], length: int) -> Floats:
    """Stack arrays [n, width] to [batch, length, width], zeros below."""
    out = np.zeros((len(parts), length, parts[0].shape[1]), np.float32)
    for row, part in zip(out, parts):
        row[: len(part)] = part
    return out


def padding_mask(lengths: Sequence[int], length: int) -> Floats:
    """Additive mask [batch, length]: 0 for the first `lengths[i]` places, `HIDDEN` behind."""
    return np.where(np.arange(length) < np.array(lengths)[:, None], np.float32(0), HIDDEN)
