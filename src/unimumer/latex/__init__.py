"""The language of expressions: lexer, normalizer, parser to a typed tree, and the way back to LaTeX."""

from unimumer.latex.lexer import MAX_DEPTH, LatexError, tokenize
from unimumer.latex.nodes import (
    Accent,
    Arrow,
    Environment,
    Fraction,
    Node,
    Radical,
    Row,
    Scripts,
    Stack,
    Symbol,
    children,
    map_rows,
)
from unimumer.latex.parser import normalize, parse
from unimumer.latex.writer import to_latex

__all__ = [
    "MAX_DEPTH",
    "Accent",
    "Arrow",
    "Environment",
    "Fraction",
    "LatexError",
    "Node",
    "Radical",
    "Row",
    "Scripts",
    "Stack",
    "Symbol",
    "children",
    "map_rows",
    "normalize",
    "parse",
    "to_latex",
    "tokenize",
]
