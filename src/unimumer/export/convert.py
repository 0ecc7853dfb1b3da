"""One call for every form that is text."""

from __future__ import annotations

from collections.abc import Callable

from unimumer.export.asciimath import to_asciimath
from unimumer.export.groups import ExportError
from unimumer.export.mathml import to_html, to_mathml
from unimumer.export.omml import to_omml
from unimumer.export.readable import to_readable
from unimumer.export.sympy import to_sympy
from unimumer.export.typst import to_typst
from unimumer.export.unicode_text import to_unicode
from unimumer.latex import Row, parse, to_latex

FORMS: dict[str, Callable[[Row], str]] = {
    "latex": to_readable,
    "tokens": to_latex,
    "mathml": to_mathml,
    "html": to_html,
    "omml": to_omml,
    "typst": to_typst,
    "asciimath": to_asciimath,
    "unicode": to_unicode,
    "sympy": lambda row: str(to_sympy(row)),
}
"""Every form by its name: the writer of a tree."""


def convert(expression: str | Row, form: str) -> str:
    """A LaTeX expression, or its tree, in the form of that name, one of FORMS.

    Raises LatexError for text that does not parse, and ExportError for an unknown name or for what the form cannot say.
    """
    if form not in FORMS:
        raise ExportError(f"expected one of {', '.join(FORMS)}, found {form!r}")
    return FORMS[form](parse(expression) if isinstance(expression, str) else expression)
