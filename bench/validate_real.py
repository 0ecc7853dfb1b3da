"""Scores a Nano model on real photographs, scans and tablet pictures, by the whole path of a user's picture.

    python bench/validate_real.py FOLDER [--model FOLDER] [--beams N] [--tta] [--turned DEGREES] [--every N]
        [--save FILE]

`FOLDER` holds `truth.tsv` with the columns path, latex, source and kind. Formulas repeat among the writers of a source,
so that its pictures are no independent samples: figures are given by source, by kind, and as a mean over sources.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unimumer import Recognizer
from unimumer.engines.load import EngineSettings
from unimumer.imaging import ImageError
from unimumer.latex import LatexError, normalize
from unimumer.metrics import Evaluation, Figure, Pair, evaluate
from unimumer.recognizer.sources import opened

SURE = 0.8
"""Confidence from which a reading should be right."""
RESAMPLES = 1000
COLUMNS = ("path", "label", "prediction", "confidence", "warnings")


@dataclass(frozen=True, slots=True)
class RealPicture:
    """One picture, what it says, and how it was read."""

    path: str
    label: str
    source: str
    kind: str
    prediction: str | None
    """None where it was refused."""
    confidence: float
    warnings: str

    def score(self) -> Evaluation:
        """The evaluation of this picture alone."""
        return evaluate([self.pair()])

    def pair(self) -> Pair:
        """Label and prediction, to be scored."""
        return Pair(self.path, self.label, self.prediction)


def read(reader: Recognizer, folder: Path, row: dict[str, str], degrees: float) -> RealPicture:
    """Read one picture as a user would, turned by so many degrees."""
    try:
        label = normalize(row["latex"])
    except LatexError:
        label = row["latex"]
    about = (row["path"], label, row["source"], row["kind"])
    try:
        found = reader.recognize(opened(folder / row["path"]).turned(degrees).picture)
    except ImageError as error:
        return RealPicture(*about, None, 0.0, str(error))
    said = "; ".join(str(warning) for warning in getattr(found, "warnings", ()))
    return RealPicture(*about, found.tokens, found.confidence or 0.0, said)


def report(pictures: list[RealPicture], name: str) -> None:
    """Print the figures of some of the pictures."""
    result = evaluate([picture.pair() for picture in pictures])
    sure = [picture for picture in pictures if picture.confidence >= SURE]
    right = shown(evaluate([picture.pair() for picture in sure]).figures["ink_match"]) if sure else "-"
    match, rate = shown(result.figures["ink_match"]), shown(result.figures["exp_rate"])
    print(f"{name[:34]:<34} n {result.n:>3}  ink match {match}  ExpRate {rate}  "
          f"at {SURE:.1f} or surer n {len(sure):>3} {right}")  # fmt: skip


def shown(figure: Figure) -> str:
    """A share with its interval, in percent."""
    return f"{100 * figure.value:5.1f} ({100 * figure.low:4.1f} to {100 * figure.high:5.1f})"


def mean_over_sources(pictures: list[RealPicture], of: Callable[[Evaluation], Figure]) -> str:
    """Mean of the sources' shares; the interval is that of a bootstrap over the pictures of each source."""
    random, groups = np.random.default_rng(0), sorted({picture.source for picture in pictures})
    shares = [np.array([of(p.score()).value for p in pictures if p.source == source]) for source in groups]
    drawn = [np.mean([random.choice(share, len(share)).mean() for share in shares]) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return f"{100 * np.mean([s.mean() for s in shares]):5.1f} ({100 * low:4.1f} to {100 * high:5.1f})"


def main() -> None:
    """Print the figures by source and by kind, and the mean over the sources."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--model", default="nano")
    arguments.add_argument("--beams", type=int, default=4)
    arguments.add_argument("--tta", action="store_true", help="read each picture also turned")
    arguments.add_argument("--save", type=Path, help="write every reading to this file, tab-separated")
    arguments.add_argument("--turned", type=float, default=0.0, help="turn every picture by so many degrees")
    arguments.add_argument("--every", type=int, default=1, help="take one picture of so many")
    given = arguments.parse_args()
    reader = Recognizer(given.model, EngineSettings(threads=1), beams=given.beams, tta=given.tta)
    with (given.folder / "truth.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=3))[:: given.every]
    pictures = [read(reader, given.folder, row, given.turned) for row in rows]
    for source in sorted({picture.source for picture in pictures}):
        report([picture for picture in pictures if picture.source == source], source)
    for kind in sorted({picture.kind for picture in pictures}):
        report([picture for picture in pictures if picture.kind == kind], kind)
    report(pictures, "all")
    for title, figure in (("ink match", "ink_match"), ("ExpRate", "exp_rate")):
        print(f"mean over sources: {title} {mean_over_sources(pictures, lambda result, of=figure: result.figures[of])}")
    if given.save:
        rows = ["\t".join(COLUMNS), *("\t".join(str(getattr(p, c)) for c in COLUMNS) for p in pictures)]
        given.save.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
