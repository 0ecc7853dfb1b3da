"""The tree of an expression in other languages, each by a small writer of its own."""

from unimumer.export.asciimath import to_asciimath
from unimumer.export.convert import FORMS, convert
from unimumer.export.groups import ExportError
from unimumer.export.mathml import to_html, to_mathml
from unimumer.export.omml import to_omml
from unimumer.export.readable import to_readable
from unimumer.export.sympy import to_sympy
from unimumer.export.typst import to_typst
from unimumer.export.unicode_text import to_unicode

__all__ = [
    "FORMS",
    "ExportError",
    "convert",
    "to_asciimath",
    "to_html",
    "to_mathml",
    "to_omml",
    "to_readable",
    "to_sympy",
    "to_typst",
    "to_unicode",
]
