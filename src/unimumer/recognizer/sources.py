"""What may be read: pictures and ink, in whatever form a program or a person has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unimumer.engines.base import Picture
from unimumer.engines.turning import turned
from unimumer.imaging import ImageError, drawn, inked, is_document, load, pages, read, turned_ink
from unimumer.ink import INK_READERS, Ink, picture, read_ink, read_inkml, read_strokes, without_strays

Source: TypeAlias = "bytes | str | Path | Image.Image | NDArray[Any] | Ink | Sequence[Any] | Mapping[str, Any]"
"""A picture: encoded bytes, a file, a Pillow image, or pixels [h, w] or [h, w, 1 to 4]. Or ink: a file (`.inkml`,
`.json`), its bytes, an `Ink`, a list of strokes or a dictionary of them, as `ink.read_strokes` describes it."""


@dataclass(frozen=True)
class Opened:
    """A source as a model sees it."""

    picture: Picture
    ink: Ink | None = None
    """The ink that `picture` was drawn of, stray taps included, which were not drawn; None for a picture."""

    known: NDArray[np.uint8] | None = None
    """`inked`, where it is known from elsewhere."""

    @cached_property
    def inked(self) -> NDArray[np.uint8] | None:
        """What `imaging.inked` finds in the picture, None where that is nothing; of ink all that was drawn."""
        if self.known is not None:
            return self.known
        if self.ink is not None:
            return drawn(self.picture[..., 0])
        try:
            return inked(self.picture)
        except ImageError:
            return None

    def turned(self, degrees: float) -> Opened:
        """The picture turned, counterclockwise when positive; what was found in it is turned, not looked for again."""
        straight = degrees % 90 == 0
        picture = np.rot90(self.picture, int(degrees // 90)) if straight else turned(self.picture, degrees)
        ink = None if self.inked is None else turned_ink(self.inked, degrees)
        return Opened(np.ascontiguousarray(picture), None, ink)


def is_one(source: object) -> bool:
    """Whether this is surely one source and not several; a list may be either."""
    return isinstance(source, (str, bytes, bytearray, memoryview, Path, np.ndarray, Ink, Image.Image, Mapping))


def opened(source: Source) -> Opened:
    """Decode a picture, or read ink and draw it.

    Raises ImageError and InkError, whose texts do not name the source.
    """
    ink = _ink(source)
    if ink is not None:
        return Opened(load(picture(without_strays(ink)[0])), ink)
    return Opened(load(_only_page(source)))  # type: ignore[arg-type]  # what is no picture is refused there


def _only_page(source: Source) -> Source:
    """The page of a TIFF, HEIC or PDF file that has one; what is no such file as it is."""
    data = read(Path(source)) if isinstance(source, (str, Path)) else source
    if not isinstance(data, bytes) or not is_document(data):
        return data
    first, *more = islice(pages(data), 2)
    if more:
        raise ImageError("a file of several pages; `imaging.pages` gives them one by one, `Recognizer.page` reads one")
    return first


def _ink(source: Source) -> Ink | None:
    """The ink that a source is; None for one that is none."""
    if isinstance(source, Ink):
        return source
    if isinstance(source, (str, Path)):
        return read_ink(Path(source)) if Path(source).suffix.lower() in INK_READERS else None
    if isinstance(source, (bytes, bytearray, memoryview)):
        start = bytes(source[:100]).removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] in (b"[", b"{"):  # no picture begins like this, see `imaging.header`
            return read_strokes(bytes(source), "strokes")
        return read_inkml(bytes(source), "InkML") if start.startswith((b"<?xml", b"<ink")) else None
    if isinstance(source, (list, tuple)) and any(map(_is_no_stroke, source)):
        raise ImageError("these are several sources; give recognize one, and several to recognize_each")
    return read_strokes(source, "strokes") if isinstance(source, (list, tuple, Mapping)) else None


def _is_no_stroke(one: object) -> bool:
    return isinstance(one, (str, bytes, Path, Ink, Image.Image)) or (isinstance(one, np.ndarray) and one.ndim > 2)
