"""docs/tasks.md says what the code does."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import unimumer
from unimumer.latex import LatexError, parse
from unimumer.tasks import count, edits, find_errors, fix_errors, recognize, tree, tree_text

PAGE = (Path(unimumer.__file__).parents[2] / "docs" / "tasks.md").read_text(encoding="utf-8")
LABEL = "\\frac { a ^ { 2 } + 1 } { b }"
CANDIDATE = "\\frac { a ^ { z } + } { b } b"
MARKED = find_errors.target(CANDIDATE, LABEL)


@pytest.mark.parametrize(
    ("prompt", "target"),
    [
        (recognize.prompt(), recognize.target(LABEL)),
        (tree.prompt(), tree.target(LABEL)),
        (count.prompt(), count.target(LABEL)),
        (find_errors.prompt(CANDIDATE), MARKED),
        (fix_errors.prompt(MARKED), fix_errors.target(CANDIDATE, LABEL)),
    ],
)
def test_each_conversation_is_shown(prompt: str, target: str) -> None:
    assert f"```text\n{prompt}\n```\n\n```text\n{target}\n```\n" in PAGE
    assert f"`{CANDIDATE}`" in PAGE and f"`{LABEL}`" in PAGE


def test_records_of_one_error_are_shown() -> None:
    for text, edit in edits.apart(CANDIDATE, edits.find(CANDIDATE, LABEL)):
        marked = edits.mark(text, [edit])
        assert f"```text\n{marked}\n{fix_errors.target(marked, LABEL)}\n```\n" in PAGE


def test_trees_are_shown_as_they_are_written() -> None:
    pairs = re.findall(r"```latex\n([^\n]*)\n```\n\n```text\n(.*?)\n```\n", PAGE, re.DOTALL)
    assert len(pairs) >= 10
    for latex, text in pairs:
        assert tree_text.write(parse(latex)) == text
        assert tree_text.read(text) == parse(latex)


def test_expressions_that_do_not_parse_are_listed(published: dict[str, list[str]]) -> None:
    for name, texts in published.items():
        reasons: Counter[str] = Counter()
        for text in texts:
            try:
                parse(text)
            except LatexError as error:
                reasons[error.message] += 1
        file, _, field = name.partition(":")
        kind = "prediction" if field == "pred" else "label"
        why = "; ".join(f"{reason} ({n})" for reason, n in reasons.items())
        if name != "built-in":
            assert f"| `{file}` | {kind} | {len(texts):,} | {reasons.total()} | {why} |" in PAGE
