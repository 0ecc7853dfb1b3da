"""Trains variants of Nano at equal time and compares them on held-out writers' ink.

    python bench/ablate_nano.py tasks CORPUS.npz --out runs/tasks --init NANO-0.1 --budget 60m --decay 25m
    python bench/ablate_nano.py stages CORPUS.npz --out runs/stages --budget 8m

`tasks` goes on from the weights in a Hugging Face folder, best of recognition alone, with recognition alone and with
the other kinds of conversation beside it; `stages` starts from random weights and learns
recognition alone, with the whole curriculum and without each of its parts. `--variants` takes some of them. Same seed,
same time, one thread each, `--jobs` at once. Resumes: variants that are done are not trained again. Every variant is
compared with the first, expression by expression, on each collection of held-out ink. Writes OUT.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from unimumer.compose.corpus import Corpus, load_corpus
from unimumer.metrics.intervals import percentile_interval, resampled_sums, wilson
from unimumer.training.nano.run import averaged_model
from unimumer.training.nano.train import TrainPlan
from unimumer.training.nano.validation import HeldOut, Recognized, recognized

TASKS = {
    "plain": ["--kinds", "none"],
    "+ tree": ["--kinds", "tree"],
    "+ count": ["--kinds", "count"],
    "+ errors": ["--kinds", "find,fix"],
    "all": ["--kinds", "tree,count,find,fix"],
}
STAGES = {
    "whole": ["--without", "none", "--kinds", "none"],
    "no symbols": ["--without", "symbols", "--kinds", "none"],
    "no cells": ["--without", "cells", "--kinds", "none"],
    "no short": ["--without", "short", "--kinds", "none"],
}
_RUN = "from unimumer.cli.main import main; main()"


def train(folder: Path, options: list[str]) -> dict[str, float]:
    """Train one variant and return its last validation, with the number of pictures it saw."""
    result = folder / "result.json"
    if not result.exists():
        command = [sys.executable, "-c", _RUN, "train", "nano", "--out", str(folder), "--threads", "1", *options]
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "output.txt").open("w") as output:
            subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=True)
        lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
        result.write_text(json.dumps([line for line in lines if "exprate" in line][-1]))
    found: dict[str, float] = json.loads(result.read_text())
    return found


def shown(share: float, n: int) -> str:
    """A percentage with its 95 % interval."""
    low, high = wilson(round(share / 100 * n), n)
    return f"{share:5.1f} ({100 * low:.1f} to {100 * high:.1f})"


def read(folder: Path, corpus: Corpus) -> Recognized:
    """How a variant reads the held-out ink, expression by expression."""
    model, tokenizer = averaged_model(folder)
    return recognized(model.eval(), HeldOut(corpus), tokenizer, TrainPlan(0).cells)


def differences(found: Recognized, first: Recognized, source: int) -> dict[str, tuple[float, float, float]]:
    """What a variant has over the first one on a collection, with paired 95 % intervals (bootstrap)."""
    of = found.source == source
    better, new = 100 * (found.right.astype(float) - first.right)[of], found.new[of]
    measures = {
        "exprate": (better, np.ones(len(better))),
        "exprate_new": (better * new, new.astype(float)),
        "loss": ((found.losses - first.losses)[of], found.tokens[of].astype(float)),
    }
    shown = {}
    for name, columns in measures.items():
        rows = np.stack(columns, axis=1)
        sums = resampled_sums(rows, seed=0, resamples=4000)
        shown[name] = (rows[:, 0].sum() / rows[:, 1].sum(), *percentile_interval(sums[:, 0] / sums[:, 1]))
    return shown


def main() -> None:
    """Train, compare, print a table and write JSON."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", choices=("tasks", "stages"))
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--budget", default="4m")
    arguments.add_argument("--decay", default="0s")
    arguments.add_argument("--init", type=Path)
    arguments.add_argument("--variants", nargs="+")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--jobs", type=int, default=2)
    given = arguments.parse_args()
    shared = ["--corpus", str(given.corpus), "--time-budget", given.budget, "--seed", str(given.seed)]
    shared += ["--decay", given.decay, *(["--init", str(given.init)] if given.init else [])]
    variants = TASKS if given.what == "tasks" else STAGES
    variants = {name: options for name, options in variants.items() if name in (given.variants or variants)}
    folders = [given.out / name.replace(" ", "").replace("+", "with-") for name in variants]
    with ThreadPoolExecutor(given.jobs) as pool:
        results = list(pool.map(lambda f, o: train(f, [*shared, *o]), folders, variants.values()))
    print(f"{'variant':<12}{'pictures':>9}  {'ExpRate':<22}{'new labels':<22}{'token acc.':>10}{'loss':>8}")
    for name, r in zip(variants, results):
        rates = f"{shown(r['exprate'], int(r['n'])):<22}{shown(r['exprate_new'], int(r['n_new'])):<22}"
        print(f"{name:<12}{r['pictures']:>9.0f}  {rates}{r['token_accuracy']:>10.2f}{r['validation_loss']:>8.3f}")
    corpus = load_corpus(given.corpus)
    first, *others = (read(folder, corpus) for folder in folders)
    compared = {}
    for number in np.unique(first.source).tolist():
        source = corpus.sources[number]
        compared[source] = {name: differences(found, first, number) for name, found in zip(list(variants)[1:], others)}
        print(f"\non {source}, n {(first.source == number).sum()}")
        print(f"{'less ' + next(iter(variants)):<12}  {'ExpRate':<24}{'new labels':<24}loss")
        for name, figures in compared[source].items():
            spans = [f"{middle:+.3g} ({low:+.3g} to {high:+.3g})" for middle, low, high in figures.values()]
            print(f"{name:<12}  {spans[0]:<24}{spans[1]:<24}{spans[2]}")
    record = {"what": given.what, "budget": given.budget, "seed": given.seed, "results": dict(zip(variants, results))}
    record["differences"] = compared
    given.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
