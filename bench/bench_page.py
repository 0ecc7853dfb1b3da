"""Finds and reads the expressions of pages that are composed of held-out ink, in many layouts.

    python bench/bench_page.py ARCHIVE --folder crohme2013 [--pages N] [--photographs] [--show FILE]

A page is one to three columns of lines: expressions left, centered or aligned by chance, written by one hand a page
where there are enough, in symbols of much the same size, lines slightly inclined, and the blank between two lines from
0.6 to 2.5 typical symbols, between two columns at least 3. What is found is a page's expression when their boxes share
half of their union. An expression is read right when its tokens are those of its label, `\\limits` aside; the same
drawing alone in a picture is read for comparison.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from unimumer import Recognizer
from unimumer.engines.load import EngineSettings
from unimumer.errors import UnimumerError
from unimumer.imaging import find_expressions, inked, load
from unimumer.ink import Ink, Stroke, label, paint, read_files, read_inkml, typical_size
from unimumer.metrics.intervals import share

SIZE = 40
"""Side of a typical symbol, pixels."""
MARGIN = 60


@dataclass(frozen=True)
class Written:
    """An expression where it stands on a page."""

    ink: Ink
    label: str
    strokes: list[NDArray[np.float64]]

    @property
    def box(self) -> NDArray[np.float64]:
        """Left, top, right, bottom."""
        points = np.concatenate(self.strokes)
        return np.concatenate([points.min(axis=0), points.max(axis=0)])

    def alone(self) -> NDArray[np.uint8]:
        """A picture of this expression only, as it is drawn on the page."""
        low, high = self.box[:2] - SIZE / 2, self.box[2:] + SIZE / 2
        strokes = [(stroke - low).astype(np.float32) for stroke in self.strokes]
        return paint(strokes, int(high[1] - low[1]), int(high[0] - low[0]), 3.0)


def scaled(ink: Ink, random: np.random.Generator) -> list[NDArray[np.float64]]:
    """The strokes at the page's size, their box from 0, inclined by up to one degree."""
    factor = SIZE * random.uniform(0.85, 1.15) / (typical_size(ink) or 1.0)
    angle = np.radians(random.uniform(-1, 1))
    turn = factor * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    strokes = [stroke.astype(np.float64) @ turn for stroke in ink.strokes]
    low = np.concatenate(strokes).min(axis=0)
    return [stroke - low for stroke in strokes]


def compose(inks: list[tuple[Ink, str]], random: np.random.Generator) -> list[Written]:
    """Lay out expressions in columns."""
    columns = int(random.choice([1, 1, 2, 3]))
    align = random.choice(["left", "center", "ragged"])
    chosen = [inks[at] for at in random.choice(len(inks), columns * int(random.integers(2, 7)), replace=False)]
    gap = random.uniform(0.6, 2.5)
    placed: list[Written] = []
    x = float(MARGIN)
    for part in np.array_split(np.arange(len(chosen)), columns):
        drawn = [(*chosen[at], scaled(chosen[at][0], random)) for at in part]
        widths = [np.concatenate(strokes)[:, 0].max() for _, _, strokes in drawn]
        y = MARGIN + random.uniform(0, 2 * SIZE)
        for (ink, text, strokes), width in zip(drawn, widths):
            free = max(widths) - width
            shift = {"left": 0.0, "center": free / 2}.get(str(align), random.uniform(0, min(free, 4 * SIZE)))
            placed.append(Written(ink, text, [stroke + np.array([x + shift, y]) for stroke in strokes]))
            y = placed[-1].box[3] + SIZE * gap * random.uniform(0.9, 1.3)
        x += max(widths) + SIZE * random.uniform(3, 6)
    return placed


