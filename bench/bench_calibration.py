"""How far Nano's confidences can be trusted, from the results of `unimumer infer`.

unimumer infer --input-dir data/CROHME/prompts --output-dir results
python bench/bench_calibration.py results/crohme_2014 [--plot docs/reliability.png]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from unimumer.metrics.calibration import Bin, accuracy_at_coverage, expected_calibration_error, reliability


def outcomes(results: str) -> tuple[list[float], list[bool]]:
    """Confidence of every item and whether it was right; a picture without an answer has 0."""
    items = json.loads(Path(f"{results}_pred.json").read_text())
    said = [0.0] * len(items)
    for line in Path(f"{results}_items.jsonl").read_text().splitlines()[1:]:
        item = json.loads(line)
        said[item["index"]] = item.get("confidence") or 0.0
    return said, [item["pred"].split() == item["gt"].split() for item in items]


def plot(bins: tuple[Bin, ...], error: float, path: Path) -> None:
    """Share of right answers against confidence."""
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(4.5, 4.5))
    axis.plot([0, 1], [0, 1], color="tab:gray", linestyle=":")
    rates = [part.right.value for part in bins]
    reach = [
        [part.right.value - part.right.low for part in bins],
        [part.right.high - part.right.value for part in bins],
    ]
    axis.errorbar([part.confidence for part in bins], rates, yerr=reach, fmt="o-", capsize=3)
    n = sum(part.right.n for part in bins)
    axis.set(xlabel="confidence", ylabel="share right", title=f"n {n}, expected calibration error {error:.3f}")
    figure.tight_layout()
    figure.savefig(path, dpi=90)


def main() -> None:
    """Print the expected calibration error, and accuracy among the most confident."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("results", help="Path of the results up to _pred.json.")
    arguments.add_argument("--plot", type=Path)
    given = arguments.parse_args()
    said, right = outcomes(given.results)
    bins = reliability(said, right)
    error = expected_calibration_error(bins)
    print(f"n {len(said)}, right {100 * sum(right) / len(right):.1f} %, expected calibration error {error:.3f}")
    for coverage in (0.25, 0.5, 0.75):
        threshold, share = accuracy_at_coverage(said, right, coverage)
        interval = f"({100 * share.low:.1f} to {100 * share.high:.1f})"
        print(
            f"the most confident {coverage:.0%} (at least {threshold:.3f}): {100 * share.value:.1f} % right {interval}"
        )
    if given.plot:
        plot(bins, error, given.plot)


if __name__ == "__main__":
    main()
