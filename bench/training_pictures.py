"""Draws a sample of the training writers' CROHME ink as labelled pictures, to fine-tune on.

    python bench/training_pictures.py crohme-train.tar.xz --out runs/crohme --count 2000

Writes OUT/images/*.png and OUT/caption.txt, which `unimumer data convert pictures` reads. Held-out writers are left
out, so that `bench/validate_nano.py` measures something.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from unimumer.compose.corpus import is_validation, read_labelled, writer_of
from unimumer.files import write_text
from unimumer.ink import picture


def main() -> None:
    """Write the sample and say how large it is."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--count", type=int, default=2000)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    inks = [pair for pair in read_labelled(given.archive, print) if not is_validation(writer_of(pair[0]))]
    order = np.random.default_rng(given.seed).permutation(len(inks))[: given.count]
    (given.out / "images").mkdir(parents=True, exist_ok=True)
    captions = {}
    for ink, label in (inks[i] for i in order):
        name = ink.id.replace("/", "_")
        cv2.imwrite(str(given.out / "images" / f"{name}.png"), picture(ink))
        captions[name] = label
    write_text(given.out / "caption.txt", "".join(f"{id}\t{label}\n" for id, label in captions.items()))
    print(f"{len(captions)} of {len(inks)} pictures by training writers")


if __name__ == "__main__":
    main()
