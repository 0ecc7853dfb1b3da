"""What cameras, files and cleaning leave on a picture of writing: borders, rests of lines, blur, uneven darkness."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

RESIDUE, BORDER, RULE, NEIGHBOR = 0.1, 0.03, 0.03, 0.04
BLUR, UNEVEN, JPEG = 0.08, 0.08, 0.05
"""Parts of the training pictures that have each, independent of the others."""
_EDGE = 9
"""How far from the edge of a picture the rest of a neighboring line may reach, in pixels."""
_STEP = (14.0, 50.0)
"""Between printed lines, in pixels of a picture that has symbols of 28: from small squares to wide ruling."""


def blemished(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """A drawn expression [height, width], 0 ink and 255 paper, with some blemishes or none."""
    drawn = random.random(7)
    for share, chance, change in zip((RESIDUE, BORDER, RULE, NEIGHBOR), drawn[:4], ADDED):
        if chance < share:
            picture = change(picture, random)
    for share, chance, change in zip((BLUR, UNEVEN, JPEG), drawn[4:], CHANGED):
        if chance < share:
            picture = change(picture, random)
    return picture


def with_border(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """One to four sides of a frame, of the edge of a sheet or of a cell of a form, close to the edge of the picture."""
    height, width = picture.shape
    near = random.uniform(0, 4, 8)
    corners = np.array([(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)], np.float64)
    inward = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])
    corners += inward * near.reshape(4, 2)
    first, sides = int(random.integers(4)), int(random.integers(1, 5))
    line = np.rint(corners[[(first + i) % 4 for i in range(sides + 1)]]).astype(np.int32)
    return _with_lines(picture, [line], int(random.integers(0, 170)), int(random.integers(1, 5)))


def with_rule(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """A printed line across the whole picture, a little aslant, mostly under or above the writing."""
    height, width = picture.shape
    share = random.uniform(0.0, 0.12)
    level = height * (share if random.random() < 0.3 else 1 - share)
    rise = width * random.normal(0, 0.01)
    line = np.rint([(0, level - rise), (width, level + rise)]).astype(np.int32)
    return _with_lines(picture, [line], int(random.integers(30, 190)), int(random.integers(1, 3)))


def with_neighbor(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Ends of the strokes of a line above or below that was cut off, at the edge of the picture."""
    height, width = picture.shape
    below = random.random() < 0.5
    lines = []
    for x in random.uniform(0, width, int(random.integers(1, 7))):
        reach, lean, bow = random.uniform(2, _EDGE), *random.normal(0, 4, 2)
        depth = np.array([0, 0.6 * reach, reach, random.uniform(0, reach)])
        y = height - 1 - depth if below else depth
        across = x + np.array([0, lean / 2, lean, lean + bow])
        lines.append(np.rint(np.stack([across, y], axis=1)).astype(np.int32))
    return _with_lines(picture, lines, int(random.integers(0, 60)), int(random.integers(1, 4)))


def blurred(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Out of focus or badly enlarged, its darkest parts black again."""
    soft = cv2.GaussianBlur(picture, (0, 0), float(random.uniform(0.5, 1.2)))
    darkest = int(soft.min())
    gain = 255 / max(255 - darkest, 60)
    return np.asarray(cv2.convertScaleAbs(soft, alpha=gain, beta=255 - 255 * gain), np.uint8)


def uneven(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Ink of varying darkness, as of a pencil or under a shadow."""
    height, width = picture.shape
    coarse = random.uniform(0.35, 1.0, (2, 2 + width // 60)).astype(np.float32)
    ink = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(255 - (255 - picture) * ink, np.uint8)


def as_jpeg(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Packed hard; what it leaves on the paper around strokes is as white as cleaning makes it."""
    _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(12, 60))])
    again = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)
    return np.asarray(cv2.convertScaleAbs(again, alpha=1.06), np.uint8)


def with_residue(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """What is left of squared or ruled paper, a little aslant: scraps of lines, and cuts where lines ran over ink."""
    picture = picture.copy()
    height, width = picture.shape
    step, slope = random.uniform(*_STEP), random.normal(0, 0.02)
    level = np.arange(random.uniform(-step, step), height + step, step)
    upright = np.arange(random.uniform(-step, step), width + step, step)
    squared = random.random() < 0.7
    if random.random() < 0.6:
        pieces = [*_pieces(level, width, slope, random)]
        if squared:
            pieces += [piece[:, ::-1] for piece in _pieces(upright, height, -slope, random)]
        cv2.polylines(picture, pieces, False, 255, int(random.integers(1, 3)))
    if random.random() < 0.6:
        gray = int(random.integers(40, 200))
        dashes = [piece for piece in _pieces(level, width, slope, random) if random.random() < 0.2]
        picture = _with_lines(picture, dashes, gray, 1, cv2.LINE_8)
        if squared:
            rows, columns = np.meshgrid(level, upright, indexing="ij")
            kept = random.random(rows.shape) < random.uniform(0, 0.3)
            dots = np.stack([columns + slope * rows, rows + slope * columns], axis=-1)[kept]
            lines = [np.rint([dot, dot + random.integers(0, 2, 2)]).astype(np.int32) for dot in dots]
            picture = _with_lines(picture, lines, gray, 1, cv2.LINE_8)
    return picture


def _pieces(
    heights: NDArray[np.floating], width: int, slope: float, random: np.random.Generator
) -> list[NDArray[np.int32]]:
    """A piece of each level line, of any length, [2, 2]: x and y of its ends."""
    ends = np.sort(random.uniform(0, width, (len(heights), 2)), axis=1)
    return list(np.rint(np.stack([ends, heights[:, None] + slope * ends], axis=2)).astype(np.int32))


def _with_lines(
    picture: NDArray[np.uint8], lines: list[NDArray[np.int32]], gray: int, width: int, kind: int = cv2.LINE_AA
) -> NDArray[np.uint8]:
    drawn = np.full_like(picture, 255)
    cv2.polylines(drawn, lines, False, gray, width, kind)
    return np.minimum(picture, drawn)


ADDED: tuple[Callable[..., NDArray[np.uint8]], ...] = (with_residue, with_border, with_rule, with_neighbor)
CHANGED: tuple[Callable[..., NDArray[np.uint8]], ...] = (blurred, uneven, as_jpeg)
