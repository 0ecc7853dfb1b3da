"""The tree of an expression in other languages, each by a small writer of its own."""

from __future__ import annotations

from collections.abc import Callable

from unimumer.export.asciimath import to_asciimath
from unimumer.export.groups import ExportError
from unimumer.export.mathml import to_html, to_mathml
from unimumer.export.omml import to_omml
from unimumer.export.readable import to_readable
from unimumer.export.sympy import sympy_text, to_sympy
from unimumer.export.typst import to_typst
from unimumer.export.unicode_text import to_unicode
from unimumer.latex import Row, parse, to_latex

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

FORMS: dict[str, Callable[[Row], str]] = {
    "latex": to_readable,
    "tokens": to_latex,
    "mathml": to_mathml,
    "html": to_html,
    "omml": to_omml,
    "typst": to_typst,
    "asciimath": to_asciimath,
    "unicode": to_unicode,
    "sympy": sympy_text,
}
"""Every form by its name: the writer of a tree."""


def convert(expression: str | Row, form: str) -> str:
    """A LaTeX expression, or its tree, in the form of that name, one of FORMS.

    Raises LatexError for text that does not parse, and ExportError for an unknown name or for what the form cannot say.
    """
    if form not in FORMS:
        raise ExportError(f"expected one of {', '.join(FORMS)}, found {form!r}")
    return FORMS[form](parse(expression) if isinstance(expression, str) else expression)
