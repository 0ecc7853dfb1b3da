"""What each check of `unimumer.verify` is worth, what the vote is, what they cost, and what their agreement says.

    python bench/bench_verify.py crohme-train.tar.xz [--model FOLDER] [--beams N] [--limit N] [--threads N]
    python bench/bench_verify.py crohme-2014.tar.xz --all …

The first form takes the ink of the held-out writers, spread evenly when there is a limit: what choices may look at.
`--all` takes every ink: for CROHME 2014, once. Every question is asked once, and every set of checks judges the same
answers. Times are processor time of one run, so only their ratios mean something.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from validate_nano import held_out

from unimumer.compose.corpus import read_labelled
from unimumer.engines.base import Answer, Decoding, Engine, Request, Stop, never
from unimumer.engines.load import EngineSettings, load_engine
from unimumer.ink import Ink, picture
from unimumer.metrics import Pair
from unimumer.metrics.intervals import share
from unimumer.metrics.text import score_pair
from unimumer.tasks import prompts, recognize
from unimumer.tasks.count import Counting
from unimumer.tasks.tree import TreeReading
from unimumer.verify import Checks, Heard, Verified, VerifyReport, hear, judge
from unimumer.verify.hearing import plain_reading

NONE = Checks(count=False, tree=False, find=False, fix=False)
VARIANTS = {
    "count instead of plain": Checks(tree=False, find=False, fix=False, plain=False),
    "tree instead of plain": Checks(count=False, find=False, fix=False, plain=False),
    "fix what find marks": Checks(count=False, tree=False, plain=False),
    "vote of plain, count, tree": Checks(find=False, fix=False),
    "vote of plain, count, find, fix": Checks(tree=False),
    "vote of plain, tree, find, fix": Checks(count=False),
    "vote of all but plain": Checks(plain=False),
    "vote of all": Checks(),
}
KINDS = {
    prompts.RECOGNIZE: "plain",
    prompts.COUNT: "count",
    prompts.TREE: "tree",
    prompts.FIND_ERRORS: "find",
    prompts.FIX_ERRORS: "fix",
}


class Timed:
    """An engine that adds up the processor time of its calls, by what is asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self.name = engine, engine.name
        self.seconds: dict[str, float] = {}

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Ask the engine."""
        begun = time.process_time()
        answers = self._engine.generate(requests, decoding, stop)
        kind = KINDS[requests[0].prompt.partition("\n")[0]]
        self.seconds[kind] = self.seconds.get(kind, 0.0) + time.process_time() - begun
        return answers


BATCH = 64
"""Pictures in one call."""


def heard_and_label(engine: Engine, inks: Sequence[tuple[Ink, str]], beams: int) -> Iterator[tuple[Heard, str]]:
    """Ask everything about every ink, a batch at a time."""
    for i in range(0, len(inks), BATCH):
        drawn = [np.repeat(picture(ink)[:, :, None], 3, axis=2) for ink, _ in inks[i : i + BATCH]]
        requests = [Request(page, recognize.prompt()) for page in drawn]
        answers = engine.generate(requests, Decoding(beams=beams))
        yield from zip(hear(engine, requests, answers, Checks()), (label for _, label in inks[i : i + BATCH]))


def right(latex: str, label: str) -> bool:
    """Whether a reading is the label, token by token."""
    return score_pair(Pair("", label, latex)).exact


def figure(hits: Sequence[bool]) -> str:
    """A share with n and its Wilson interval, in percent."""
    if not hits:
        return "   -                    n    0"
    found = share(hits)
    return f"{100 * found.value:5.1f} % ({100 * found.low:4.1f} to {100 * found.high:4.1f})  n {found.n:4}"


def row(name: str, results: Sequence[Verified], labels: Sequence[str]) -> str:
    """Accuracy of what stands, and how many answers it mended and spoiled."""
    after = [right(result.latex, label) for result, label in zip(results, labels)]
    before = [right(result.plain, label) for result, label in zip(results, labels)]
    mended = sum(a and not b for a, b in zip(after, before))
    spoiled = sum(b and not a for a, b in zip(after, before))
    changed = sum(result.changed for result in results)
    return f"{name:<33}{figure(after)}  changed {changed:4}, mended {mended:3}, spoiled {spoiled:3}"


def own_readings(heard: Sequence[Heard], labels: Sequence[str]) -> Iterator[str]:
    """Accuracy of the LaTeX that counting and the tree end with, taken by itself; none where malformed."""
    for name, kind in (("count", Counting), ("tree", TreeReading)):
        said = [getattr(one, name) for one in heard]
        hits = [isinstance(s, kind) and right(s.latex, label) for s, label in zip(said, labels)]
        yield f"{'LaTeX of ' + name + ' alone':<33}{figure(hits)}"


def agreement(results: Sequence[Verified], labels: Sequence[str]) -> Iterator[str]:
    """Accuracy of plain answers where all checks agree and where not, and the same for each check alone."""
    hits = [right(result.plain, label) for result, label in zip(results, labels)]
    agreed = [result.agreed for result in results]
    yield f"{'all checks agree':<33}{figure([h for h, a in zip(hits, agreed) if a])}"
    yield f"{'not all agree':<33}{figure([h for h, a in zip(hits, agreed) if not a])}"
    for name in ("parse", "count", "tree", "find"):
        for verdict in ("agreed", "disagreed", "malformed"):
            told = [any((f.check, f.verdict) == (name, verdict) for f in result.findings) for result in results]
            yield f"{name + ' ' + verdict:<33}{figure([h for h, t in zip(hits, told) if t])}"


def by_confidence(heard: Sequence[Heard], results: Sequence[Verified], labels: Sequence[str]) -> str:
    """Accuracy of as many answers as all checks agree on, taken by the confidence of plain decoding instead."""
    count = sum(result.agreed for result in results)
    ranks = sorted(range(len(heard)), key=lambda i: -heard[i].plain.best.logprob)[:count]
    hits = [right(plain_reading(heard[i].plain), labels[i]) for i in ranks]
    return f"{'as many, by confidence':<33}{figure(hits)}"


def main() -> None:
    """Print one line a figure."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--all", action="store_true", help="every ink, not the held-out writers' only")
    arguments.add_argument("--model", default="nano")
    arguments.add_argument("--beams", type=int, default=1)
    arguments.add_argument("--limit", type=int, help="inks, evenly spread")
    arguments.add_argument("--threads", type=int, default=1)
    given = arguments.parse_args()
    inks = list(read_labelled(given.archive, lambda reason: None)) if given.all else held_out(given.archive)[0]
    if given.limit and given.limit < len(inks):
        inks = [inks[i * len(inks) // given.limit] for i in range(given.limit)]
    engine = Timed(load_engine(given.model, EngineSettings(threads=given.threads)))
    heard, labels = map(list, zip(*heard_and_label(engine, inks, given.beams)))
    if unheard := set(KINDS.values()) - {"fix"} - engine.seconds.keys():  # "fix" is asked about what is marked only
        raise SystemExit(f"{engine.name} failed on every question of these kinds: {', '.join(sorted(unheard))}")
    print(f"{engine.name}, {given.archive.name}, {len(inks)} expressions, beams {given.beams}")
    print("\n".join(tables(heard, labels)))
    plain = engine.seconds["plain"]
    for kind, seconds in engine.seconds.items():
        print(f"{kind:<6}{1000 * seconds / len(inks):6.0f} ms a picture, {seconds / plain:5.2f} times plain")
    total = sum(engine.seconds.values())
    print(f"all   {1000 * total / len(inks):6.0f} ms a picture, {total / plain:5.2f} times plain")


def tables(heard: Sequence[Heard], labels: Sequence[str]) -> Iterator[str]:
    """Accuracy of every variant, then what agreement says, then what the checks did."""
    yield row("plain", [judge(one, NONE) for one in heard], labels)
    yield from own_readings(heard, labels)
    for name, checks in VARIANTS.items():
        yield row(name, [judge(one, checks) for one in heard], labels)
    results = [judge(one, Checks()) for one in heard]
    yield "right among the candidates       " + figure(
        [any(right(c.latex, label) for c in result.candidates) for result, label in zip(results, labels)]
    )
    yield from ("", *agreement(results, labels), by_confidence(heard, results, labels))
    yield from ("", VerifyReport(results).to_text(), "")


if __name__ == "__main__":
    main()
