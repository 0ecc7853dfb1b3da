"""Writes how often Nano reads each class of its alphabet rightly, on ink that it was not trained on, as Markdown.

    python bench/alphabet.py --ink crohme2013 --symbols detexify.jsonl.gz --symbols mathnote.jsonl.gz \\
        [--model FOLDER] [--out docs/alphabet.md]

Two measures, since most classes beyond CROHME's are in no held-out expression: in the expressions of `--ink`, and
alone, on those of the single `--symbols` that `unimumer train pack` holds out.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from unimumer.compose.alphabet import TOKENS
from unimumer.compose.corpus import LabelledInk, entries
from unimumer.engines.base import Decoding, Request
from unimumer.engines.nano import NanoEngine
from unimumer.files import write_text
from unimumer.ink import picture
from unimumer.metrics.intervals import Figure, share
from unimumer.tasks import recognize

UNSEEN = ("{", "}", r"\limits")
"""What no ink is written for, and no place in the picture stands for either."""
HEAD = """\
# The alphabet: how often each class is read rightly

Made with {model}, greedily, by the whole path of a user's ink, none of which was trained on, by

```bash
{command}
```

- **In expressions**: {expressions} of {ink}. Reading and label are aligned by the fewest insertions, deletions
  and exchanges of tokens; a class is right where its token in the label stands opposite the same token. Signs of
  structure (`^`, `_`, `\\frac`, `\\sqrt`) are counted as classes; braces and `\\limits`, which nobody writes, are not.
- **Alone**: the {lone} held-out ones of the single symbols of Detexify and mathnote-ocr: every twentieth of a class
  and collection, from the tenth on, so that a class with few has none. Right is a reading of that one token and
  nothing else. Nothing around such a symbol tells its size, so `c` and `C`, `o`, `O` and `0` are guesses there.

| | classes measured | n | right (95 % interval) | mean over classes |
|---|---|---|---|---|
{totals}

Classes of the alphabet without any held-out ink ({missing_count}), about which nothing is known: {missing}.

The column "read as" has what the reading most often has instead; "nothing" is a token that it leaves out.

| class | in expressions, n | right, % | read as | alone, n | right, % | read as |
|---|---|---|---|---|---|---|
"""


@dataclass(slots=True)
class Tally:
    """What became of the tokens of each class."""

    hits: defaultdict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    instead: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, token: str, found: str) -> None:
        """Note that `found` stands where the label has `token`; empty for nothing."""
        self.hits[token].append(found == token)
        if found != token:
            self.instead[token][found] += 1

    def total(self) -> Figure:
        """Right of all tokens, of whatever class."""
        return share([hit for hits in self.hits.values() for hit in hits])

    def mean(self) -> float:
        """Mean of the classes' shares."""
        return float(np.mean([np.mean(hits) for hits in self.hits.values()]))

    def cells(self, token: str) -> list[str]:
        """How many there were, how many in a hundred were right, and the two most frequent others."""
        hits = self.hits.get(token, [])
        if not hits:
            return ["", "", ""]
        others = (f"{shown(name)} {count}" for name, count in self.instead[token].most_common(2))
        return [str(len(hits)), f"{100 * np.mean(hits):.0f}", ", ".join(others)]


def shown(token: str) -> str:
    """A token in a cell of a table."""
    escaped = token.replace("|", r"\|")
    return f"`{escaped}`" if token else "nothing"


def aligned(label: Sequence[str], reading: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each token of the label with what stands opposite it in the reading, an empty text for nothing."""
    for step in Levenshtein.opcodes(label, reading):
        opposite = reading[step.dest_start : step.dest_end]
        for i, token in enumerate(label[step.src_start : step.src_end]):
            yield token, opposite[i] if i < len(opposite) else ""


def readings(engine: NanoEngine, held: Sequence[LabelledInk]) -> list[list[str]]:
    """The tokens that are read from each ink."""
    drawn = (np.repeat(picture(one.ink)[:, :, None], 3, axis=2) for one in held)
    answers = engine.generate([Request(pixels, recognize.prompt()) for pixels in drawn], Decoding())
    return [recognize.parse(answer.best.text).split() for answer in answers]


def tallies(engine: NanoEngine, held: Sequence[LabelledInk]) -> tuple[Tally, Tally]:
    """What became of the classes in expressions, and of those alone."""
    among, alone = Tally(), Tally()
    for one, reading in zip(held, readings(engine, held)):
        label = one.label.split()
        if one.lone:
            alone.add(one.label, " ".join(reading))
            continue
        for token, found in aligned(label, reading):
            if token not in UNSEEN:
                among.add(token, found)
    return among, alone


def report(among: Tally, alone: Tally, **about: object) -> str:
    """The page."""
    known = among.hits.keys() | alone.hits.keys()
    missing = [token for token in TOKENS if token not in known and token not in UNSEEN]
    rows = []
    for name, tally in (("in expressions", among), ("alone", alone)):
        figure = tally.total()
        interval = f"{100 * figure.value:.1f} % ({100 * figure.low:.1f} to {100 * figure.high:.1f})"
        rows.append(f"| {name} | {len(tally.hits)} | {figure.n} | {interval} | {100 * tally.mean():.1f} % |")
    listed = ", ".join(map(shown, missing)) or "none"
    head = HEAD.format(totals="\n".join(rows), missing=listed, missing_count=len(missing), **about)
    order = [token for token in dict.fromkeys((*TOKENS, *sorted(known))) if token in known]
    lines = (" | ".join([shown(token), *among.cells(token), *alone.cells(token)]) for token in order)
    return head + "".join(f"| {line} |\n" for line in lines)


def main() -> None:
    """Read all, and write the page."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--ink", type=Path, action="append", required=True, help="InkML, all of it held out")
    arguments.add_argument("--symbols", type=Path, action="append", default=[], help="single symbols (.jsonl.gz)")
    arguments.add_argument("--model", type=Path, help="a runtime; default: the package's")
    arguments.add_argument("--out", type=Path, default=Path("docs/alphabet.md"))
    given = arguments.parse_args()
    every = entries([], given.ink, given.symbols, lambda reason: None)
    held = [one for one in every if one.is_held]
    engine = NanoEngine.load(given.model, threads=1)
    lone = sum(one.lone for one in held)
    names = [f"--ink {path.name}" for path in given.ink] + [f"--symbols {path.name}" for path in given.symbols]
    page = report(
        *tallies(engine, held),
        command=" ".join(["python bench/alphabet.py", *names]),
        model=engine.name,
        expressions=f"{len(held) - lone} expressions",
        ink=" and ".join(path.name for path in given.ink),
        lone=lone,
    )
    write_text(given.out, page)


if __name__ == "__main__":
    main()
