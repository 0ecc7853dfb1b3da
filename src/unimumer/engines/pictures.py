"""What a checkpoint sees of a picture: Nano's scale, or the size that Qwen's models are trained at."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unimumer.engines.base import Answer, Picture, Request, Text
from unimumer.imaging import CENTERED, ImageError, Placement, cropped, fit, inked
from unimumer.imaging.scale import CELL

_T = TypeVar("_T")
_R = TypeVar("_R")

BLANK = Answer((Text("", ()),), "stop")
"""The answer to a picture without ink, from engines that look for it: an empty text without tokens."""

_SLIMMEST, _INSTEAD = 200, 180
"""Pictures with sides in a higher ratio are brought to a lower one, as LLaMA-Factory does in training."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of a small model: pictures are cleaned and fitted to it (see `imaging.fit`)."""

    symbol_pixels: float
    """Size to which the typical symbol of a picture is brought."""
    max_rows: int
    max_columns: int
    """Largest picture, in cells of `imaging.scale.CELL` pixels."""

    def fitted(
        self, picture: Picture, ink: NDArray[np.uint8] | None = None, placement: Placement = CENTERED
    ) -> NDArray[np.uint8]:
        """Give the gray picture [h, w] the model sees; raises ImageError when there is no ink.

        `ink` is what `imaging.inked` finds in the picture, where that is known.
        """
        clean = cropped(inked(picture) if ink is None else ink)
        return fit(clean, self.symbol_pixels, self.max_rows * CELL, self.max_columns * CELL, placement)


def prepare_all(
    requests: Sequence[Request], prepare: Callable[[Request], NDArray[np.uint8]], threads: int = 1
) -> dict[int, NDArray[np.uint8]]:
    """Prepare every picture; those without ink are left out, their answer is `BLANK`."""

    def prepared(request: Request) -> NDArray[np.uint8] | None:
        try:
            return prepare(request)
        except ImageError:
            return None

    results = in_parallel(prepared, requests, threads)
    return {i: picture for i, picture in enumerate(results) if picture is not None}


def in_parallel(work: Callable[[_T], _R], items: Sequence[_T], threads: int) -> list[_R]:
    """Do `work` on every item, in order, by at most `threads` threads; without a thread for a single item."""
    if min(threads, len(items)) < 2:
        return list(map(work, items))
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


def gray_to_rgb(gray: NDArray[np.uint8]) -> Picture:
    """Repeat a gray picture [h, w] to [h, w, 3]."""
    return np.ascontiguousarray(np.broadcast_to(gray[:, :, None], (*gray.shape, 3)))


def shrunk(picture: Picture, cap: int) -> Picture:
    """Shrink a picture of more than `cap` pixels as LLaMA-Factory does in training: bicubic, sides rounded down."""
    height, width = picture.shape[:2]
    return _resized(picture, _capped(height, width, cap))


def at_training_size(picture: Picture, cap: int, cell: int, least: int, most: int) -> Picture:
    """Give a picture [h, w, 3] whose sides are multiples of `cell`, as the model saw pictures in training.

    It is resized by each step of `training_sizes`, bicubic. The processor then has nothing left to resize, so that
    its variants (PIL, torchvision) agree.
    """
    height, width = picture.shape[:2]
    for size in training_sizes(height, width, cap, cell, least, most):
        picture = _resized(picture, size)
    return picture


def training_sizes(height: int, width: int, cap: int, cell: int, least: int, most: int) -> Iterator[tuple[int, int]]:
    """Give the sizes, height first, that a picture goes through in training, the last one in whole cells.

    First LLaMA-Factory's steps (`cap` pixels, no side under a cell, no extreme shape), then those of Qwen's image
    processor (`least` to `most` pixels).
    """
    height, width = _capped(height, width, cap)
    yield height, width
    height, width = max(height, cell), max(width, cell)
    yield height, width
    if width > _SLIMMEST * height:
        width = height * _INSTEAD
    elif height > _SLIMMEST * width:
        height = width * _INSTEAD
    yield height, width
    yield snapped(height, width, cell, least, most)


def snapped(height: int, width: int, cell: int, least: int, most: int) -> tuple[int, int]:
    """Sides in whole cells, of nearly the same shape, of `least` to `most` pixels (Qwen2-VL's `smart_resize`)."""
    rows, columns = round(height / cell), round(width / cell)
    if rows * columns * cell**2 > most:
        factor = math.sqrt(most / (height * width))
        rows, columns = max(1, math.floor(height * factor / cell)), max(1, math.floor(width * factor / cell))
    elif rows * columns * cell**2 < least:
        factor = math.sqrt(least / (height * width))
        rows, columns = math.ceil(height * factor / cell), math.ceil(width * factor / cell)
    return rows * cell, columns * cell


def chunks(members: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Cut into stretches of `size`, the last one shorter."""
    return (members[i : i + size] for i in range(0, len(members), size))


def _capped(height: int, width: int, cap: int) -> tuple[int, int]:
    if height * width <= cap:
        return height, width
    factor = math.sqrt(cap / (height * width))
    return max(1, int(height * factor)), max(1, int(width * factor))


def _resized(picture: Picture, size: tuple[int, int]) -> Picture:
    if size == picture.shape[:2]:
        return picture
    return np.asarray(Image.fromarray(picture).resize(size[::-1], Image.Resampling.BICUBIC), np.uint8)
