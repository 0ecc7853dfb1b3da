"""How good predictions are, with the number of samples and an interval beside every figure."""

from unimumer.metrics.evaluation import evaluate
from unimumer.metrics.pairs import MetricsError, Pair, read_pairs
from unimumer.metrics.report import Evaluation, Figure, Totals, released_report, report_totals
from unimumer.metrics.text import total

__all__ = [
    "Evaluation",
    "Figure",
    "MetricsError",
    "Pair",
    "Totals",
    "evaluate",
    "read_pairs",
    "released_report",
    "report_totals",
    "total",
]
