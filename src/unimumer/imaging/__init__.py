"""Any picture, made safe and made ready for a recognizer."""

from unimumer.imaging.clean import clean
from unimumer.imaging.header import ImageError
from unimumer.imaging.load import load
from unimumer.imaging.scale import fit, rescale, stroke_width, symbol_size

__all__ = ["ImageError", "clean", "fit", "load", "rescale", "stroke_width", "symbol_size"]
