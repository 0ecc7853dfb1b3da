"""Strokes: InkML and stroke JSON in, pictures and labels out."""

from unimumer.ink.file import INK_READERS, read_files, read_ink, read_inks
from unimumer.ink.inkml import read_inkml, write_inkml
from unimumer.ink.label import label
from unimumer.ink.model import Ink, InkError, InkSymbol, MathNode, Stroke
from unimumer.ink.picture import draw, paint, picture, typical_size
from unimumer.ink.stray import without_strays
from unimumer.ink.strokes import read_strokes, write_strokes

__all__ = [
    "INK_READERS",
    "Ink",
    "InkError",
    "InkSymbol",
    "MathNode",
    "Stroke",
    "draw",
    "label",
    "paint",
    "picture",
    "read_files",
    "read_ink",
    "read_inkml",
    "read_inks",
    "read_strokes",
    "typical_size",
    "without_strays",
    "write_inkml",
    "write_strokes",
]
