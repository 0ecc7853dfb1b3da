"""How good predictions are, with the number of samples and an interval beside every figure."""

from unimumer.metrics.analysis import Report
from unimumer.metrics.evaluation import Evaluation, ScoredPair, against, evaluate
from unimumer.metrics.intervals import Figure
from unimumer.metrics.pairs import MetricsError, Pair, PairSet, read_pairs
from unimumer.metrics.report import released_report, to_text
from unimumer.metrics.schema import record

__all__ = [
    "Evaluation",
    "Figure",
    "MetricsError",
    "Pair",
    "PairSet",
    "Report",
    "ScoredPair",
    "against",
    "evaluate",
    "read_pairs",
    "record",
    "released_report",
    "to_text",
]
