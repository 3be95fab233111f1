"""Durations of requests: each is one addition to a list, and joins its histogram later."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from math import inf
from threading import Lock

from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

EDGES_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Durations:
    """The time from a request to its answer; safe under threads."""

    def __init__(self, edges_seconds: Sequence[float], model: Mapping[str, str]) -> None:
        """Set it up.

        Args:
            edges_seconds: upper edges of its buckets, ascending; `EDGES_SECONDS` where empty.
            model: the label of the model; empty where it has none.

        Raises:
            ValueError: they do not ascend.
        """
        self._edges = [each for each in edges_seconds or EDGES_SECONDS if each < inf]
        histogram = _Histogram(
            "model_request_duration_seconds",
            "Time from a prediction request to its answer.",
            labelnames=tuple(model),
            buckets=self._edges,
            registry=None,
        )
        self.metric: MetricWrapperBase = histogram
        """What is shown."""
        self._histogram = histogram.labels(**model) if model else histogram
        self._lock = Lock()
        self._counts, self._seconds = self._none(), 0.0

    def count(self, seconds: float) -> None:
        """Count one; a histogram of several processes takes 3 µs for it, in two mapped files."""
        place = bisect_left(self._edges, seconds)
        with self._lock:
            self._counts[place] += 1
            self._seconds += seconds

    def show(self) -> None:
        """Add what was counted since the last time to the histogram."""
        with self._lock:
            counts, seconds = self._counts, self._seconds
            self._counts, self._seconds = self._none(), 0.0
        self._histogram.add(counts, seconds)

    def forget(self) -> None:
        """Begin anew in a forked child, on a lock of its own: the parent tells of these."""
        self._lock = Lock()
        self._counts, self._seconds = self._none(), 0.0

    def _none(self) -> list[int]:
        return [0] * (len(self._edges) + 1)


class _Histogram(Histogram):
    """One that many observations are added to at once."""

    def add(self, counts: Sequence[int], seconds: float) -> None:
        """Add observations by bucket, the last without a bound, and their sum."""
        self._sum.inc(seconds)
        for bucket, count in zip(self._buckets, counts, strict=True):
            bucket.inc(count)
