"""Turns any picture of handwriting into one clean kind: dark ink on even white paper, cropped to the ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from unimumer.imaging.border import without_rests
from unimumer.imaging.frame import without_frame
from unimumer.imaging.header import ImageError
from unimumer.imaging.lines import without_lines
from unimumer.imaging.scale import stroke_width

WORK_SIDE = 1600
"""Longer pictures are shrunk to this first: a model needs some 30 pixels a symbol."""
MARGIN = 4
"""White pixels around the ink."""
_SMALL_SIDE = 400
"""Long side of the copy on which paper and polarity are judged."""
_PAPER = 200
"""What stands for the paper's brightness after uneven light is divided out: room for brighter noise."""
_BLACK = 12
"""Paper darker than this, under deep shadow, shows nothing."""
_EVEN = 8
"""Paper whose brightness varies less than this is evenly lit: a drawing or a scan."""
_PEAK = 8
"""Brightness of one level of a drawing varies by so much."""
_SHARP = 0.75
"""Part of a drawing's commoner level that lies within 2 of one brightness; half a page in shadow is not so even."""
_PALE = 90
"""Stretched ink that is no darker is only the edge or the end of a stroke, a few pixels from dark ink."""
_FAINTEST = 20
"""Ink is darker than its paper by at least this many 255ths of the paper's brightness."""


