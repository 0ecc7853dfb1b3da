"""Our tree texts against the authors' own, label by label: `python bench/compare_trees.py CLONE FILE...`.

CLONE is a clone of https://github.com/BFlameSwift/Uni-MuMER, whose `preprocess/unimumer_tree` is run as it is; FILEs
are predictions (`gt` of each item is its label) or lists of labels (id, tab, label). What differs is listed by cause.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from unimumer.errors import UnimumerError
from unimumer.files import read_objects, read_table
from unimumer.latex import normalize, parse
from unimumer.tasks import tree_text

EQUAL, REFUSED, FAILS = "equal", "ours refuses the label", "the authors' script fails"


def labels(path: Path) -> Iterator[str]:
    """The labels of a file."""
    if path.suffix == ".json":
        yield from (str(item["gt"]) for _, item in read_objects(path))
    else:
        yield from (label for _, _, label in read_table(path))


def cause(label: str, authors: Callable[[str], str]) -> str:
    """Whether both give one text for a label, else why not."""
    try:
        theirs = authors(label)
    except (AssertionError, IndexError):
        return FAILS
    try:
        ours = tree_text.write(parse(label))
    except UnimumerError:
        return REFUSED
    if ours == theirs:
        return EQUAL
    nodes = {line.strip("\t").split(" (")[0] for line in theirs.split("\n")}
    if nodes & {"_", "^"}:
        return "braces are nodes of theirs: a script after an argument or after an environment"
    if nodes & {"{", "}"}:
        return "braces are nodes of theirs: groups, font commands, columns, commands it does not know"
    if ours == _or_nothing(authors, normalize(label)):
        return "ours has the normal form: \\leq for \\le, \\ldots for \\dots, \\neq for \\not =, a bracketed matrix"
    if "[ [" in label:
        return "brackets in an option, which LaTeX ends at the first ]"
    return "other"


def _or_nothing(authors: Callable[[str], str], label: str) -> str:
    try:
        return authors(label)
    except (AssertionError, IndexError):
        return ""


def main() -> None:
    """Print, for each file and for all, how many texts are equal, and the rest by cause with an example."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args()
    sys.path.insert(0, str(options.clone))
    authors = import_module("preprocess.unimumer_tree.latex2tree").latex_to_tree_str
    everything: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for path in options.files:
        counts: Counter[str] = Counter()
        for label in labels(path):
            found = cause(label, authors)
            counts[found] += 1
            if found not in examples or len(label) < len(examples[found]):
                examples[found] = label
        tell(path.name, counts)
        everything += counts
    tell("all", everything)
    for found, label in examples.items():
        print(f"{found}, e.g. {label}")


def tell(name: str, counts: Counter[str]) -> None:
    """Print the counts of a file; those that both can read are what the share is of."""
    both = counts.total() - counts[REFUSED] - counts[FAILS]
    print(
        f"{name}: {counts.total():,} labels, both read {both:,}, equal {counts[EQUAL]:,} ({counts[EQUAL] / both:.2%})"
    )
    for found, n in counts.most_common():
        if found != EQUAL:
            print(f"  {n:>6,} {found}")


if __name__ == "__main__":
    main()
