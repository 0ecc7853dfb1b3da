"""Times the drawing of training batches, and counts what they hold.

    python bench/bench_generator.py CORPUS [--pictures N] [--processes N]

CORPUS is what `unimumer train pack` wrote. Times are CPU seconds of one process, so that other work on the machine
matters little; with --processes several draw at once, by the clock. The ratio is to drawing held-out ink as the
package draws a user's.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from unimumer.compose.corpus import Corpus, load_corpus
from unimumer.imaging.scale import CELL
from unimumer.ink import picture
from unimumer.training.nano.batches import BatchSource
from unimumer.training.nano.conversation import ConversationWriter
from unimumer.training.nano.vocabulary import build_tokenizer

CELLS = 1280
RARE = (r"\forall", r"\exists", r"\in", r"\mu", r"\lambda", r"\Delta", "T", "X", "x", "2")


def rate(draw: Callable[[], int], pictures: int) -> float:
    """Pictures a second of CPU time."""
    done, begun = 0, time.process_time()
    while done < pictures:
        done += draw()
    return done / (time.process_time() - begun)


def draw_beside(path: Path, seed: int, pictures: int, ready: Any, times: Any) -> None:
    """Draw at least `pictures` once all are `ready`; put their number, begin and end into the queue `times`."""
    cv2.setNumThreads(1)
    corpus = load_corpus(path)
    expressions = BatchSource(corpus, ConversationWriter(build_tokenizer(corpus.labels)), (seed,)).expressions(CELLS)
    next(expressions)
    ready.wait()
    done, begun = 0, time.time()
    while done < pictures:
        done += len(next(expressions).pictures)
    times.put((done, begun, time.time()))


def together(path: Path, processes: int, pictures: int) -> float:
    """Pictures a second, by the clock, of several processes that start at one time."""
    context = multiprocessing.get_context("spawn")
    ready, times = context.Barrier(processes), context.Queue()
    workers = [
        context.Process(target=draw_beside, args=(path, seed, pictures, ready, times)) for seed in range(processes)
    ]
    for worker in workers:
        worker.start()
    done, begun, ended = zip(*(times.get() for _ in workers))
    for worker in workers:
        worker.join()
    return float(sum(done) / (max(ended) - min(begun)))


def contents(source: BatchSource, corpus: Corpus, number: int) -> list[str]:
    """Lines about `number` expressions: kinds, new labels, rare symbols."""
    made = source.generator.expressions(number)
    packed = [label for label, held in zip(corpus.labels, corpus.validation) if not held]
    known = set(packed)
    kinds = Counter(one.kind for one in made)
    new = Counter(one.kind for one in made if one.label not in known)
    lines = [f"{kind:10} {kinds[kind] / number:6.1%}, new labels {new[kind] / kinds[kind]:6.1%}" for kind in kinds]
    different = len({one.label for one in made}) / number
    lines.append(f"different labels {different:6.1%}, packed {len(known) / len(packed):6.1%}")
    tokens, before = (Counter(" ".join(texts).split()) for texts in ([one.label for one in made], packed))
    for token in RARE:
        share, old = tokens[token] / tokens.total(), before[token] / before.total()
        lines.append(f"share of {token:8} {share:8.3%}, packed {old:8.3%}")
    return lines


def main() -> None:
    """Print one line a figure."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--pictures", type=int, default=4000)
    arguments.add_argument("--processes", type=int, default=1)
    given = arguments.parse_args()
    if given.processes > 1:
        print(f"{given.processes} processes   {together(given.corpus, given.processes, given.pictures):8.0f} a second")
        return
    cv2.setNumThreads(1)
    corpus = load_corpus(given.corpus)
    conversation = ConversationWriter(build_tokenizer(corpus.labels))
    begun = time.process_time()
    source = BatchSource(corpus, conversation, (0,))
    expressions, symbols = source.expressions(CELLS), source.symbols(CELLS // 4)
    areas = [next(expressions).pictures.shape for _ in range(100)]
    print(f"ready after        {time.process_time() - begun:8.1f} s")
    speed = rate(lambda: len(next(expressions).pictures), given.pictures)
    print(f"expressions        {speed:8.0f} a second, {speed / plain_rate(corpus):.2f} times ink as it is")
    print(f"symbols            {rate(lambda: len(next(symbols).pictures), given.pictures):8.0f} a second")
    cells = sum(n * (h // CELL) * (w // CELL) for n, h, w in areas) / sum(n for n, _, _ in areas)
    print(f"cells a picture    {cells:8.1f}")
    print("\n".join(contents(source, corpus, given.pictures)))


def plain_rate(corpus: Corpus) -> float:
    """Held-out expressions drawn by `ink.picture` a second of CPU time."""
    inks = [corpus.ink(member) for member in np.flatnonzero(corpus.validation & ~corpus.lone)[:1000].tolist()]
    begun = time.process_time()
    for one in inks:
        picture(one)
    return len(inks) / (time.process_time() - begun)


if __name__ == "__main__":
    main()
