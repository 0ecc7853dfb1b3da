"""Any picture, made safe and made ready for a recognizer."""

from unimumer.imaging.clean import clean, cropped, drawn, inked
from unimumer.imaging.documents import DOCUMENT_SUFFIXES, is_document, pages
from unimumer.imaging.expressions import FoundExpression, components, find_expressions, group_expressions
from unimumer.imaging.flaws import SEVERAL, TURNED, UPRIGHT, Flaw, flaws
from unimumer.imaging.header import ImageError
from unimumer.imaging.load import decoded_size, load, read
from unimumer.imaging.scale import CENTERED, Placement, fit, stroke_width, symbol_size
from unimumer.imaging.turn import slope, turned_ink

__all__ = [
    "CENTERED",
    "DOCUMENT_SUFFIXES",
    "SEVERAL",
    "TURNED",
    "UPRIGHT",
    "Flaw",
    "FoundExpression",
    "ImageError",
    "Placement",
    "clean",
    "components",
    "cropped",
    "decoded_size",
    "drawn",
    "find_expressions",
    "fit",
    "flaws",
    "group_expressions",
    "inked",
    "is_document",
    "load",
    "pages",
    "read",
    "slope",
    "stroke_width",
    "symbol_size",
    "turned_ink",
]
