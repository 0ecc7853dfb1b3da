"""Pictures made on the spot: a drawn expression, its encodings, and photographs of it."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]


def arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> list[tuple[float, float]]:
    turn = np.radians(np.linspace(start, end, 24))
    return [(cx + rx * float(np.cos(t)), cy + ry * float(np.sin(t))) for t in turn]


SYMBOLS: dict[str, list[list[tuple[float, float]]]] = {
    "x": [[(0, 0), (80, 100)], [(80, 0), (0, 100)]],
    "2": [[*arc(130, -30, 20, 22, 180, 380), (110, 20), (155, 20)]],
    "+": [[(190, 50), (270, 50)], [(230, 10), (230, 90)]],
    "3": [[*arc(370, -40, 35, 28, 200, 430), *arc(370, 15, 40, 30, 270, 500)]],
    "frac": [[(310, 60), (440, 62)]],
    "y": [[(330, 80), (365, 125)], [(410, 78), (340, 175)]],
    "=": [[(480, 40), (560, 42)], [(480, 70), (560, 72)]],
    "5": [[(680, -2), (625, 0), (620, 45), *arc(645, 70, 40, 36, 240, 500)]],
    ".": [[(715, 100), (719, 102)]],
    "0": [arc(790, 50, 42, 52, 0, 360)],
}
"""x^2 + 3/y = 5.0, a unit of 100 to the symbol."""


def draw(unit: float, pen: float, names: tuple[str, ...] = tuple(SYMBOLS)) -> Picture:
    """Antialiased black on white: `unit` pixels to a symbol, `pen` pixels the stroke."""
    strokes = [np.array(stroke) * unit / 100 for name in names for stroke in SYMBOLS[name]]
    low = np.min([stroke.min(axis=0) for stroke in strokes], axis=0) - 10 - pen
    high = np.max([stroke.max(axis=0) for stroke in strokes], axis=0) + 10 + pen
    width, height = np.ceil(high - low).astype(int)
    fine = np.full((height * 4, width * 4), 255, np.uint8)
    for stroke in strokes:
        points = np.round((stroke - low) * 64).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(fine, [points], False, 0, max(1, round(4 * pen)), cv2.LINE_8, 4)
    return np.asarray(cv2.resize(fine, (int(width), int(height)), interpolation=cv2.INTER_AREA), np.uint8)


def encode(picture: Image.Image | Picture, format: str, **options: object) -> bytes:
    stream = BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(stream, format, **options)
    return stream.getvalue()


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def on_page(drawing: Picture, height: int, width: int) -> Picture:
    page = np.full((height, width), 255, np.uint8)
    top, left = (height - drawing.shape[0]) // 3, (width - drawing.shape[1]) // 2
    page[top : top + drawing.shape[0], left : left + drawing.shape[1]] = drawing
    return page


def photograph(
    page: Picture,
    ink: tuple[int, int, int] = (60, 50, 45),
    paper: tuple[int, int, int] = (225, 222, 210),
    shadow: float = 0.5,
    noise: float = 5,
    lines: tuple[int, int] = (0, 0),
    tilt: float = 0.0,
    quality: int = 60,
) -> Picture:
    """Photograph of a page: printed lines (level and upright spacing, 0 for none), light, blur, noise, JPEG."""
    rng = np.random.default_rng(7)
    height, width = page.shape
    cover = (255 - page.astype(np.float32))[..., None] / 255
    printed = np.zeros((height, width), np.float32)
    slope = float(np.tan(np.radians(tilt)))
    if lines[0]:
        for y in range(-width, height + width, lines[0]):
            cv2.line(printed, (0, y), (width, round(y + slope * width)), 1, 2, cv2.LINE_AA)
    if lines[1]:
        for x in range(-height, width + height, lines[1]):
            cv2.line(printed, (x, 0), (round(x - slope * height), height), 1, 2, cv2.LINE_AA)
    color = np.array(paper) * (1 - printed[..., None]) + np.array((170, 190, 215)) * printed[..., None]
    color = color * (1 - cover) + np.array(ink) * cover
    y, x = np.mgrid[0:height, 0:width]
    edge = 1 / (1 + np.exp(-((x - 0.6 * width) + 0.5 * (y - 0.5 * height)) / (0.02 * width)))
    color *= (1 - 0.4 * shadow * (x / width + y / height) - shadow * 0.4 * edge)[..., None]
    color = cv2.GaussianBlur(color, (0, 0), 0.8) + rng.normal(0, noise, (height, width, 1))
    shot = np.clip(color + rng.normal(0, noise / 2, color.shape), 0, 255).astype(np.uint8)
    return np.array(Image.open(BytesIO(encode(shot, "JPEG", quality=quality))))


def overlap(cleaned: Picture, drawing: Picture) -> float:
    """Intersection over union of the ink of a clean picture and of the drawing it shows, at the best shift."""
    masks = [picture < 128 for picture in (cleaned, drawing)]
    shape = [sum(sizes) for sizes in zip(*(mask.shape for mask in masks))]
    found, truth = (np.fft.rfft2(mask.astype(np.float32), shape) for mask in masks)
    shared = float(np.fft.irfft2(truth * np.conj(found), shape).max())
    return shared / (masks[0].sum() + masks[1].sum() - shared)


@pytest.fixture
def drawing() -> Picture:
    return draw(60, 4.5)


@pytest.fixture
def make() -> SimpleNamespace:
    """The makers above, for tests that need more than one picture."""
    return SimpleNamespace(
        draw=draw, encode=encode, on_page=on_page, photograph=photograph, overlap=overlap, symbols=SYMBOLS, exif=exif
    )
