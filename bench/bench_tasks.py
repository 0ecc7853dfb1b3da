"""Tree texts written and read a second on one core, against parsing: `python bench/bench_tasks.py`.

The same expressions and clock as bench_latex.py. Counts, and the diff with its marks, log and application against
the label before, are timed for comparison.
"""

from __future__ import annotations

from bench_latex import expressions, rate

from unimumer.latex import parse
from unimumer.tasks import count, edits, tree, tree_text

FLOOR = 8_000  # trees a second that building the training data counts on


def mend(pair: tuple[str, str]) -> str:
    """Find, mark and log the errors of a candidate, and correct it from the marks and the log alone."""
    found = edits.find(*pair)
    return edits.apply(edits.mark(pair[0], found), edits.read_log(edits.log(found)))


def main() -> None:
    """Print one line for each function."""
    source, labels = expressions()
    trees = [parse(label) for label in labels]
    texts = [tree_text.write(row) for row in trees]
    lines = sum(text.count("\n") + 1 for text in texts)
    print(f"{source}: {len(labels)} expressions, {lines / len(labels):.1f} lines each")
    rates = {
        "parse": rate(parse, labels),
        "write": rate(tree_text.write, trees),
        "read": rate(tree_text.read, texts),
        "tree answer": rate(tree.parse, [tree.target(label) for label in labels]),
        "count answer": rate(count.parse, [count.target(label) for label in labels]),
        "mend": rate(mend, list(zip(labels[1:], labels))),
    }
    for name, value in rates.items():
        print(f"{name:>12}: {value:>9,.0f} /s, {value / rates['parse']:.2f} of parse")
    slowest = min(rates["write"], rates["read"])
    print(f"the slower of write and read is {slowest / FLOOR:.1f} times the floor of {FLOOR:,} /s")


if __name__ == "__main__":
    main()