def photographed(drawing: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """A drawing as a camera sees it: blue ink, uneven light, a soft lens and noise; it stays where it is."""
    height, width = drawing.shape
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    light = 0.75 + random.uniform(-0.15, 0.15) * x + random.uniform(-0.15, 0.15) * y
    ink = np.array([0.15, 0.2, 0.45]) * np.ones((height, width, 1))
    seen = light[..., None] * (ink + (1 - ink) * drawing[..., None] / 255)
    seen = cv2.GaussianBlur(seen, (0, 0), 0.8) + random.normal(0, 0.015, seen.shape)
    return np.asarray((255 * seen).clip(0, 255), np.uint8)


def overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Intersection over union of two boxes."""
    shared = np.prod(np.maximum(0, np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])))
    return float(shared / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - shared))


def tokens(text: str) -> str:
    """A label without what cannot be seen."""
    return text.replace("\\limits ", "")


def labelled(archive: Path, folder: str) -> list[tuple[Ink, str]]:
    """Ink of more than one stroke with its label; what cannot be read or labelled is left out."""
    inks = []
    for id, data in read_files(archive, folder):
        try:
            ink = read_inkml(data, id)
            inks.append((ink, label(ink, limits=True)))
        except UnimumerError:
            continue
    return [(ink, text) for ink, text in inks if len(ink.strokes) > 1]


def show(picture: Any, right: Iterable[Any], found: Iterable[Any], path: Path) -> None:
    """Write a page with the boxes that are right in green and those that were found in red."""
    shown = np.repeat(picture[..., None], 3, 2) if picture.ndim == 2 else picture.copy()
    for color, some in (((0, 160, 0), right), ((220, 0, 0), found)):
        for left, top, right_, bottom in some:
            cv2.rectangle(shown, (int(left), int(top)), (int(right_), int(bottom)), color, 2)
    cv2.imwrite(str(path), shown[..., ::-1])


def main() -> None:
    """Print how many are found, and how many are read right on the page and alone."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--folder", default="")
    arguments.add_argument("--pages", type=int, default=60)
    arguments.add_argument("--photographs", action="store_true", help="as photographs of paper, not as drawings")
    arguments.add_argument("--no-reading", action="store_true", help="only find")
    arguments.add_argument("--show", type=Path, help="write the page where most went wrong, with boxes, to this PNG")
    given = arguments.parse_args()
    random = np.random.default_rng(0)
    inks = labelled(given.archive, given.folder)
    reader = Recognizer(beams=1, settings=EngineSettings(threads=1))
    found = right = wanted = hits = n_read = alone_right = 0
    worst = (0.0, None, [], [])
    for _ in range(given.pages):
        written = compose(inks, random)
        high = np.max([one.box[2:] for one in written], axis=0) + MARGIN
        strokes: list[Stroke] = [stroke.astype(np.float32) for one in written for stroke in one.strokes]
        drawing = paint(strokes, int(high[1]), int(high[0]), 3.0)
        picture = photographed(drawing, random) if given.photographs else drawing
        seen = load(picture)
        page = reader.page(seen) if not given.no_reading else None
        boxes = [np.array(one.box, float) for one in (page.parts if page else find_expressions(seen, inked(seen)))]
        missed = 0
        alone = list(reader.recognize_each(one.alone() for one in written)) if page else []
        for at, one in enumerate(written):
            shares = [overlap(one.box, box) for box in boxes]
            best = int(np.argmax(shares)) if shares else -1
            hit = bool(shares) and shares[best] > 0.5
            hits += hit
            missed += not hit
            if page:
                result = page.parts[best].recognition if hit else None
                right += result is not None and tokens(result.tokens) == tokens(one.label)
                single = alone[at]
                alone_right += not isinstance(single, UnimumerError) and tokens(single.tokens) == tokens(one.label)
                n_read += 1
        found += len(boxes)
        wanted += len(written)
        errors = missed + max(0, len(boxes) - len(written)) / 2
        if errors > worst[0]:
            worst = (errors, picture, boxes, [one.box for one in written])
    recall = share([True] * hits + [False] * (wanted - hits))
    print(
        f"{given.pages} pages, {wanted} expressions: recall {recall.value:.3f} ({recall.low:.3f} to {recall.high:.3f})"
    )
    print(f"precision {hits / max(1, found):.3f}, F1 {2 * hits / (found + wanted):.3f}")
    if n_read:
        print(f"read right on the page {right / n_read:.3f}, alone {alone_right / n_read:.3f}, n {n_read}")
    if given.show and worst[1] is not None:
        show(worst[1], worst[3], worst[2], given.show)


if __name__ == "__main__":
    main()
