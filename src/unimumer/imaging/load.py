"""Loads any picture a person may hand over as one safe thing: an upright, opaque RGB array."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unimumer.imaging.header import MAX_BYTES, ImageError, check_size, damaged, exif_orientation, read_header

RANGES = (1, 2**8 - 1, 2**10 - 1, 2**12 - 1, 2**14 - 1, 2**16 - 1)
"""White in pictures whose values are not bytes: fractions, and what sensors of 8 to 16 bits give."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture of that EXIF orientation upright."""
_STRIP = 512
"""Rows converted at a time, to keep a second and third copy of a large picture out of memory."""


def load(source: bytes | str | Path | Image.Image | NDArray[Any]) -> NDArray[np.uint8]:
    """Give a picture as upright, opaque RGB, uint8 [h, w, 3], a new array.

    `source` is the content of a PNG, JPEG, WebP or BMP file, the path of one (`str` is a path), a Pillow
    image, or an array [h, w] or [h, w, 1 to 4] (gray, gray + alpha, RGB, RGBA). The first frame of an
    animation counts. EXIF orientation is applied. Values that are not bytes are scaled from the smallest
    usual range that holds them (`RANGES`), else from their minimum and maximum. Transparency is laid on
    white or on black, whichever sets off what is visible. Raises ImageError, whose text never names the
    file: too large or too small (`header.check_size`), another format, damaged, not readable.
    """
    if isinstance(source, (str, Path)):
        source = read(Path(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        source = _decode(bytes(source))
    elif isinstance(source, Image.Image):
        check_size(*source.size)
        source = _upright(_loaded(source), _orientation(source))
    elif isinstance(source, np.ndarray):
        source = _from_array(source)
    else:
        raise ImageError("a picture must be bytes, a path, a Pillow image or an array")
    return _rgb(source)


def read(path: Path) -> bytes:
    """Give the content of a picture file, for `decoded_size` and `load`. Raises ImageError when it cannot be read."""
    try:
        regular = S_ISREG(path.stat().st_mode)
        data = _first_bytes(path) if regular else b""
    except FileNotFoundError:
        raise ImageError("no such picture file") from None
    except PermissionError:
        raise ImageError("no permission to read the picture file") from None
    except (OSError, ValueError):
        raise ImageError("the picture file cannot be read") from None
    if not regular:
        raise ImageError("a folder or device, not a picture file")
    return data


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def decoded_size(data: bytes) -> int:
    """Bytes of the array that `load` makes of a file's content, known before a pixel is decoded.

    Raises ImageError where the header is enough to know that `load` will.
    """
    image, _ = _open(data)
    return 3 * image.width * image.height


def _decode(data: bytes) -> Image.Image:
    image, orientation = _open(data)
    return _upright(_loaded(image), orientation)


def _open(data: bytes) -> tuple[Image.Image, int]:
    """A picture not decoded yet, and its EXIF orientation."""
    header = read_header(data)
    try:
        image = Image.open(BytesIO(header.data), formats=(header.format,))
    except Exception:  # decoders raise almost anything on damaged input, with addresses and class names in it
        raise damaged() from None
    check_size(*image.size)
    return image, header.orientation


def _loaded(image: Image.Image) -> Image.Image:
    try:
        image.load()
    except MemoryError:
        raise ImageError("not enough memory for this picture; use a smaller one") from None
    except Exception:  # as above
        raise damaged() from None
    return image


def _orientation(image: Image.Image) -> int:
    exif = image.info.get("exif", b"")
    return exif_orientation(exif) if isinstance(exif, bytes) else 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    try:
        if image.mode in {"I", "F"} or image.mode.startswith("I;"):
            image = Image.fromarray(_to_bytes(np.asarray(image)))
        backdrop = _backdrop(image) if image.has_transparency_data else ""
        rgb = np.empty((image.height, image.width, 3), np.uint8)
        for top in range(0, image.height, _STRIP):
            strip = image.crop((0, top, image.width, min(image.height, top + _STRIP)))
            rgb[top : top + _STRIP] = np.asarray(_opaque(strip, backdrop) if backdrop else strip.convert("RGB"))
        return rgb
    except MemoryError:
        raise ImageError("not enough memory for this picture; use a smaller one") from None
    except ImageError:
        raise
    except (ValueError, OSError, TypeError, OverflowError):
        raise ImageError("a picture of an unknown color mode; save it as plain RGB") from None


def _opaque(image: Image.Image, backdrop: str) -> Image.Image:
    image = image.convert("RGBA")
    canvas = Image.new("RGB", image.size, backdrop)
    canvas.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return canvas


def _backdrop(image: Image.Image) -> str:
    """Choose `white` or `black` to show behind a transparent picture.

    Bare ink (less than half of the area, or of one brightness) needs the opposite of its own brightness; a
    page or photograph with see-through corners, which has its own paper, needs the same as its own.
    """
    step = max(1.0, (image.width * image.height / 10**6) ** 0.5)
    small = (max(1, int(image.width / step)), max(1, int(image.height / step)))
    sample = np.asarray(image.resize(small, Image.Resampling.NEAREST).convert("RGBA"))
    visible = sample[sample[..., 3] > sample[..., 3].max() / 2]
    if not len(visible):
        return "white"
    gray = visible[:, :3] @ np.array([0.299, 0.587, 0.114])
    darkest, lightest = np.percentile(gray, (2, 98))
    page = 2 * len(visible) > sample[..., 3].size and lightest - darkest > 64
    return "white" if (gray.mean() > 127) == page else "black"


def _from_array(array: NDArray[Any]) -> Image.Image:
    if array.ndim not in (2, 3) or (array.ndim == 3 and not 1 <= array.shape[2] <= 4):
        raise ImageError(f"an array of shape {array.shape}; a picture is [h, w] or [h, w, 1 to 4]")
    check_size(array.shape[1], array.shape[0])
    values = _to_bytes(array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array)
    return Image.fromarray(np.ascontiguousarray(values))


def _to_bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return values
    if values.dtype.kind not in "buif":
        raise ImageError("an array of this type is not a picture; use numbers")
    low, high = float(values.min()), float(values.max())
    if not np.isfinite([low, high]).all():
        raise ImageError("a picture with values that are not finite numbers")
    full = next((white for white in RANGES if low >= 0 and high <= white), None)
    black, white = (0, full) if full else (low, max(high, low + 1e-30))
    scaled = (values.astype(np.float32) - np.float32(black)) * np.float32(255 / (white - black))
    return (scaled + np.float32(0.5)).astype(np.uint8)
