"""Writes the pictures, ink files and labels of this folder anew: `python examples/make.py`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pen import draw
from pen.hand import Hand, Points
from pen.layout import lay_out
from PIL import Image

HERE = Path(__file__).resolve().parent

# Name, seed of the hand, label; from easy to hard.
EXPRESSIONS = (
    ("sum", 3, "2 + 3 = 5"),
    ("product", 7, "3 \\times 4 = 1 2"),
    ("bound", 5, "x \\leq 7"),
    ("circle", 11, "x ^ { 2 } + y ^ { 2 } = 1"),
    ("mean", 21, "\\frac { a + b } { 2 }"),
    ("odd", 140, "a _ { n } = 2 n + 1"),
    ("square", 41, "( a + b ) ^ { 2 }"),
    ("root", 51, "y = \\sqrt { 3 } x"),
    ("sine", 65, "\\sin \\theta = \\frac { 1 } { 2 }"),
    ("series", 83, "\\sum \\limits _ { i = 1 } ^ { n } i ^ { 2 }"),
    ("integral", 89, "\\int _ { 0 } ^ { 1 } x d x"),
    ("quadratic", 94, "x = \\frac { - b \\pm \\sqrt { b ^ { 2 } - 4 a c } } { 2 a }"),
)
WITH_INK = ("sum", "mean", "series")
PHOTOS = {"circle": 112, "odd": 133, "series": 172}
"""Expressions photographed from paper, each written by another hand (its seed)."""
CANVASES = ("mean", "root")
CHALKBOARDS = {"sine": 161}


def main() -> None:
    """Write every file; the same versions of numpy and OpenCV give the same bytes."""
    labels: list[tuple[str, str]] = []
    for name, seed, latex in EXPRESSIONS:
        if name in WITH_INK:
            _save_ink(_written(latex, seed)[0], HERE / f"{name}.strokes.json")
        files = _files(name, seed, latex)
        for file, picture in files.items():
            _save(picture, HERE / file)
        labels += [(file, latex) for file in files]
    text = "".join(f"{file}\t{latex}\n" for file, latex in labels)
    (HERE / "labels.tsv").write_text(text, encoding="utf-8", newline="\n")


def _files(name: str, seed: int, latex: str) -> dict[str, Image.Image]:
    """Return the pictures of one expression by file name."""
    _, ink, _ = _written(latex, seed)
    files = {f"{name}.png": draw.plain(ink)}
    if name in CANVASES:
        files[f"{name}_canvas.png"] = draw.canvas(ink)
    if name in PHOTOS:
        _, ink, rng = _written(latex, PHOTOS[name], zoom=draw.CLOSE)
        files[f"{name}_photo.jpg"] = draw.photo(ink, rng)
    if name in CHALKBOARDS:
        _, ink, rng = _written(latex, CHALKBOARDS[name], pen=1.5)
        files[f"{name}_chalkboard.jpg"] = draw.chalkboard(ink, rng)
    return files


def _written(
    latex: str, seed: int, pen: float = 1.0, zoom: float = 1.0
) -> tuple[list[Points], draw.Plane, np.random.Generator]:
    """Return the strokes in pixels, the picture of the ink, and the hand's source of chance."""
    hand = Hand(seed)
    strokes, size = draw.on_page(lay_out(latex, hand), zoom)
    return strokes, draw.coverage(strokes, size, pen * zoom * draw.PEN, hand.rng), hand.rng


def _save(picture: Image.Image, path: Path) -> None:
    if path.suffix == ".jpg":
        picture.save(path, quality=84)
    else:
        picture.save(path, optimize=True)


def _save_ink(strokes: Sequence[Points], path: Path) -> None:
    """Write every fourth point of the strokes and the last, in pixels of the plain picture."""
    thinned = [np.vstack([stroke[:-1:4], stroke[-1:]]).round(1).tolist() for stroke in strokes]
    path.write_text(json.dumps({"strokes": thinned}) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
