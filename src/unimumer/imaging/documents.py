"""Pages of files that hold several, or that need a package more: TIFF, HEIC and PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from PIL import Image, ImageSequence

from unimumer.imaging.header import MAX_BYTES, ImageError, check_size, damaged

DOCUMENT_SUFFIXES = (".tif", ".tiff", ".heic", ".heif", ".pdf")
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""Brands of HEIC files (ISO/IEC 23008-12), behind the size of the first box and `ftyp`."""
_PAGE_SIDE = 2400
"""Long side of a page of a PDF, pixels: some 200 an inch of a sheet of paper."""
_MOST = 500
"""Pages of one file."""


def is_document(data: bytes) -> bool:
    """Whether the content of a file is one that `pages` reads."""
    return _reader(data) is not None


def pages(data: bytes) -> Iterator[Image.Image]:
    """The pages of a TIFF, HEIC or PDF file, upright, each decoded when it is asked for.

    Raises ImageError for another file, a damaged or a too large one, and where the package for it is missing.
    """
    reader = _reader(data)
    if reader is None:
        raise ImageError("not a TIFF, HEIC or PDF file")
    if len(data) > MAX_BYTES:
        raise ImageError(f"a file of more than {MAX_BYTES // 10**6} MB; use a smaller one")
    try:
        for number, page in enumerate(reader(data)):
            if number >= _MOST:
                raise ImageError(f"a file of more than {_MOST} pages; split it")
            yield page
    except ImageError:
        raise
    except ImportError as error:
        name = {"pillow_heif": "heic", "pypdfium2": "pdf"}.get(error.name or "", "")
        raise ImageError(f"such a file needs a package more: pip install 'unimumer[{name}]'") from None
    except Exception:  # decoders raise almost anything on damaged input
        raise damaged() from None


def _reader(data: bytes) -> Callable[[bytes], Iterator[Image.Image]] | None:
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _tiff
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        return _heic
    return _pdf if data.startswith(b"%PDF-") else None


def _tiff(data: bytes) -> Iterator[Image.Image]:
    from PIL import ImageOps

    with Image.open(BytesIO(data), formats=("TIFF",)) as image:
        for frame in ImageSequence.Iterator(image):
            check_size(*frame.size)
            yield ImageOps.exif_transpose(frame.copy())


def _heic(data: bytes) -> Iterator[Image.Image]:
    from pillow_heif import open_heif

    image: Any = open_heif(BytesIO(data))  # upright by itself
    check_size(*image.size)
    yield image.to_pillow()


def _pdf(data: bytes) -> Iterator[Image.Image]:
    from pypdfium2 import PdfDocument

    with PdfDocument(data) as document:
        for page in document:
            yield page.render(scale=_PAGE_SIDE / max(1.0, *page.get_size())).to_pil()
            page.close()
