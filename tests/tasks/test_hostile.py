"""Answers made to hurt: read or refused, in time linear in their length, and never an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from linear import is_linear
from unimumer.tasks import count, find_errors, fix_errors, recognize, tree
from unimumer.tasks.answers import Malformed

LENGTH = 100_000
PATTERNS = [
    *("{", "}", "{ ", "{ } ", "x ", "x", "\\frac ", "\\", "\\ ", "\\begin ", "{a} ", "\\begin {a} ", "-> ", " ", "\n"),
    *("\t", "x\n", "x (right)\n", "\\hat (above)\n\t", "\\begin (right)\n\t", "{}\n", "\\limits (right)\n"),
    *("x: 1, ", "x: 1", ", ", ": ", "9"),
    *("<error_start> ", "<error_start> x <error_end> ", "<deleted> ", "<error_end>"),
    *("REPLACE:x -> y ", "REPLACE:", "INSERT:x after y ", "DELETE:x ", "DELETE:x\n", " after", "<|im_end|>"),
    *("</script><img onerror=1>", "中", "\x00"),
]
PARSERS = [recognize.parse, tree.parse, count.parse, find_errors.parse, fix_errors.parse]


def _reader(parse: Callable[[str], object]) -> Callable[[str], None]:
    def read(text: str) -> None:
        answer = parse(text)
        assert not isinstance(answer, Malformed) or len(answer.reason) < 300

    return read


@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__module__.rpartition(".")[2])
@pytest.mark.parametrize("pattern", PATTERNS, ids=repr)
@pytest.mark.parametrize("end", ["", "\nx"], ids=["cut", "whole"])
def test_time_is_linear(parse: Callable[[str], object], pattern: str, end: str) -> None:
    assert is_linear(_reader(parse), *(pattern * (most // len(pattern)) + end for most in (LENGTH // 10, LENGTH)))


def test_a_tree_that_goes_down_and_up_for_ever() -> None:
    def staircase(count: int) -> str:
        steps = "".join("\t" * depth + "\\hat (above)\n" for depth in range(1, 60))
        return "\\hat\n" + f"{steps}\\hat (right)\n" * count + "x"

    assert is_linear(_reader(tree.parse), staircase(20), staircase(200))


def test_nested_braces_do_not_exhaust_the_stack() -> None:
    answer = "x\n" + "{ " * 100_000 + "} " * 100_000
    assert isinstance(tree.parse(answer), Malformed)
