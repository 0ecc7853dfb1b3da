"""Reads what a picture file says of itself before a pixel is decoded: format, size, orientation."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from unimumer.errors import UnimumerError

MAX_BYTES = 50 * 10**6
MAX_PIXELS = 51 * 10**6
"""Just enough for a 50-megapixel phone camera; the largest take up to about 1 GB while they are decoded."""
MAX_SIDE = 20_000
MIN_SIDE = 2
MAX_PARTS = 65_536
"""Chunks or segments of one file; they are walked in Python, and millions of empty ones would take minutes."""
MAX_SCANS = 32
"""Scans of one JPEG; each costs a pass over all its pixels, and real progressive files have about ten."""

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR": 13, b"PLTE": 768, b"tRNS": 256, b"IDAT": MAX_BYTES, b"IEND": 0}
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_KEPT = _JPEG_FRAMES | {0xC4, 0xCC, 0xDB, 0xDD, 0xE0, 0xEE}
"""Frame, tables, restart interval, and the two segments that tell the color space (JFIF, Adobe)."""
_JPEG_BARE = frozenset(range(0xD0, 0xD8)) | {0x00, 0x01, 0xFF}
"""Markers without a segment; 0xFF is filling before a marker."""
_FOREIGN = {
    b"GIF8": "GIF",
    b"%PDF": "PDF",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"<svg": "SVG",
    b"<!DO": "a web page",
    b"<htm": "a web page",
}


class ImageError(UnimumerError):
    """A picture that cannot be used; the message says why, the caller adds which picture."""


@dataclass(frozen=True, slots=True)
class Header:
    """A picture file before decoding."""

    format: str
    """`PNG`, `JPEG`, `WEBP` or `BMP`, Pillow's names."""
    orientation: int
    """EXIF orientation, 1 to 8; 1 is upright."""
    data: bytes
    """The file without what decoding does not need: text, color profiles, EXIF, thumbnails, animation."""


def read_header(data: bytes) -> Header:
    """Check format and size of a picture file by its content, whatever its name says.

    Raises ImageError when the file is larger than `MAX_BYTES`, is none of PNG, JPEG, WebP and BMP, is
    damaged in its outer structure, or when `check_size` refuses its size. Structures: PNG (ISO/IEC 15948),
    JPEG (ITU T.81, annex B), WebP (RFC 9649), BMP (BITMAPCOREHEADER, BITMAPINFOHEADER).
    """
    if len(data) > MAX_BYTES:
        raise ImageError(f"picture file of more than {MAX_BYTES // 10**6} MB; use a smaller one")
    if not data:
        raise ImageError("the picture file is empty")
    try:
        if data.startswith(_PNG_MAGIC):
            return _png(data)
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp(data)
        if data.startswith(b"BM"):
            return _bmp(data)
    except (struct.error, IndexError):
        raise damaged() from None
    raise ImageError(f"not a PNG, JPEG, WebP or BMP picture{_guess(data)}; convert it to one of these")


def check_size(width: int, height: int) -> None:
    """Raise ImageError unless both sides are within `MIN_SIDE` and `MAX_SIDE` and the area within
    `MAX_PIXELS`.
    """
    if min(width, height) < MIN_SIDE:
        raise ImageError(f"picture of {width} x {height} pixels; each side must have at least {MIN_SIDE}")
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        limit = f"{MAX_PIXELS // 10**6} megapixels and {MAX_SIDE} pixels a side"
        raise ImageError(f"picture of {width} x {height} pixels; at most {limit} are read")


def damaged() -> ImageError:
    """Give the error for a file whose content contradicts itself or ends too early."""
    return ImageError("the picture file is damaged or cut short")


def _guess(data: bytes) -> str:
    known = "HEIC, AVIF or video" if data[4:8] == b"ftyp" else _FOREIGN.get(data[:4])
    return f" (it looks like {known})" if known else ""