def clean(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give ink near 0 on paper of exactly 255, uint8 [h', w'], from a picture [h, w, 3] RGB or [h, w].

    Light ink on a dark ground is inverted; the darkest color channel counts, so that pens of any color are
    dark; uneven light is divided out; contrast is stretched; ruled and squared lines and specks are
    removed; the rest is cropped to the ink with `MARGIN`. A drawing in black on white only gets cropped:
    its gray levels stay. The long side is at most `WORK_SIDE` before the crop. Raises ImageError when there
    is no ink.
    """
    return cropped(inked(picture))


def cropped(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The clean picture of ink [h, w] that `inked` gave. Raises ImageError when there is none."""
    left, top, width, height = cv2.boundingRect(np.asarray(ink > _FAINTEST, np.uint8))
    if not width:
        raise _blank()
    crop = 255 - ink[top : top + height, left : left + width]
    return np.pad(crop, MARGIN, constant_values=255)


def inked(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink of a picture [h, w, 3] or [h, w] as `clean` finds it: 255 for full ink and 0 for paper, [h', w'].

    It shows the whole picture, shrunk to `WORK_SIDE`: `cropped`, `flaws` and `find_expressions` all go on from it, so
    that a picture is cleaned once. Raises ImageError when there is none.
    """
    return without_rests(_without_specks(_stretched(without_lines(_depth(without_frame(_shrunk(picture, WORK_SIDE)))))))


def drawn(drawing: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink of strokes that were drawn in black on white, [h, w]: all of it, since none of it can be a blemish."""
    ink = 255 - drawing
    return np.where(ink > _FAINTEST, ink, 0).astype(np.uint8)


def _blank() -> ImageError:
    return ImageError("no ink found in the picture; it looks blank")


def _shrunk(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return picture
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _depth(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give how far each pixel of [h, w] or [h, w, 3] is from its paper towards the ink, 0 to 255."""
    color = picture.ndim == 3
    bright = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8) if color else picture
    levels = _two_levels(bright)
    light = levels[0] < levels[1] if levels else _is_light_ink(bright)
    picture = 255 - picture if light else picture
    gray = _darkest(picture) if color else picture
    ground = int(np.bincount((gray[_near(bright, levels[0])] if levels else gray).ravel()).argmax())
    paper = gray if levels else _paper(gray)
    if levels or (np.ptp(paper) <= _EVEN and 2 * _near(gray, ground, 2).mean() > 1):
        table = np.clip((ground - np.arange(256)) * (255 / max(ground, 1)) + 0.5, 0, 255).astype(np.uint8)
        table[table <= _FAINTEST] = 0  # what JPEG leaves around strokes
        return np.asarray(cv2.LUT(gray, table), np.uint8)
    paper = np.maximum(np.asarray(cv2.resize(paper, gray.shape[::-1]), np.uint8), 1)
    if light:
        share = _of_board(255 - gray, 255 - paper)
    else:
        share = np.asarray(cv2.divide(gray, paper, scale=_PAPER), np.uint8)
        share[paper < _BLACK] = _PAPER
    return _below_paper(np.asarray(cv2.GaussianBlur(share, (3, 3), 0), np.uint8))


def _darkest(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give the darkest channel of each pixel; numpy takes ten times as long over so short an axis."""
    red, green, blue = cv2.split(picture)
    return np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)


def _near(gray: NDArray[np.uint8], level: int, reach: int = _PEAK) -> NDArray[np.bool_]:
    return np.asarray(cv2.inRange(gray, level - reach, level + reach), np.bool_)


def _two_levels(gray: NDArray[np.uint8]) -> tuple[int, int] | None:
    """Brightness of paper and of ink if the picture is a drawing that has hardly anything else, else None.

    The commoner level is the paper, unless the border tells otherwise: a closely cropped thick symbol may
    be mostly ink.
    """
    count = np.bincount(gray.ravel(), minlength=256) / gray.size
    share = np.convolve(count, np.ones(2 * _PEAK + 1), "same")
    first = int(share.argmax())
    sharp = float(np.convolve(count, np.ones(5), "same").max())
    far = np.where(np.abs(np.arange(256) - first) > 64, share, 0)
    second = int(far.argmax())
    if far[second] <= 0.35 * (1 - share[first]) or share[first] + far[second] < 0.75 or sharp < _SHARP * share[first]:
        return None
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    of_paper = [2 * share[level] + _near(border, level).mean() for level in (first, second)]
    return (first, second) if of_paper[0] >= of_paper[1] else (second, first)


def _of_board(gray: NDArray[np.uint8], board: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give chalk as 0, its board as `_PAPER`: light falls on both alike, so their ratio counts."""
    ratio = gray / np.maximum(board, 4).astype(np.float32)
    chalk = float(np.percentile(ratio[::2, ::2], 99.95))
    share = _PAPER * (1 - (ratio - 1) / max(chalk - 1, 0.1))
    return share.clip(0, 255).astype(np.uint8)


def _is_light_ink(gray: NDArray[np.uint8]) -> bool:
    """Whether what stands out from its surroundings, the ink, is lighter than they are.

    Ink is the smaller part everywhere, so the difference from the local median is skewed towards it.
    """
    small = _shrunk(gray, _SMALL_SIDE)
    difference = small.astype(np.float32) - cv2.medianBlur(small, 51)
    return bool((difference**3).sum() > 0)


def _paper(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Brightness of the paper, also under the ink, in a small copy: a closing over the strokes, smoothed."""
    small = cv2.medianBlur(_shrunk(gray, _SMALL_SIDE), 3)
    side = max(small.shape) // 8 | 1
    inner = slice(side, -side)
    # Beyond its borders the light goes on as it changed before them; else a closing makes them too bright.
    wide = np.pad(cv2.medianBlur(small, 31).astype(np.int16), side, "reflect", reflect_type="odd")
    wide = wide.clip(0, 255).astype(np.uint8)
    wide[inner, inner] = small
    paper = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))[inner, inner]
    low, high = np.percentile(paper, (2, 98))
    return np.asarray(cv2.GaussianBlur(paper.clip(low, high), (0, 0), side / 8).astype(np.uint8))


def _below_paper(share: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Depth below what is paper in each block, 0 where that is within the paper's noise.

    Judged in blocks because shaded parts are noisier and borders less even; from the brighter quantiles,
    because ink, the darker part, may fill almost half of a block. For normal noise they lie 1.03 deviations
    apart.
    """
    blocks = _blocks(share)
    middle, bright = (np.percentile(blocks, q, axis=2) for q in (60, 90))
    noise = 4 / 1.03 * (bright - middle)
    size = share.shape[::-1]
    smooth = (cv2.medianBlur(level.clip(0, 255).astype(np.uint8), 5) for level in (middle, noise))
    paper, least = (np.asarray(cv2.resize(level, size), np.uint8) for level in smooth)
    depth = np.asarray(cv2.subtract(paper, share), np.uint8)
    if np.count_nonzero(depth > np.maximum(1.75 * least, _FAINTEST)) < 12:
        raise _blank()
    return np.where(depth > least, depth, 0).astype(np.uint8)


def _blocks(share: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Every second pixel of every second row, [rows, columns, pixels]."""
    side = max(8, max(share.shape) // 40)
    rows, columns = (max(1, n // (2 * side)) for n in share.shape)
    sample = share[::2, ::2]
    height, width = (min(side, n) for n in sample.shape)
    grid = sample[: rows * height, : columns * width].reshape(rows, height, columns, width)
    return grid.swapaxes(1, 2).reshape(rows, columns, -1)


def _stretched(depth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Stretch so that full ink, the upper quarter of what remains without paler things, is 255."""
    ink = depth[depth > _FAINTEST]
    if ink.size < 4:
        raise _blank()
    split = cv2.threshold(ink.reshape(-1, 1), 0, 255, cv2.THRESH_OTSU)[0]
    full = float(np.percentile(ink[ink > min(split, ink.max() - 1)], 75))
    table = np.clip(np.arange(256) * (255 / full) + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(depth, table), np.uint8)


def _without_specks(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Drop components with too little dark ink for a dot of the same pen, lone small ones, and pale parts."""
    found = cv2.connectedComponentsWithStats(np.asarray(ink > 50, np.uint8), connectivity=8)
    labels, boxes = np.asarray(found[1], np.int32), np.asarray(found[2], np.int32)
    dark = np.bincount(labels[ink > 127], minlength=len(boxes))
    kept = dark >= max(1.0, 0.4 * stroke_width(255 - ink) ** 2)
    kept[0] = False
    kept &= ~_lonely(labels, boxes, kept, dark)
    near = cv2.dilate(kept[labels].astype(np.uint8), np.ones((5, 5), np.uint8))
    beside = cv2.dilate((ink > 127).astype(np.uint8), np.ones((7, 7), np.uint8))
    return np.where((near > 0) & ((ink > _PALE) | (beside > 0)), ink, 0).astype(np.uint8)


def _lonely(
    labels: NDArray[np.int32], boxes: NDArray[np.int32], kept: NDArray[np.bool_], dark: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell the components under a third of the typical size that are over two such sizes from a larger one.

    Typical is the component that the middle pixel of all dark ink belongs to: specks have few pixels.
    """
    side = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    order = np.argsort(side)
    mass = (dark * kept)[order].cumsum()
    size = side[order[np.searchsorted(mass, mass[-1] / 2)]]
    small: NDArray[np.bool_] = kept & (side < size / 3)
    if not small.any():
        return small
    gap = cv2.distanceTransform(np.asarray(~(kept & ~small)[labels], np.uint8), cv2.DIST_L2, 3)
    middle = boxes[:, :2] + boxes[:, 2:4] // 2
    return np.asarray(small & (gap[middle[:, 1], middle[:, 0]] > 2 * size), np.bool_)
