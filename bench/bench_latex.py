"""Tokens, trees and label forms a second on one core: `python bench/bench_latex.py`.

Uses the CROHME 2014 labels when the data folder is there (UNIMUMER_DATA, else `../shared/data` beside the
checkout), else a few expressions of its own. CPU time of the best of several rounds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from unimumer.latex import normalize, parse, to_latex, tokenize

T = TypeVar("T")
ROUNDS = 15
FLOOR = 15_000  # parses a second that the rest of the system counts on
OWN = (
    "x ^ { 2 } + y ^ { 2 } = z ^ { 2 }",
    "\\frac { a + b } { \\sqrt { c } } = \\sin \\theta",
    "\\sum \\limits _ { i = 1 } ^ { n } x _ { i } \\leq \\int _ { 0 } ^ { 1 } f ( t ) d t",
    "\\lim _ { n \\rightarrow \\infty } a _ { n } = \\frac { 1 } { 2 }",
)


def expressions() -> tuple[str, list[str]]:
    """Where the expressions are from, and the expressions."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    labels = Path(os.environ.get("UNIMUMER_DATA", beside)) / "labels" / "crohme-2014.tsv"
    if not labels.is_file():
        return "built-in", list(OWN) * 250
    return "CROHME 2014", [line.split("\t")[1] for line in labels.read_text(encoding="utf-8").splitlines()]


def rate(function: Callable[[T], object], texts: list[T]) -> float:
    """Calls a second of CPU time, best round."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for text in texts:
            function(text)
        best = min(best, time.process_time() - start)
    return len(texts) / best


def main() -> None:
    """Print one line for each function."""
    source, texts = expressions()
    tokens = sum(len(tokenize(text)) for text in texts)
    print(f"{source}: {len(texts)} expressions, {tokens / len(texts):.1f} tokens each")
    trees = {text: parse(text) for text in texts}
    rates = {
        "tokenize": rate(tokenize, texts),
        "parse": rate(parse, texts),
        "to_latex": rate(lambda text: to_latex(trees[text]), texts),
        "normalize": rate(normalize, texts),
    }
    for name, value in rates.items():
        print(f"{name:>10}: {value:>9,.0f} /s")
    print(f"parse is {rates['parse'] / FLOOR:.1f} times the floor of {FLOOR:,} /s")


if __name__ == "__main__":
    main()