def _png(data: bytes) -> Header:
    kept, orientation = [_PNG_MAGIC], 1
    for name, start, end in _png_chunks(data):
        if name == b"eXIf":
            orientation = exif_orientation(data[start + 8 : end - 4])
        elif name in _PNG_KEPT:
            kept.append(_png_part(data, name, start, end, first=len(kept) == 1))
    if not kept[-1].startswith(b"IEND", 4):
        raise damaged()
    return Header("PNG", orientation, b"".join(kept))


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of every chunk, length and checksum included."""
    at = len(_PNG_MAGIC)
    for _ in range(MAX_PARTS):
        if at + 12 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, at)
        yield name, at, at + 12 + length
        at += 12 + length
        if name == b"IEND":
            return
    raise ImageError(f"a PNG of more than {MAX_PARTS} chunks")


def _png_part(data: bytes, name: bytes, start: int, end: int, first: bool) -> bytes:
    part = data[start:end]
    if end > len(data) or len(part) > 12 + _PNG_KEPT[name] or first != (name == b"IHDR"):
        raise damaged()
    if zlib.crc32(part[4:-4]) != struct.unpack(">I", part[-4:])[0]:
        raise damaged()
    if first:
        check_size(*struct.unpack_from(">II", part, 8))
    return part


def _jpeg(data: bytes) -> Header:
    kept, orientation, sized = [data[:2]], 1, False
    for marker, start, end in _jpeg_segments(data):
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, start + 5)
            check_size(width, height)
            sized = True
        if marker == 0xE1 and data.startswith(b"Exif\0\0", start + 4) and orientation == 1:
            orientation = exif_orientation(data[start + 4 : end])
        if marker in _JPEG_KEPT:
            kept.append(data[start:end])
        if marker == 0xDA:
            kept.append(_jpeg_scans(data, start))
            break
    if not sized:
        raise damaged()
    return Header("JPEG", orientation, b"".join(kept))


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start (at its 0xFF) and end of every segment up to the first scan's header."""
    at = 2
    for _ in range(MAX_PARTS):
        start = data.index(b"\xff", at) if b"\xff" in data[at : at + 4096] else len(data)
        marker = data[start + 1]
        at = start + (1 if marker == 0xFF else 2)
        if marker in _JPEG_BARE:
            continue
        at += struct.unpack_from(">H", data, at)[0]
        yield marker, start, at
    raise ImageError(f"a JPEG of more than {MAX_PARTS} segments")


def _jpeg_scans(data: bytes, start: int) -> bytes:
    """Everything from the first scan to the end mark; a second picture or a video may follow."""
    end = data.find(b"\xff\xd9", start)
    scans = data[start : end + 2 if end >= 0 else len(data)]
    if scans.count(b"\xff\xda") > MAX_SCANS:
        raise ImageError(f"a JPEG of more than {MAX_SCANS} scans; save it again as a plain JPEG or PNG")
    return scans


def _webp(data: bytes) -> Header:
    kind, orientation = data[12:16], 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    elif kind == b"VP8L" and data[20] == 0x2F:
        bits = struct.unpack_from("<I", data, 21)[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        orientation = _webp_orientation(data)
    else:
        raise damaged()
    check_size(width, height)
    return Header("WEBP", orientation, data)


def _webp_orientation(data: bytes) -> int:
    at = 12
    for _ in range(MAX_PARTS):
        if at + 8 > len(data):
            return 1
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"EXIF":
            return exif_orientation(data[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    raise ImageError(f"a WebP of more than {MAX_PARTS} chunks")


def _bmp(data: bytes) -> Header:
    old = struct.unpack_from("<I", data, 14)[0] == 12
    width, height = struct.unpack_from("<HH" if old else "<ii", data, 18)
    check_size(width, abs(height))
    if not old and struct.unpack_from("<I", data, 30)[0] not in (0, 3):
        # Pillow expands run lengths in Python, minutes for a large picture.
        raise ImageError("a compressed BMP; save it uncompressed or as PNG")
    return Header("BMP", 1, data)


def exif_orientation(exif: bytes) -> int:
    """Orientation, 1 to 8, from an EXIF block (TIFF 6.0 layout, tag 0x0112); 1 when it has none or makes no
    sense.

    Read here because Pillow would parse the whole block, with warnings and at a cost the sender chooses.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    try:
        start = struct.unpack_from(f"{order}I", tiff, 4)[0] if order else len(tiff)
        for at in range(start + 2, start + 2 + 12 * struct.unpack_from(f"{order}H", tiff, start)[0], 12):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at)
            if tag == 0x0112:
                return value if kind == 3 and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1
