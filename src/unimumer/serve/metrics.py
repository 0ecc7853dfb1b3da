"""What the server has done, as Prometheus reads it (text format 0.0.4)."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, defaultdict

BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the histogram of answer times, seconds."""


class Metrics:
    """Counts of one process. Labels come from fixed sets, so that no client can make them grow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._times: dict[str, list[int]] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._calls = self._pictures = 0

    def answered(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one answer of an endpoint; 499 stands for a client that left before it."""
        with self._lock:
            self._requests[endpoint, status] += 1
            counts = self._times.setdefault(endpoint, [0] * (len(BUCKETS) + 1))
            counts[bisect_left(BUCKETS, seconds)] += 1
            self._seconds[endpoint] += seconds

    def called(self, pictures: int) -> None:
        """Count one call of the model."""
        with self._lock:
            self._calls, self._pictures = self._calls + 1, self._pictures + pictures

    def text(self, waiting: int) -> str:
        """All counts, and how many pictures wait now."""
        with self._lock:
            lines = [
                *_family("unimumer_requests_total", "counter", "Answers by endpoint and status."),
                *(
                    f'unimumer_requests_total{{endpoint="{endpoint}",status="{status}"}} {count}'
                    for (endpoint, status), count in sorted(self._requests.items())
                ),
                *_family("unimumer_request_seconds", "histogram", "Time to the answer, by endpoint."),
                *(line for endpoint in sorted(self._times) for line in self._histogram(endpoint)),
                *_family("unimumer_model_calls_total", "counter", "Calls of the model."),
                f"unimumer_model_calls_total {self._calls}",
                *_family("unimumer_pictures_total", "counter", "Pictures given to the model."),
                f"unimumer_pictures_total {self._pictures}",
                *_family("unimumer_waiting_pictures", "gauge", "Pictures that wait for the model."),
                f"unimumer_waiting_pictures {waiting}",
            ]
        return "\n".join(lines) + "\n"

    def _histogram(self, endpoint: str) -> list[str]:
        lines, total = [], 0
        for bound, count in zip((*BUCKETS, "+Inf"), self._times[endpoint]):
            total += count
            lines.append(f'unimumer_request_seconds_bucket{{endpoint="{endpoint}",le="{bound}"}} {total}')
        lines.append(f'unimumer_request_seconds_sum{{endpoint="{endpoint}"}} {self._seconds[endpoint]:.6f}')
        return [*lines, f'unimumer_request_seconds_count{{endpoint="{endpoint}"}} {total}']


def _family(name: str, kind: str, help: str) -> list[str]:
    return [f"# HELP {name} {help}", f"# TYPE {name} {kind}"]
