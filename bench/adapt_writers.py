"""Measures what `unimumer train adapt` gains: on writers of CROHME 2013, half of their ink to adapt, half to score.

    python bench/adapt_writers.py crohme2013 --log runs/adapt.jsonl [--writers 117 118 ...] [--others 60] [--swap]

Of each writer with at least 20 expressions every second one adapts the model, and the others are read before and after;
so is a sample of all other writers' ink, which shows what is lost. The ink has no marks, as a page's corrections have
none. An expression is right when each of its tokens ranks first after the right ones before it: just those that greedy
decoding gets right. The log goes on where it was; figures are of all that is in it. `--swap` adds the halves the other
way round.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from unimumer.compose.corpus import person_corpus, read_labelled, writer_of
from unimumer.ink import Ink
from unimumer.metrics.intervals import compare, percentile_interval
from unimumer.training.nano.adapt import AdaptPlan, OwnExpression, adapt
from unimumer.training.nano.huggingface import read_huggingface
from unimumer.training.nano.model import Nano
from unimumer.training.nano.validation import HeldOut, recognized

ENOUGH = 20
CHOSEN_ON = ("103", "105", "117", "118", "122")
"""Writers on whom the defaults of `AdaptPlan` were chosen; they are not reported on."""
RESAMPLES = 2000

Labelled = list[tuple[Ink, str]]


def score(model: Nano, tokenizer: Tokenizer, ink: Labelled) -> dict[str, Any]:
    """Of each expression right or wrong, and the loss in nats."""
    held = HeldOut(person_corpus([(one, text, None) for one, text in ink], held=True))
    found = recognized(model, held, tokenizer, 640)
    ids = [held.corpus.ids[i] for i in held.members]
    return {"ids": ids, "right": found.right.tolist(), "losses": found.losses.round(3).tolist()}


def writers(source: Path) -> dict[str, Labelled]:
    """Ink without marks, by writer."""
    found: defaultdict[str, Labelled] = defaultdict(list)
    for ink, text in read_labelled(source, lambda reason: None):
        found[writer_of(ink)].append((Ink(ink.id, ink.strokes), text))
    return found


def measure(writer: str, by: dict[str, Labelled], half: int, folder: Path, others: int) -> dict[str, Any]:
    """Adapt to one half of a writer's ink, and score before and after."""
    own, rest = by[writer], [pair for name, pairs in by.items() if name != writer for pair in pairs]
    sample = [rest[i] for i in np.random.default_rng(0).permutation(len(rest))[:others]]
    model, tokenizer = read_huggingface(folder)
    model.eval()
    given = [OwnExpression(ink.id, text, ink=ink) for ink, text in own[half::2]]
    begun, spent = time.perf_counter(), time.process_time()
    adapted, pictures = adapt(model, tokenizer, given, AdaptPlan())
    cost = {"wall": time.perf_counter() - begun, "processor": time.process_time() - spent, "pictures": pictures}
    sets = {"own": own[1 - half :: 2], "others": sample}
    both = {"before": model, "after": adapted}
    scores = {name: {when: score(one, tokenizer, ink) for when, one in both.items()} for name, ink in sets.items()}
    return {"writer": writer, "half": half, "given": len(given), **cost, **scores}


def tell(runs: list[dict[str, Any]], name: str) -> None:
    """Print a line a run, and all together with 95 % intervals, by drawing expressions and by drawing writers."""
    print(f"{name}: writer, expressions given; right before, after, of n; nats before, after")
    ids: list[str] = []
    hits: tuple[list[bool], list[bool]] = [], []
    rows = []
    for run in runs:
        old, new = run[name]["before"], run[name]["after"]
        ids += [f"{run['writer']} {id}" for id in old["ids"]]
        hits[0].extend(old["right"])
        hits[1].extend(new["right"])
        rows.append([sum(old["right"]), sum(new["right"]), len(old["right"]), sum(old["losses"]), sum(new["losses"])])
        print(f"  {run['writer']:>5} {run['given']:3} {rows[-1][0]:5} {rows[-1][1]:5} {rows[-1][2]:5}", end="")
        print(f" {rows[-1][3]:8.1f} {rows[-1][4]:8.1f}")
    found, table = compare(ids, hits[1], hits[0]), np.array(rows)
    drawn = table[np.random.default_rng(0).integers(len(table), size=(RESAMPLES, len(table)))].sum(axis=1)
    low, high = percentile_interval(100 * (drawn[:, 1] - drawn[:, 0]) / drawn[:, 2])
    print(
        f"  all: {sum(hits[0])} -> {sum(hits[1])} of {found.n}, {100 * found.value:+.1f} points; by expressions", end=""
    )
    print(f" {100 * found.low:+.1f} to {100 * found.high:+.1f}, by writers {low:+.1f} to {high:+.1f};", end="")
    print(f" gained {len(found.gained)}, lost {len(found.lost)}, McNemar p {found.p:.3f}")
    change = 100 * (table[:, 4].sum() / table[:, 3].sum() - 1)
    low, high = percentile_interval(100 * (drawn[:, 4] / drawn[:, 3] - 1))
    print(f"  loss {change:+.1f} %, by writers {low:+.1f} to {high:+.1f}")


def main() -> None:
    """Measure what the log lacks, and print all it has."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("ink", type=Path)
    arguments.add_argument("--log", type=Path, required=True)
    arguments.add_argument("--model", type=Path, default=Path("models/nano"), help="a Hugging Face folder")
    arguments.add_argument("--writers", nargs="*", help="default: all with enough ink but those chosen on")
    arguments.add_argument("--others", type=int, default=60, help="expressions of others, to see what is lost")
    arguments.add_argument("--swap", action="store_true")
    given = arguments.parse_args()
    torch.set_num_threads(1)
    by = writers(given.ink)
    names = given.writers or [name for name in sorted(by) if len(by[name]) >= ENOUGH and name not in CHOSEN_ON]
    runs = [json.loads(line) for line in given.log.read_text().splitlines()] if given.log.exists() else []
    for half in (0, 1) if given.swap else (0,):
        for name in names:
            if not any((run["writer"], run["half"]) == (name, half) for run in runs):
                runs.append(measure(name, by, half, given.model, given.others))
                with given.log.open("a") as log:
                    log.write(json.dumps(runs[-1]) + "\n")
    for part in ("own", "others"):
        tell(runs, part)
    print(f"seconds of a core to adapt: {[round(run['processor']) for run in runs]}")


if __name__ == "__main__":
    main()
