"""Scores a Nano model on held-out ink as people send it, against the same ink drawn clean.

    python bench/validate_photographs.py crohme-train.tar.xz [--model FOLDER] [--per-kind N] [--save FOLDER] [--tta]

Every kind of picture (three pens on three papers, and canvas exports) shows `N` different expressions of held-out
writers; each is also read clean. The same seed makes the same pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from photograph import PAPERS, PENS, canvas, photograph
from validate_nano import held_out, reading

from unimumer.engines.base import Decoding, Engine, Request
from unimumer.engines.nano import NanoEngine
from unimumer.engines.turning import TurningEngine
from unimumer.imaging import ImageError, load
from unimumer.ink import Ink, picture
from unimumer.metrics import Pair, evaluate
from unimumer.tasks import recognize

KINDS = [f"{pen} on {paper}" for pen in PENS for paper in PAPERS] + ["canvas"]


def render(ink: Ink, kind: str, random: np.random.Generator) -> bytes:
    """One picture of a kind."""
    if kind == "canvas":
        return canvas(ink, random)
    pen, _, paper = kind.partition(" on ")
    return photograph(ink, random, pen, paper)


def read(engine: Engine, files: list[bytes | np.ndarray]) -> list[str | None]:
    """The reading of every picture; None where it cannot be read."""
    answers: list[str | None] = []
    for file in files:
        try:
            answers.append(reading(engine.generate([Request(load(file), recognize.prompt())], Decoding())[0]))
        except ImageError:
            answers.append(None)
    return answers


def main() -> None:
    """Print ExpRate by kind, clean and as sent."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--model", type=Path)
    arguments.add_argument("--per-kind", type=int, default=20)
    arguments.add_argument("--save", type=Path, help="Keep the pictures here, to be looked at.")
    arguments.add_argument("--tta", action="store_true", help="Read each picture also turned.")
    given = arguments.parse_args()
    engine: Engine = NanoEngine.load(given.model)
    engine, random = TurningEngine(engine) if given.tta else engine, np.random.default_rng(0)
    held, _ = held_out(given.archive)
    chosen = [held[i] for i in random.choice(len(held), len(KINDS) * given.per_kind, replace=False)]
    kinds = [kind for kind in KINDS for _ in range(given.per_kind)]
    files = [render(ink, kind, random) for (ink, _), kind in zip(chosen, kinds)]
    if given.save:
        given.save.mkdir(parents=True, exist_ok=True)
        for i, (kind, file) in enumerate(zip(kinds, files)):
            suffix = "png" if kind == "canvas" else "jpg"
            (given.save / f"{i:03d} {kind}.{suffix}").write_bytes(file)
    clean = read(engine, [np.repeat(picture(ink)[:, :, None], 3, axis=2) for ink, _ in chosen])
    sent = read(engine, list(files))
    labels = [label for _, label in chosen]
    for kind in [*KINDS, "all"]:
        rows = [i for i, k in enumerate(kinds) if kind in ("all", k)]
        rates = [
            evaluate([Pair(str(i), labels[i], texts[i]) for i in rows]).figures["exp_rate"] for texts in (clean, sent)
        ]
        print(f"{kind:<20} n {len(rows):>4}   clean {_shown(rates[0])}   as sent {_shown(rates[1])}")


def _shown(figure: object) -> str:
    return f"{100 * figure.value:5.1f} % ({100 * figure.low:.1f} to {100 * figure.high:.1f})"  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
