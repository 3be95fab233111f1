"""Quantiles of durations known by histogram buckets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf, isfinite


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A quantile as far as buckets tell it."""

    seconds: float
    is_floor: bool = False
    """Whether it lies beyond the largest edge, so that it is at least this."""


def quantile(buckets: Sequence[tuple[float, float]], share: float) -> Quantile | None:
    """Return a quantile interpolated inside its bucket, None where there is nothing to tell it by.

    As Prometheus' `histogram_quantile` does it (promql/quantile.go, `bucketQuantile`): durations
    are taken to be spread evenly inside a bucket, the first one beginning at zero.
    """
    if len(buckets) < 2 or buckets[-1][0] != inf:
        return None
    edges, cumulative = zip(*buckets, strict=True)
    counts = list(accumulate(cumulative, max))
    if not isfinite(counts[-1]) or counts[-1] <= 0:
        return None
    rank = share * counts[-1]
    index = bisect_left(counts, rank)
    if index == len(edges) - 1:
        return Quantile(seconds=edges[-2], is_floor=True)
    start, below = (edges[index - 1], counts[index - 1]) if index else (0.0, 0.0)
    inside = (rank - below) / (counts[index] - below)
    return Quantile(seconds=start + (edges[index] - start) * inside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """The share of events that took longer than an edge."""

    edge_seconds: float
    share: float


def tail_beyond(buckets: Sequence[tuple[float, float]], limit_seconds: float) -> Tail | None:
    """Return the tail above the smallest edge that is not below a limit.

    Where there is only +Inf above the limit, it is the tail above the largest edge below it: more
    than what broke the limit.
    """
    finite = [(edge, count) for edge, count in buckets if isfinite(edge)]
    total = buckets[-1][1] if buckets else 0.0
    if not finite or not isfinite(total) or total <= 0:
        return None
    edge, count = next((pair for pair in finite if pair[0] >= limit_seconds), finite[-1])
    if not isfinite(count):
        return None
    return Tail(edge_seconds=edge, share=min(1.0, max(0.0, 1.0 - count / total)))
