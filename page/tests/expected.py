"""Prints what the Python package reads, greedily: JSON of [{id, strokes, latex}, …].

Of an archive of InkML (`--archive`; with `--most` so many of them, with `--prefix` of those whose id begins so), or of
stroke lists in a JSON file (`--strokes`).
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from unimumer import Recognition, Recognizer
from unimumer.ink import Ink, read_inks, write_strokes


def main() -> None:
    """Read what the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--strokes", type=Path)
    parser.add_argument("--beams", type=int, default=1)
    options = parser.parse_args()
    inks = _drawn(options.strokes) if options.strokes else _archived(options.archive, options.prefix, options.most)
    strokes = [json.loads(write_strokes(ink))["strokes"] for ink in inks]
    read = Recognizer(beams=options.beams).recognize_each(inks)
    latex = [found.latex if isinstance(found, Recognition) else f"error: {found}" for found in read]
    rows = [
        {"id": ink.id, "strokes": those, "latex": text} for ink, those, text in zip(inks, strokes, latex, strict=True)
    ]
    json.dump(rows, sys.stdout)


def _archived(path: Path, prefix: str, most: int) -> list[Ink]:
    """Only strokes count, as they would from a browser; those taken are spread evenly over the archive."""
    found = [Ink(id, ink.strokes) for id, ink in read_inks(path) if isinstance(ink, Ink) and id.startswith(prefix)]
    return found[:: max(1, len(found) // most)][:most] if most else found


def _drawn(path: Path) -> list[Ink]:
    drawings = json.loads(path.read_text())
    return [Ink(str(i), tuple(np.array(stroke, np.float32) for stroke in those)) for i, those in enumerate(drawings)]


if __name__ == "__main__":
    main()
