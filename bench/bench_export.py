"""Microseconds a label for every form, and for typesetting: `python bench/bench_export.py`.

Uses the CROHME 2014 labels when the data folder is there (UNIMUMER_DATA, else `../shared/data` beside the checkout),
else a few expressions of its own. CPU time of the best of several rounds, from the tree; parsing is a line of its own.
"""

from __future__ import annotations

from bench_latex import expressions, rate

from unimumer.export import FORMS
from unimumer.latex import parse
from unimumer.typeset import to_png, to_svg, typeset

LIMIT = 50.0  # microseconds a label for a text form
TEXTS = ("latex", "tokens", "mathml", "omml", "typst", "asciimath", "unicode")


def main() -> None:
    """Print one line for each form, and how the slowest stands to the limit."""
    source, texts = expressions()
    rows = [parse(text) for text in texts]
    print(f"{source}: {len(rows)} expressions")
    print(f"{'parse':>10}: {1e6 / rate(parse, texts):8.1f} µs")
    spent = {form: 1e6 / rate(FORMS[form], rows) for form in (*TEXTS, "html")}
    for form, microseconds in spent.items():
        print(f"{form:>10}: {microseconds:8.1f} µs")
    for name, function in {"typeset": typeset, "svg": to_svg, "png": to_png}.items():
        some = rows if name == "typeset" else rows[:50]
        print(f"{name:>10}: {1e6 / rate(function, some):8.1f} µs")
    slowest = max(spent[form] for form in TEXTS)
    print(f"the slowest text form takes {slowest / LIMIT:.2f} of the limit of {LIMIT:.0f} µs")


if __name__ == "__main__":
    main()
