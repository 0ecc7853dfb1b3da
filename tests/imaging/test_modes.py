"""That every color mode, transparency and orientation gives the same ink."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from unimumer.imaging import clean, load


def as_mode(drawing: np.ndarray, mode: str) -> Image.Image:
    gray = Image.fromarray(drawing)
    if mode == "clear":
        return Image.merge("RGBA", [Image.new("L", gray.size, 0)] * 3 + [Image.fromarray(255 - drawing)])
    if mode == "white on clear":
        return Image.merge("RGBA", [Image.new("L", gray.size, 255)] * 3 + [Image.fromarray(255 - drawing)])
    if mode == "LA clear":
        return Image.merge("LA", [Image.new("L", gray.size, 0), Image.fromarray(255 - drawing)])
    if mode == "I;16":
        return Image.fromarray(drawing.astype(np.uint16) * 257)
    if mode == "12 bits":
        return Image.fromarray(drawing.astype(np.uint16) * 16)
    return gray.convert(mode)


@pytest.mark.parametrize(
    ("mode", "format", "tolerance"),
    [
        ("1", "PNG", 0.12), ("L", "PNG", 0), ("P", "PNG", 0), ("LA", "PNG", 0), ("RGB", "PNG", 0),
        ("RGBA", "PNG", 0), ("I;16", "PNG", 0), ("12 bits", "PNG", 0.01), ("clear", "PNG", 0.01),
        ("white on clear", "PNG", 0.01), ("LA clear", "PNG", 0.01), ("L", "JPEG", 0.03), ("RGB", "JPEG", 0.03),
        ("CMYK", "JPEG", 0.03), ("RGB", "WEBP", 0.03), ("clear", "WEBP", 0.03), ("1", "BMP", 0.12),
        ("L", "BMP", 0), ("P", "BMP", 0), ("RGB", "BMP", 0), ("RGBA", "BMP", 0),
    ],
)  # fmt: skip
def test_every_mode_gives_the_same_ink(drawing, make, mode, format, tolerance):
    picture = load(make.encode(as_mode(drawing, mode), format))
    assert picture.shape == (*drawing.shape, 3)
    assert picture.flags.writeable and picture.flags.c_contiguous
    assert make.overlap(clean(picture), drawing) > 0.999 - tolerance


@pytest.mark.parametrize("transparency", [b"\x00" + b"\xff" * 255, 0])
def test_a_palette_with_transparency(drawing, make, transparency):
    """Index 0, of color black as its ink is, is the transparent paper."""
    image = Image.fromarray((drawing < 128).astype(np.uint8))
    image.putpalette([0, 0, 0] * 256)
    picture = load(make.encode(image, "PNG", transparency=transparency))
    assert np.array_equal(picture[..., 0] < 128, drawing < 128)


def test_a_transparent_color_key(drawing, make):
    image = Image.fromarray(np.where(drawing < 128, 0, 255).astype(np.uint8))
    for mode, key in (("L", 255), ("RGB", (255, 255, 255)), ("1", 255)):
        picture = load(make.encode(image.convert(mode), "PNG", transparency=key))
        assert np.array_equal(picture[..., 0] < 128, drawing < 128)


def test_a_page_with_clear_corners_keeps_its_own_ground(drawing, make):
    for ground in (drawing, 255 - drawing):
        alpha = np.full_like(drawing, 255)
        alpha[:9, :9] = 0
        picture = load(np.dstack([ground, ground, ground, alpha]))
        assert (picture[:9, :9] == ground[20, 0]).all()


def test_a_closely_cropped_clear_bar_is_still_seen():
    bar = np.zeros((8, 60, 4), np.uint8)
    bar[1:-1, 1:-1, 3] = 255
    assert (load(bar)[0] == 255).all() and (load(bar)[4, 30] == 0).all()


def test_full_transparency_is_white():
    assert (load(np.zeros((9, 9, 4), np.uint8)) == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_exif_orientation(make, orientation, format):
    upright = np.zeros((24, 40, 3), np.uint8)
    upright[:12, :20], upright[:12, 20:], upright[12:, :20] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    image = Image.fromarray(upright)
    stored = image.transpose(turn[orientation]) if orientation > 1 else image
    data = make.encode(stored, format, exif=make.exif(orientation))
    assert load(data).shape == upright.shape
    assert np.abs(load(data).astype(int) - upright)[[[6], [18]], [10, 30]].max() < 40
    with Image.open(BytesIO(data)) as opened:
        assert np.array_equal(load(opened), load(data))
