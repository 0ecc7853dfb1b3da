"""Prints what the Python package reads, greedily: JSON of [{id, strokes, latex}, …].

Of an archive of InkML (`--archive`; with `--most` so many of them, with `--prefix` of those whose id begins so), or of
stroke lists in a JSON file (`--strokes`).
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from unimumer.engines.base import Decoding, Request
from unimumer.engines.load import load_engine
from unimumer.imaging import drawn, load
from unimumer.ink import Ink, picture, read_inks, without_strays, write_strokes
from unimumer.tasks import recognize


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
    engine = load_engine("nano")
    answers = engine.generate([_request(ink) for ink in inks], Decoding(beams=options.beams))
    texts = [[recognize.parse(text.text) for text in answer.candidates] for answer in answers]
    latex = [readings[recognize.choose(readings)] for readings in texts]
    rows = [
        {"id": ink.id, "strokes": those, "latex": text} for ink, those, text in zip(inks, strokes, latex, strict=True)
    ]
    json.dump(rows, sys.stdout)


def _request(ink: Ink) -> Request:
    """As `Recognizer` asks about ink: all of it is drawn, and none of it can be a blemish of paper."""
    drawing = picture(without_strays(ink)[0])
    return Request(load(drawing), recognize.prompt(), drawn(drawing))


def _archived(path: Path, prefix: str, most: int) -> list[Ink]:
    """Only strokes count, as they would from a browser; those taken are spread evenly over the archive."""
    found = [Ink(id, ink.strokes) for id, ink in read_inks(path) if isinstance(ink, Ink) and id.startswith(prefix)]
    return found[:: max(1, len(found) // most)][:most] if most else found


def _drawn(path: Path) -> list[Ink]:
    drawings = json.loads(path.read_text())
    return [Ink(str(i), tuple(np.array(stroke, np.float32) for stroke in those)) for i, those in enumerate(drawings)]


if __name__ == "__main__":
    main()
