"""Makes the pictures of the documentation from the shipped examples and a training log.

    python docs/figures.py result                  docs/result.png, with the shipped model
    python docs/figures.py curve runs/nano/log.jsonl   docs/nano-curve.png

Needs matplotlib, which the package itself does not.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt

from unimumer import Recognizer
from unimumer.imaging import load

HERE = Path(__file__).parent
EXAMPLES = ("sum.png", "mean_canvas.png", "circle_photo.jpg", "sine_chalkboard.jpg")


def result() -> None:
    """Pictures as people have them, above what Nano reads in each, typeset."""
    reader = Recognizer()
    figure, axes = plt.subplots(2, 2, figsize=(9, 5), facecolor="white")
    for axis, name in zip(axes.flat, EXAMPLES):
        picture = load(HERE.parent / "examples" / name)
        reading = reader.recognize(picture)
        axis.imshow(picture)
        formula = reading.latex.replace(" ^ ", "^").replace(" _ ", "_")  # the typesetter takes no spaces there
        axis.set_title(f"${formula}$   ({reading.confidence:.0%})", y=-0.35, fontsize=16)
        axis.axis("off")
    figure.tight_layout(h_pad=3)
    figure.savefig(HERE / "result.png", dpi=90)


def curve(log: Path) -> None:
    """Training loss and validation ExpRate over time, stages marked."""
    lines = [line for line in map(json.loads, log.read_text().splitlines()) if "stage" in line]
    losses = [(x["elapsed"] / 60, x["text_loss"]) for x in lines if "text_loss" in x]
    rates = [(x["elapsed"] / 60, x["exprate"]) for x in lines if "exprate" in x]
    figure, left = plt.subplots(figsize=(8, 4))
    right = left.twinx()
    left.semilogy(*zip(*losses), color="tab:gray", label="training loss of the text")
    right.plot(*zip(*rates), "o-", color="tab:blue", label="validation ExpRate")
    for before, after in pairwise(lines):
        if before["stage"] != after["stage"]:
            left.axvline(before["elapsed"] / 60, color="tab:orange", linestyle=":")
            left.text(before["elapsed"] / 60, left.get_ylim()[1], f" {after['stage']}", va="top", color="tab:orange")
    left.set(xlabel="minutes of training", ylabel="cross-entropy a token")
    right.set_ylabel(f"ExpRate, % of {next(x['n'] for x in lines if 'n' in x)} held-out expressions")
    figure.legend(loc="upper right", bbox_to_anchor=(0.9, 0.85))
    figure.tight_layout()
    figure.savefig(HERE / "nano-curve.png", dpi=90)


if __name__ == "__main__":
    result() if sys.argv[1] == "result" else curve(Path(sys.argv[2]))
