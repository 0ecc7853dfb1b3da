"""Ties the written symbols of an expression to the tokens of its label, where the MathML allows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unimumer.ink.label import layout_label, read_layout
from unimumer.ink.model import Ink, InkError, MathNode
from unimumer.latex import Symbol
from unimumer.latex.commands import SYMBOLS

_UNWRITTEN = frozenset(("{", "}", "^", "_", r"\limits"))
_CONSTRUCTS = {"mfrac": r"\frac", "msqrt": r"\sqrt", "mroot": r"\sqrt"}
_SIGN_NAMES = {r"\frac": ("-",), r"\cdot": (".",), r"\cdots": (".", r"\ldots")}
"""How a symbol group may be named otherwise than its token: the bar of a fraction, dots on the middle of the line."""


def written_tokens(tokens: Sequence[str]) -> list[int]:
    """Indices of the tokens of a normalized label that ink is written for: all but marks of structure."""
    written, closing = [], False
    for i, token in enumerate(tokens):
        opening = token == "[" and i > 0 and tokens[i - 1] == r"\sqrt"
        closing = closing or opening
        if token in _UNWRITTEN or opening:
            continue
        if closing and token == "]":  # of the index of a root; a bracket within one does not occur in ink
            closing = False
            continue
        written.append(i)
    return written


def tie(ink: Ink, label: str) -> tuple[int, ...] | None:
    """For each symbol of `ink`, the index of the token of `label` (form with limits) that it writes.

    None unless the MathML alone gives the same label, every symbol is tied to one of its leaves by id, every
    written token has a symbol of its name, and every stroke belongs to a symbol.
    """
    tokens = label.split()
    try:
        if ink.layout is None or layout_label(ink.layout) != label:
            return None
        names = [(tokens[i], i) for i in written_tokens(tokens)]
        token_of = _leaf_tokens(list(_leaves(ink.layout)), names)
    except InkError:
        return None
    found = tuple(token_of.get(symbol.node_id, -1) for symbol in ink.symbols)
    complete = -1 not in found and len(set(found)) == len(names)
    strokes = sorted(stroke for symbol in ink.symbols for stroke in symbol.strokes)
    named = complete and all(_names(symbol.name, tokens[i]) for symbol, i in zip(ink.symbols, found))
    return found if named and strokes == list(range(len(ink.strokes))) else None


def written_strokes(ink: Ink) -> tuple[str, tuple[tuple[str, ...], ...]] | None:
    """The label that the MathML of `ink` gives, form with limits, and ids of the strokes of each written token.

    None where `tie` has none.
    """
    try:
        label = layout_label(ink.layout) if ink.layout else ""
    except InkError:
        return None
    if (tied := tie(ink, label)) is None:
        return None
    strokes: dict[int, list[int]] = {}
    for symbol, token in zip(ink.symbols, tied):
        strokes.setdefault(token, []).extend(symbol.strokes)
    names = ink.names or tuple(map(str, range(len(ink.strokes))))
    return label, tuple(tuple(names[one] for one in sorted(strokes[token])) for token in sorted(strokes))


def _leaves(node: MathNode) -> Iterator[tuple[str, str]]:
    """Token and id of every element that ink is written for, in the order of the label."""
    children = node.children[::-1] if node.tag == "mroot" else node.children
    if node.tag in _CONSTRUCTS:
        yield _CONSTRUCTS[node.tag], node.id
    for child in children:
        yield from _leaves(child)
    if not node.children:
        for leaf in read_layout(node) if node.tag not in _CONSTRUCTS else ():
            yield leaf.token if isinstance(leaf, Symbol) else "", node.id


def _leaf_tokens(leaves: list[tuple[str, str]], names: list[tuple[str, int]]) -> dict[str, int]:
    """Index of the token by id; empty when leaves and tokens do not pair up."""
    paired: dict[str, int] = {}
    at = 0
    for name, index in names:
        count = 3 if name == r"\cdots" and [leaf for leaf, _ in leaves[at : at + 3]] == ["."] * 3 else 1
        for leaf, id in leaves[at : at + count]:
            if not id or id in paired or (count == 1 and leaf != name):
                return {}
            paired[id] = index
        at += count
    return paired if at == len(leaves) else {}


def token_name(name: str) -> str:
    """The token of labels for the name of a symbol group: `\\lt` is `<`."""
    return SYMBOLS[name].token if name in SYMBOLS else name


def _names(name: str, token: str) -> bool:
    """Whether a symbol group of this name can write the token."""
    return token_name(name) == token or name in _SIGN_NAMES.get(token, ())
