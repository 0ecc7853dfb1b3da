"""Any picture, made safe and made ready for a recognizer."""

from unimumer.imaging.clean import clean
from unimumer.imaging.header import ImageError
from unimumer.imaging.load import decoded_size, load, read
from unimumer.imaging.scale import fit, rescale, stroke_width, symbol_size

__all__ = [
    "ImageError",
    "clean",
    "decoded_size",
    "fit",
    "load",
    "read",
    "rescale",
    "stroke_width",
    "symbol_size",
]
