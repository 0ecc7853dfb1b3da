"""What holds for every tree and every text."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings

from strategies import noise, rows
from unimumer.latex import LatexError, Row, normalize, parse, to_latex, tokenize


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows())
def test_a_tree_survives_writing_and_reading(tree: Row) -> None:
    text = to_latex(tree)
    assert parse(text) == tree
    assert parse("".join(f"{token}\n" for token in tokenize(text))) == tree
    assert text == " ".join(tokenize(text))


@settings(deadline=None)
@given(noise)
@example("x ^ { 2 } \\, ^ { 3 }")
@example("{ \\unheardof } { } ^ { 2 }")
@example("{ } _ a \\limits ^ b")
@example("( { a \\atop } )")
@example("\\sqrt [ \\left [ a \\right ] ] { b }")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = parse(text)
    except LatexError as error:
        assert 0 <= error.position <= len(text)
        return
    written = to_latex(tree)
    assert parse(written) == tree
    assert normalize(text) == normalize(written) == written
    assert written == " ".join(tokenize(written))
