"""Makes the pictures of the documentation from the shipped examples and a training log.

    python docs/figures.py result                  docs/result.png, with the shipped model
    python docs/figures.py curve runs/nano/log.jsonl   docs/nano-curve.png
    python docs/figures.py ablation runs/stages.json   docs/ablation-stages.png, of `bench/ablate_nano.py`
    python docs/figures.py generator runs/crohme.npz   docs/generator-*.png: what Nano is trained on
    python docs/figures.py failures                docs/nano-fails.png: what the shipped model misreads

The first two need matplotlib, which the package itself does not.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from unimumer import Recognizer
from unimumer.compose.blemishes import ADDED, CHANGED
from unimumer.compose.composer import MIX
from unimumer.compose.corpus import Corpus, load_corpus
from unimumer.compose.generator import Generator, Written
from unimumer.imaging import load
from unimumer.ink.picture import draw
from unimumer.metrics.intervals import wilson

HERE = Path(__file__).parent
Change = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
FORMULAS = (
    r"x = \frac { - b \pm \sqrt { b ^ { 2 } - 4 a c } } { 2 a }",
    r"\sum \limits _ { k = 1 } ^ { n } k = \frac { n ( n + 1 ) } { 2 }",
    r"\int \limits _ { 0 } ^ { 1 } x ^ { 2 } d x = \frac { 1 } { 3 }",
    r"e ^ { i \pi } + 1 = 0",
    r"\lim \limits _ { n \rightarrow \infty } ( 1 + \frac { 1 } { n } ) ^ { n } = e",
    r"\angle A B C = 1 8 0 ^ { \circ } - 6 0 ^ { \circ } = 1 2 0 ^ { \circ }",
    r"\sin ^ { 2 } \theta + \cos ^ { 2 } \theta = 1",
    r"= 3 \times 4 + \frac { 5 } { 6 } \div 2",
    r"\therefore \frac { A E } { A B } = \frac { 1 } { 2 } ,",
    r"f ^ { \prime } ( x ) = \frac { d y } { d x }",
    r"a ^ { 2 } + b ^ { 2 } = c ^ { 2 }",
    r"\Delta v = v _ { 2 } - v _ { 1 } = 3 . 5 m / s",
    r"\{ x \in R | x > 0 \} \cup \{ - 1 \}",
    r"\Gamma ( n + 1 ) = n !",
    r"( a + b ) ( a - b ) = a ^ { 2 } - b ^ { 2 }",
    r"2 H _ { 2 } + O _ { 2 } \rightarrow 2 H _ { 2 } O",
    r"y = 2 \sqrt { 3 } x - 1 =",
    r"P ( A | B ) = \frac { P ( A \cap B ) } { P ( B ) }",
    r"\zeta ( s ) = \sum \limits _ { n } \frac { 1 } { n ^ { s } }",
    r"\forall \epsilon > 0 \exists \delta : | x - y | < \delta",
    r"\log _ { 2 } 8 = 3",
    r"\hbar \omega = E _ { n } - E _ { m }",
    r"1 7 \times 2 4 = 4 0 8",
    r"\frac { \pi ^ { 2 } } { 6 } \approx 1 . 6 4 5",
)
STRUCTURES = (
    r"A = \begin {pmatrix} a _ { 1 1 } & a _ { 1 2 } \\ a _ { 2 1 } & \frac { 1 } { 2 } \end {pmatrix}",
    r"\begin {vmatrix} a & b \\ c & d \end {vmatrix} = a d - b c",
    r"\begin {bmatrix} 1 & 0 & 0 \\ 0 & 1 & 0 \\ 0 & 0 & 1 \end {bmatrix}",
    r"| x | = \begin {cases} x & x \geq 0 \\ - x & x < 0 \end {cases}",
    r"\begin {cases} 2 x + 3 y = 7 \\ x ^ { 2 } - y = 1 \end {cases}",
    r"\begin {aligned} ( a + b ) ^ { 2 } & = ( a + b ) ( a + b ) \\ & = a ^ { 2 } + 2 a b + b ^ { 2 } \end {aligned}",
    r"\binom { n } { k } = \frac { n ! } { k ! ( n - k ) ! }",
    r"\prod \limits _ { i = 1 } ^ { n } x _ { i } ^ { \frac { 1 } { n } }",
    r"\oint \limits _ { \partial D } \vec { F } \cdot d \vec { r } = \iint \limits _ { D } \nabla \times F d A",
    r"\hat { x } + \bar { y } + \tilde { z } = \dot { q } - \ddot { q }",
    r"\overline { A B } \perp \overrightarrow { C D } , \widehat { A B C } = \underline { 9 0 } ^ { \circ }",
    r"A \cup B \subseteq C \cap D \Rightarrow A \subset C",
    r"\arcsin x + \ln ( 1 + x ) \approx \max \limits _ { i } \cosh y _ { i }",
    r"\sqrt [ 3 ] { \frac { p } { q } + \sqrt { 1 + \frac { p ^ { 2 } } { 4 } } }",
    r"\langle u , v \rangle = \lfloor \frac { k } { 2 } \rfloor + \parallel w \parallel",
    r"\frac { \partial ^ { 2 } u } { \partial t ^ { 2 } } = c ^ { 2 } \nabla ^ { 2 } u",
)
TRIED = (
    *("5", "6", "3", "x", "s", r"\alpha", r"\pi", "o 0 + 0 o", "9 g + g 9", "2 z - z 2", "5 s = s 5", "1 l + l 1"),
    *(r"x \times x", r"x _ { i } ^ { k _ { n } } + e ^ { - x ^ { 2 } / 2 }", r"a \leq \alpha \leq d"),
    r"\frac { a + \frac { b } { c + \frac { 1 } { d } } } { \frac { 1 } { m } + \frac { 1 } { n } }",
    "( a - b ) ^ { 2 } + ( b - c ) ^ { 2 } + ( c - a ) ^ { 2 } = 2 ( a ^ { 2 } + b ^ { 2 } + c ^ { 2 } - a b - b c )",
    "s = a _ { 0 } + a _ { 1 } x + a _ { 2 } x ^ { 2 } + a _ { 3 } x ^ { 3 } + a _ { 4 } x ^ { 4 } + a _ { 5 } x",
    r"\sqrt { a + \sqrt { b + \sqrt { c + d } } } \times \sqrt { 1 + \sqrt { 2 } }",
    r"\sum \limits _ { i = 1 } ^ { n } \sum \limits _ { k = 1 } ^ { m } a _ { i k } x _ { i } y _ { k } = 0",
)
"""Where a reader of handwriting may fail: alone, look-alikes, small, nested, long and repeated."""
HANDS = (3, 41, 94)
EXAMPLES = ("sum.png", "mean_canvas.png", "circle_photo.jpg", "sine_chalkboard.jpg")


def result() -> None:
    """Pictures as people have them, above what Nano reads in each, typeset."""
    import matplotlib.pyplot as plt

    reader = Recognizer()
    figure, axes = plt.subplots(2, 2, figsize=(9, 5), facecolor="white")
    for axis, name in zip(axes.flat, EXAMPLES):
        picture = load(HERE.parent / "examples" / name)
        reading = reader.recognize(picture)
        axis.imshow(picture)
        axis.set_title(f"${reading.latex}$   ({reading.confidence:.0%})", y=-0.35, fontsize=16)
        axis.axis("off")
    figure.tight_layout(h_pad=3)
    figure.savefig(HERE / "result.png", dpi=90)


def failures() -> None:
    """What is misread of `TRIED`, written by the made-up hands of `examples/`, with what it says and what was read."""
    sys.path.insert(0, str(HERE.parent / "examples"))
    from make import _written
    from pen import draw as pens

    reader, font = Recognizer(), ImageFont.load_default(11)
    cells, right = [], 0
    for label in TRIED:
        for seed in HANDS:
            picture = pens.plain(_written(label, seed)[1]).convert("L")
            reading = reader.recognize(picture)
            if reading.tokens == label:
                right += 1
                continue
            picture.thumbnail((390, 90))
            texts = [f"is:   {label}", f"read: {reading.tokens} ({reading.confidence:.2f})"]
            lines = [line for text in texts for line in textwrap.wrap(text.replace("{ ", "{").replace(" }", "}"), 62)]
            cell = Image.new("L", (400, 110 + 13 * len(lines)), 255)
            cell.paste(picture, (5, 5))
            for i, line in enumerate(lines):
                ImageDraw.Draw(cell).text((8, 100 + 13 * i), line, 60, font)
            cells.append(cell)
            break  # one of each is enough to see
    print(f"{len(cells)} of {len(TRIED)} expressions are misread in one of up to {len(HANDS)} hands")
    _in_columns(cells, 2, 400).save(HERE / "nano-fails.png", optimize=True)


def curve(log: Path) -> None:
    """Training loss and validation ExpRate over time, stages marked."""
    import matplotlib.pyplot as plt

    lines = [line for line in map(json.loads, log.read_text().splitlines()) if "stage" in line]
    losses = [(x["elapsed"] / 60, x["text_loss"]) for x in lines if "text_loss" in x]
    rates, new = ([(x["elapsed"] / 60, x[key]) for x in lines if key in x] for key in ("exprate", "exprate_new"))
    figure, left = plt.subplots(figsize=(8, 4))
    right = left.twinx()
    left.semilogy(*zip(*losses), color="tab:gray", label="training loss of the text")
    right.plot(*zip(*rates), "o-", color="tab:blue", label="validation ExpRate")
    right.plot(*zip(*new), "o-", color="tab:green", label="of labels not trained on")
    for before, after in pairwise(lines):
        if before["stage"] != after["stage"]:
            left.axvline(before["elapsed"] / 60, color="tab:orange", linestyle=":")
            left.text(before["elapsed"] / 60, left.get_ylim()[1], f" {after['stage']}", va="top", color="tab:orange")
    left.set(xlabel="minutes of training", ylabel="cross-entropy a token")
    right.set_ylabel(f"ExpRate, % of {next(x['n'] for x in lines if 'n' in x)} held-out expressions")
    figure.legend(loc="upper center", ncol=3)
    figure.tight_layout(rect=(0, 0, 1, 0.93))
    figure.savefig(HERE / "nano-curve.png", dpi=90)


def ablation(results: Path) -> None:
    """Validation loss and ExpRate on new labels of every variant, with 95 % intervals of the rates."""
    import matplotlib.pyplot as plt

    record = json.loads(results.read_text())
    names = list(record["results"])
    rows = list(record["results"].values())
    rates = [row["exprate_new"] for row in rows]
    intervals = [wilson(round(row["exprate_new"] / 100 * row["n_new"]), int(row["n_new"])) for row in rows]
    reach = [[rate - 100 * low for rate, (low, _) in zip(rates, intervals)]]
    reach += [[100 * high - rate for rate, (_, high) in zip(rates, intervals)]]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5))
    left.bar(names, rates, yerr=reach, color="tab:green", capsize=4)
    left.set_ylabel(f"ExpRate, % of {int(rows[0]['n_new'])} new labels")
    right.bar(names, [row["validation_loss"] for row in rows], color="tab:gray")
    right.set_ylabel("validation loss, nats a token")
    for axis in (left, right):
        axis.tick_params(axis="x", rotation=20)
    figure.suptitle(f"{record['what']}: {record['budget']} each, one run")
    figure.tight_layout()
    figure.savefig(HERE / f"ablation-{record['what']}.png", dpi=90)


def generator(corpus: Path) -> None:
    """A contact sheet of each kind of training picture, labels below; what is laid out are formulas of our own."""
    packed = replace(load_corpus(corpus), formulas=(FORMULAS,))
    members = np.flatnonzero(~packed.validation)
    for seed, kind in enumerate(kind for kind in MIX if kind != "lone"):
        source = Generator(packed, members, np.random.default_rng(seed), {kind: 1.0})
        made = {one.label: one for one in source.expressions(90) if one.kind == kind and len(one.label.split()) > 5}
        _sheet(list(made.values())[:24], 3, 400).save(HERE / f"generator-{kind.replace('_', '-')}.png", optimize=True)
    _sheet(source.symbols(96), 12, 100).save(HERE / "generator-symbols.png", optimize=True)
    worn = [one for one in source.expressions(60) if len(one.label.split()) > 5][:12]
    random, changes = np.random.default_rng(0), cycle((*ADDED, *CHANGED))
    _sheet(worn, 3, 400, lambda drawn: next(changes)(drawn, random)).save(
        HERE / "generator-blemishes.png", optimize=True
    )
    _structures(packed).save(HERE / "generator-structures.png", optimize=True)


def _structures(packed: Corpus) -> Image.Image:
    """A contact sheet of what CROHME's ink has not, laid out in it."""
    only = replace(packed, formulas=(STRUCTURES,))
    source = Generator(only, np.flatnonzero(~packed.validation), np.random.default_rng(5), {"laid_out": 1.0})
    by_label = {one.label: one for one in source.expressions(600)}
    return _sheet([by_label[label] for label in STRUCTURES if label in by_label], 3, 400)


