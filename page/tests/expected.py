"""Prints what the Python package reads in an archive of InkML, greedily: JSON of [{id, strokes, latex}, …]."""

import json
import sys
from pathlib import Path

from unimumer import Recognizer
from unimumer.ink import Ink, read_inks, write_strokes


def main(archive: str, most: str = "") -> None:
    """Read at most `most` inks of `archive`, evenly chosen; only their strokes count, as they would from a browser."""
    inks = [Ink(id, ink.strokes) for id, ink in read_inks(Path(archive)) if isinstance(ink, Ink)]
    inks = inks[:: max(1, len(inks) // int(most))][: int(most)] if most else inks
    strokes = [json.loads(write_strokes(ink))["strokes"] for ink in inks]
    latex = [found.latex for found in Recognizer().recognize_all(inks)]
    ids = [ink.id for ink in inks]
    rows = [{"id": id, "strokes": those, "latex": text} for id, those, text in zip(ids, strokes, latex, strict=True)]
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
