"""Makes the pictures of the documentation from the shipped examples and a training log.

    python docs/figures.py result                  docs/result.png, with the shipped model
    python docs/figures.py curve runs/nano/log.jsonl   docs/nano-curve.png
    python docs/figures.py ablation runs/tasks.json    docs/ablation-tasks.png (or -stages), of `bench/ablate_nano.py`

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
from unimumer.metrics.intervals import wilson

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
    figure.legend(loc="upper right", bbox_to_anchor=(0.9, 0.85))
    figure.tight_layout()
    figure.savefig(HERE / "nano-curve.png", dpi=90)


def ablation(results: Path) -> None:
    """Validation loss and ExpRate on new labels of every variant, with 95 % intervals of the rates."""
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


if __name__ == "__main__":
    verb = sys.argv[1]
    result() if verb == "result" else {"curve": curve, "ablation": ablation}[verb](Path(sys.argv[2]))