def _sheet(written: list[Written], columns: int, width: int, change: Change = np.asarray) -> Image.Image:
    """Pictures in columns, each scaled down where it is wider than its column."""
    return _in_columns([_cell(one, width, change) for one in written], columns, width)


def _in_columns(cells: list[Image.Image], columns: int, width: int) -> Image.Image:
    """Cells row by row, each row as high as its highest."""
    lines = [cells[i : i + columns] for i in range(0, len(cells), columns)]
    sheet = Image.new("L", (columns * width, sum(max(cell.height for cell in line) for line in lines)), 255)
    top = 0
    for line in lines:
        for i, cell in enumerate(line):
            sheet.paste(cell, (i * width, top))
        top += max(cell.height for cell in line)
    return sheet.quantize(16)


def _cell(one: Written, width: int, change: Change) -> Image.Image:
    """One picture with its label below."""
    extent = np.ptp(one.points, axis=0)
    scale = min(22.0, (width - 24) / max(float(extent[0]), 1e-3), 170 / max(float(extent[1]), 1e-3))
    strokes = np.split(one.points, np.flatnonzero(one.ends)[:-1] + 1)
    picture = Image.fromarray(change(draw(strokes, scale, 1.8)))
    font, letters = ImageFont.load_default(11), (width - 10) // 6
    label = one.label.replace("{ ", "{").replace(" }", "}")
    lines = textwrap.wrap(label, letters)
    cell = Image.new("L", (width, picture.height + 13 * len(lines) + 14), 255)
    cell.paste(picture)
    pen = ImageDraw.Draw(cell)
    for i, line in enumerate(lines):
        pen.text((8, picture.height + 13 * i), line, 90, font)
    return cell


if __name__ == "__main__":
    figures = {"result": result, "curve": curve, "ablation": ablation, "generator": generator, "failures": failures}
    made = figures[sys.argv[1]]
    made(*map(Path, sys.argv[2:]))
