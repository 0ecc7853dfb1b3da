"""Scores a Nano model on ink that it was not trained on, by the whole path of a user's picture.

    python bench/validate_nano.py crohme-train.tar.xz --held-out crohme2013 [--model FOLDER ...] [--beams N] [--tta]

Two figures: of `--held-out`, which nobody trains on (CROHME 2013: other writers, other devices), and of the held-out
writers of the training ink, who share laboratories and expressions with it. Choices between variants look at the
first; CROHME 2014 is for neither.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from unimumer.compose.corpus import is_validation, read_labelled, writer_of
from unimumer.engines.base import Answer, Decoding, Engine, Request
from unimumer.engines.nano import NanoEngine
from unimumer.engines.turning import TurningEngine
from unimumer.ink import Ink, picture
from unimumer.metrics import Pair, Report, evaluate, to_text
from unimumer.tasks import recognize

Labelled = list[tuple[Ink, str]]


def held_out(archive: Path) -> tuple[Labelled, set[str]]:
    """Ink of the validation writers with its label, and all labels that the others wrote."""
    held, known = [], set()
    for ink, label in read_labelled(archive, lambda reason: None):
        if is_validation(writer_of(ink)):
            held.append((ink, label))
        else:
            known.add(label)
    return held, known


def drawn(held: Labelled) -> list[Request]:
    """What a user would ask about each ink."""
    return [Request(np.repeat(picture(ink)[:, :, None], 3, axis=2), recognize.prompt()) for ink, _ in held]


def reading(answer: Answer) -> str:
    """The candidate that recognition would give."""
    texts = [recognize.parse(candidate.text) for candidate in answer.candidates]
    return texts[recognize.choose(texts)]


def score(engine: Engine, name: str, held: Labelled, known: set[str], beams: int) -> None:
    """Print every figure of one model on one set with its interval, and the processor time a picture took."""
    requests = drawn(held)
    begun = time.process_time()
    answers = engine.generate(requests, Decoding(beams=beams))
    spent = time.process_time() - begun
    pairs = [Pair(ink.id, label, reading(answer)) for (ink, label), answer in zip(held, answers)]
    print(f"{engine.name}, beams {beams}, on {name}")
    print(f"{1000 * spent / len(held):.1f} ms of a core a picture")
    print(to_text(Report(evaluate(pairs))))
    print("of these, expressions that nobody wrote for training:")
    print(to_text(Report(evaluate([pair for pair in pairs if pair.label not in known]))), flush=True)


def main() -> None:
    """Score every model on the same pictures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--held-out", type=Path, help="a folder or archive, all of it held out")
    arguments.add_argument("--model", type=Path, action="append", help="several are compared; default: the package's")
    arguments.add_argument("--beams", type=int, default=1)
    arguments.add_argument("--tta", action="store_true", help="read each picture also turned")
    given = arguments.parse_args()
    writers, known = held_out(given.archive)
    sets = {"held-out writers": writers}
    if given.held_out:
        sets = {given.held_out.name: list(read_labelled(given.held_out, lambda reason: None)), **sets}
    for model in given.model or [None]:
        engine: Engine = NanoEngine.load(model, threads=1)
        for name, held in sets.items():
            score(TurningEngine(engine) if given.tta else engine, name, held, known, given.beams)


if __name__ == "__main__":
    main()
