"""Holds the strokes that `Recognition.symbols` gives to each symbol against the ink's own truth.

    python bench/bench_symbols.py ARCHIVE --folder crohme2013 [--labels] [--limit N]

Counted are the symbols of the ink that is read right, `\\limits` aside, or with `--labels` of all ink, which is then
taken to be read as it is labelled. A symbol is right when its strokes are all those of the truth and no others.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from unimumer import Recognizer
from unimumer.engines.load import EngineSettings
from unimumer.errors import UnimumerError
from unimumer.ink import Ink, label, read_files, read_inkml
from unimumer.ink.tie import tie
from unimumer.metrics.intervals import share
from unimumer.recognizer import Recognition

LIMITS = r"\limits"


def truth(ink: Ink, text: str) -> dict[int, tuple[int, ...]] | None:
    """The strokes of each token of a label, tokens counted without `\\limits`; None where the ink does not say."""
    tied = tie(ink, text)
    if tied is None:
        return None
    found: dict[int, list[int]] = {}
    for symbol, token in zip(ink.symbols, tied):
        found.setdefault(token - text.split()[:token].count(LIMITS), []).extend(symbol.strokes)
    return {token: tuple(sorted(strokes)) for token, strokes in found.items()}


def main() -> None:
    """Print the share of symbols that get their strokes, and of expressions all of whose symbols do."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--folder", default="")
    arguments.add_argument("--labels", action="store_true", help="take the label for the reading")
    arguments.add_argument("--limit", type=int, help="read so many inks only")
    given = arguments.parse_args()
    reader = Recognizer(beams=1, settings=EngineSettings(threads=1))
    symbols: list[bool] = []
    whole: list[bool] = []
    for number, (id, data) in enumerate(read_files(given.archive, given.folder)):
        if given.limit is not None and number >= given.limit:
            break
        try:
            ink = read_inkml(data, id)
            text = label(ink, limits=True)
            bare = replace(ink, symbols=(), layout=None, annotations={})
            result = Recognition(text, None, (), "label", source=bare) if given.labels else reader.recognize(bare)
        except UnimumerError:
            continue
        expected = truth(ink, text)
        tokens = result.tokens.split()
        if expected is None or [t for t in tokens if t != LIMITS] != [t for t in text.split() if t != LIMITS]:
            continue
        found = {one.index - tokens[: one.index].count(LIMITS): one.strokes for one in result.symbols}
        hits = [found.get(token) == strokes for token, strokes in expected.items()]
        symbols += hits
        whole.append(all(hits))
    for name, hits in (("symbols", symbols), ("expressions", whole)):
        figure = share(hits)
        print(f"{name}: {figure.value:.4f} ({figure.low:.4f} to {figure.high:.4f}), n {figure.n}")


if __name__ == "__main__":
    main()
