"""What the repetition detector cuts, in all published predictions, and in tree and count targets of all labels.

Needs the data folder (UNIMUMER_DATA, else `../shared/data` beside the checkout). Tokens are those of the labels, and
pieces about as Qwen's tokenizer has them, of which there are more.

    python bench/bench_repetition.py
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from unimumer.engines.repetition import first_loop
from unimumer.latex import LatexError
from unimumer.tasks import count, tree

DATA = Path(os.environ.get("UNIMUMER_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
PIECE = re.compile(r"[^\r\n\w]?[^\W\d_]+|\d| ?[^\s\w]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+|_")


def loops(text: str) -> bool:
    """Whether an answer would have been cut, in either kind of tokens."""
    return bool(first_loop(text.split()) or first_loop(PIECE.findall(text)))


def main() -> None:
    """Print n, how many are cut, and how many of these are correct."""
    items = [item for path in DATA.glob("predictions/*/*_pred.json") for item in json.loads(path.read_text())]
    right = [item for item in items if item["pred"].split() == item["gt"].split()]
    cut = [item for item in items if loops(item["pred"])]
    false = [item for item in right if loops(item["pred"])]
    print(f"predictions: {len(items):,}, {len(right):,} correct; {len(cut)} cut, {len(false)} of them correct")
    labels = {item["gt"] for item in items}
    for path in DATA.glob("labels/*.tsv"):
        labels |= {line.split("\t")[1] for line in path.read_text().splitlines()}
    targets = list(labels)
    for label in labels:
        try:
            targets += [tree.target(label), count.target(label)]
        except LatexError:
            continue
    print(f"labels, tree and count targets: {len(targets):,}; {sum(map(loops, targets))} taken for loops")


if __name__ == "__main__":
    main()
