"""What each class of spellings is worth on published predictions, and how long scoring takes.

python bench/bench_metrics.py predictions/uni-mumer-3b/*_pred.json
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from unimumer.latex import parse, tokenize
from unimumer.latex.commands import DROPPED, SYNONYMS
from unimumer.metrics import Pair, read_pairs
from unimumer.metrics.details import detail
from unimumer.metrics.evaluation import ScoredPair
from unimumer.metrics.rendered import render_match
from unimumer.metrics.structure import INK, NOTATION, SPELLINGS, match, read, same
from unimumer.metrics.text import means_and_ratios, proportions, score_pair

N = 24_607
"""Pairs of HME100K's test set, for which the target of speed is given."""


def tokens_without(text: str, braces: bool) -> list[str]:
    """Tokens with synonyms replaced and what does not show dropped, with braces or without."""
    kept = [SYNONYMS.get(token, token) for token in tokenize(text) if token not in DROPPED]
    return kept if braces else [token for token in kept if token not in ("{", "}")]


def ladder(pairs: Sequence[Pair]) -> list[tuple[str, int]]:
    """How many pairs are equal at each step from tokens to ink."""
    texts = [(pair.label, pair.prediction or "") for pair in pairs]
    both = [(a, b) for a, b in texts if read(a) is not None and read(b) is not None]
    lost = sum(a.split() == b.split() for a, b in texts) - sum(a.split() == b.split() for a, b in both)
    steps: list[tuple[str, Callable[[str], object]]] = [
        ("tokens", str.split),
        ("+ synonyms, spaces, sizes, styles", lambda text: tokens_without(text, True)),
        ("+ redundant braces, order of scripts, primes", parse),
    ]
    rungs = [(name, lost + sum(form(a) == form(b) for a, b in both)) for name, form in steps]
    rungs.append(("+ the strict classes: notation match", sum(match(a, b).notation for a, b in texts)))
    rungs.append(("+ the loose classes: ink match", sum(match(a, b).ink for a, b in texts)))
    return rungs


def effect(pairs: Sequence[Pair]) -> dict[str, int]:
    """How many pairs stop matching by ink when one class alone is left out."""
    texts = [(pair.label, pair.prediction or "") for pair in pairs]
    matched = [(a, b) for a, b in texts if match(a, b).ink and a.split() != b.split()]
    return {name: sum(not same(a, b, INK - {name}) for a, b in matched) for name in SPELLINGS}


def spent(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print a ladder and a table of classes for each file, then times over all of them."""
    sets = [read_pairs(Path(name)).pairs for name in sys.argv[1:]]
    for name, pairs in zip(sys.argv[1:], sets):
        print(f"{name}, n {len(pairs):,}")
        for step, count in ladder(pairs):
            print(f"  {step:<48}{count:>7,}  {100 * count / len(pairs):.2f} %")
        for cls, count in effect(pairs).items():
            print(f"  without {cls:<12} {'strict' if cls in NOTATION else 'loose':<8}{-count:>6}")
    every = [pair for pairs in sets for pair in pairs]
    large = (every * (N // len(every) + 1))[:N]
    scores = [score_pair(pair) for pair in large]
    print(f"token scores of {N:,} pairs {spent(lambda: [score_pair(pair) for pair in large]):.2f} s")
    print(f"their figures and intervals {spent(lambda: (proportions(scores), means_and_ratios(scores))):.2f} s")
    wrong = [pair for pair in every if pair.label.split() != (pair.prediction or "").split()]
    for title, work in (
        ("matches", lambda pair: match(pair.label, pair.prediction or "")),
        ("renderings", lambda pair: render_match(pair.label, pair.prediction or "")),
        (
            "trees and graphs",
            lambda pair: detail(ScoredPair(pair, score_pair(pair), match(pair.label, pair.prediction or ""))),
        ),
    ):
        times = sorted(1000 * spent(partial(work, pair)) for pair in wrong)
        middle, late = statistics.median(times), times[int(0.95 * len(times))]
        print(f"{title} of {len(wrong):,} differing pairs: median {middle:.2f} ms, 95 % {late:.2f} ms")


if __name__ == "__main__":
    main()
