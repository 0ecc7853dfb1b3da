"""Scores a Nano model on the held-out writers of the CROHME training ink, by the whole path of a user's picture.

    python bench/validate_nano.py crohme-train.tar.xz [--model FOLDER] [--beams N]

Validation ink is what choices between variants may look at; CROHME 2014 is not.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from unimumer.engines.base import Answer, Decoding, Request
from unimumer.engines.nano import NanoEngine
from unimumer.ink import Ink, picture
from unimumer.metrics import Pair, evaluate
from unimumer.tasks import recognize
from unimumer.training.nano.corpus import is_validation, read_labelled, writer_of

BATCH = 16


def held_out(archive: Path) -> tuple[list[tuple[Ink, str]], set[str]]:
    """Ink of the validation writers with its label, and all labels that the others wrote."""
    held, known = [], set()
    for ink, label in read_labelled(archive, lambda reason: None):
        if is_validation(writer_of(ink)):
            held.append((ink, label))
        else:
            known.add(label)
    return held, known


def reading(answer: Answer) -> str:
    """The candidate that recognition would give."""
    texts = [recognize.parse(candidate.text) for candidate in answer.candidates]
    return texts[recognize.choose(texts)]


def main() -> None:
    """Print every figure with its interval, and the time a picture took."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--model", type=Path)
    arguments.add_argument("--beams", type=int, default=1)
    given = arguments.parse_args()
    engine, decoding = NanoEngine.load(given.model), Decoding(beams=given.beams)
    inks, known = held_out(given.archive)
    requests = [Request(np.repeat(picture(ink)[:, :, None], 3, axis=2), recognize.prompt()) for ink, _ in inks]
    begun = time.perf_counter()
    answers = [a for i in range(0, len(inks), BATCH) for a in engine.generate(requests[i : i + BATCH], decoding)]
    spent = time.perf_counter() - begun
    pairs = [Pair(ink.id, label, reading(answer)) for (ink, label), answer in zip(inks, answers)]
    print(evaluate(pairs).to_text())
    print("of these, expressions that nobody wrote for training:")
    print(evaluate([pair for pair in pairs if pair.label not in known]).to_text())
    print(f"{engine.name}, beams {given.beams}: {1000 * spent / len(inks):.0f} ms a picture, in batches of {BATCH}")


if __name__ == "__main__":
    main()
