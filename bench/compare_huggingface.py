"""Counts on how many validation pictures transformers and our runtime write the same greedy text.

    python bench/compare_huggingface.py crohme-train.tar.xz models/nano [--runtime FOLDER] [--count N]

Both get the same drawn pictures. Needs torch, torchvision (see scripts/fix_cpu_venv.sh) and transformers.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from contender import huggingface, nano
from validate_nano import held_out

from unimumer.engines.base import Request
from unimumer.ink import picture
from unimumer.tasks import recognize


def main() -> None:
    """Print the share, and every pair of texts that differ."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("model")
    arguments.add_argument("--runtime", default="nano")
    arguments.add_argument("--count", type=int)
    given = arguments.parse_args()
    held, _ = held_out(given.archive)
    held = held[: given.count]
    requests = [Request(np.repeat(picture(ink)[:, :, None], 3, axis=2), recognize.prompt()) for ink, _ in held]
    ours = nano(given.runtime, 1)(requests)
    theirs = huggingface(given.model, 1)(requests)
    differing = [(ink.id, a, b) for (ink, _), a, b in zip(held, ours, theirs) if a != b]
    for name, a, b in differing:
        print(f"{name}\n  ours   {a}\n  theirs {b}")
    print(f"same texts: {len(ours) - len(differing)} of {len(ours)}")


if __name__ == "__main__":
    main()
