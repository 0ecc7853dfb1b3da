"""An expression as placed glyph boxes in em, and as a picture, without TeX: each box says which token drew it."""

from unimumer.typeset.draw import glyph_path, to_png, to_svg
from unimumer.typeset.layout import MAX_TOKENS, Box, Layout, TypesetError, typeset

__all__ = ["MAX_TOKENS", "Box", "Layout", "TypesetError", "glyph_path", "to_png", "to_svg", "typeset"]
