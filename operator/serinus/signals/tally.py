"""The tally: what one track showed in one stretch of time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add

Buckets = tuple[tuple[float, float], ...]
Bins = Mapping[str, Mapping[str, float]]
"""Counts by feature ("" for the predictions) and by the label of the bin, in no order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one track showed in one block."""

    total: float = 0.0
    """Events counted; for a gauge, readings taken."""
    bad: float = 0.0
    """Bad events among them; for a gauge, the sum of its readings."""
    buckets: Buckets = ()
    """Latency only: (upper edge in seconds, events at or below it), +Inf last."""
    bins: Bins = field(default_factory=dict)
    """Drift only: what was seen."""
    trained: Bins = field(default_factory=dict)
    """Drift only: what the track's training data held, as it was told last."""
    predicted: float = 0.0
    """Outcomes only: predictions of the time that these are labels of."""

    def __add__(self, other: Tally) -> Tally:
        """Return both counted together; of buckets, the edges that both have."""
        return Tally(
            total=self.total + other.total,
            bad=self.bad + other.bad,
            buckets=_add_buckets(self.buckets, other.buckets),
            bins=_add_bins(self.bins, other.bins),
            trained=other.trained or self.trained,
            predicted=self.predicted + other.predicted,
        )


def at_or_below(buckets: Buckets, edge: float) -> float | None:
    """Return how many events are at or below an edge, None where that can't be told.

    Between two edges with the same number there was nothing: so many are below all in between.
    """
    place = bisect_left(buckets, (edge,))
    if place == len(buckets):
        return None
    at_next, count = buckets[place]
    before = buckets[place - 1][1] if place else 0.0
    return count if at_next == edge or count == before else None


def _all_buckets(those: Sequence[Buckets]) -> Buckets:
    """Mostly the edges are the same in all of them, so that whole columns can be added up."""
    if len(those) > 1:
        columns = [tuple(zip(*each, strict=True)) for each in those]
        edges = columns[0][0]
        if all(each[0] == edges for each in columns):
            counts = zip(*(each[1] for each in columns), strict=True)
            return tuple(zip(edges, map(sum, counts), strict=True))
    return reduce(_add_buckets, those, ())


def _add_buckets(left: Buckets, right: Buckets) -> Buckets:
    if not left or not right:
        return left or right
    (edges, counts), (others, more) = zip(*left, strict=True), zip(*right, strict=True)
    if edges == others:
        return tuple(zip(edges, map(add, counts, more), strict=True))
    # Cumulative counts at edges that both can tell are still true.
    every = sorted({*edges, *others})
    told = ((edge, at_or_below(left, edge), at_or_below(right, edge)) for edge in every)
    return tuple((edge, a + b) for edge, a, b in told if a is not None and b is not None)


def _add_bins(left: Bins, right: Bins) -> Bins:
    if not left or not right:
        return left or right
    return {name: _add(left.get(name, {}), right.get(name, {})) for name in {**left, **right}}


def _add(left: Mapping[str, float], right: Mapping[str, float]) -> Mapping[str, float]:
    return {label: left.get(label, 0.0) + right.get(label, 0.0) for label in {**left, **right}}


def tallied(tallies: Iterable[Tally]) -> Tally:
    """Return all of them counted together."""
    total = bad = predicted = 0.0
    trained: Bins = {}
    buckets, bins = list[Buckets](), list[Bins]()
    for each in tallies:
        total, bad, predicted = total + each.total, bad + each.bad, predicted + each.predicted
        if each.buckets:
            buckets.append(each.buckets)
        if each.bins:
            bins.append(each.bins)
        trained = each.trained or trained
    return Tally(
        total=total,
        bad=bad,
        buckets=_all_buckets(buckets) if buckets else (),
        bins=reduce(_add_bins, bins, {}),
        trained=trained,
        predicted=predicted,
    )
