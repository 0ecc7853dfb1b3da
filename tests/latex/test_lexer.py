"""The lexer: what a token is, where it starts, and that any text at all has tokens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unimumer.latex import tokenize
from unimumer.latex.lexer import spans


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \t\n", []),
        ("a+10", ["a", "+", "1", "0"]),
        ("\\frac12", ["\\frac", "1", "2"]),
        ("\\alpha\\beta x", ["\\alpha", "\\beta", "x"]),
        ("\\{x\\}", ["\\{", "x", "\\}"]),
        ("a\\\\b", ["a", "\\\\", "b"]),
        ("\\\\begin{a}", ["\\\\", "b", "e", "g", "i", "n", "{", "a", "}"]),
        ("a\\ b\\,c", ["a", "\\ ", "b", "\\,", "c"]),
        ("x'", ["x", "'"]),
        ("\\", ["\\"]),
        ("x^2_i", ["x", "^", "2", "_", "i"]),
        ("\\begin {cases} 1 \\end {cases}", ["\\begin", "{cases}", "1", "\\end", "{cases}"]),
        ("\\begin{cases}1\\end{cases}", ["\\begin", "{cases}", "1", "\\end", "{cases}"]),
        ("\\begin { cases } 1", ["\\begin", "{cases}", "1"]),
        ("\\begin { c a s e s }", ["\\begin", "{cases}"]),
        ("\\begin\n{align*}", ["\\begin", "{align*}"]),
        ("\\begin {1}", ["\\begin", "{", "1", "}"]),
        ("\\beginning {x}", ["\\beginning", "{", "x", "}"]),
        ("{cases}", ["{", "c", "a", "s", "e", "s", "}"]),
        ("é中🙂\ud800", ["é", "中", "🙂", "\ud800"]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


def test_positions_are_offsets_into_the_source() -> None:
    found = [("a", 0), ("\\frac", 3), ("\\begin", 8), ("{cases}", 15)]
    assert list(spans("a  \\frac\\begin { cases}")) == found


texts = st.one_of(
    st.text(),
    st.lists(st.sampled_from(["\\", "\\begin", "{", "}", "{a}", "\\end", " ", "b", "*", "_", "\n"])).map("".join),
)


@settings(deadline=None)
@given(texts)
def test_every_character_that_is_not_space_is_in_one_token(text: str) -> None:
    found = list(spans(text))
    assert [token for token, _ in found] == tokenize(text)
    assert "".join("".join(token.split()) for token, _ in found) == "".join(text.split())
    assert all(text.startswith(token[0], start) for token, start in found)


def test_labels_are_split_at_their_spaces(published: dict[str, list[str]]) -> None:
    for source, labels in published.items():
        if not source.startswith("mathwriting_test_pred"):  # the raw labels glue `\begin{matrix}` together
            for label in labels:
                assert tokenize(label) == label.split()
