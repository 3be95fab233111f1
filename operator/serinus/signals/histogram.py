"""A native histogram at one scrape: how many events took at most so long, where that is known.

Each bucket has its bounds with it, and empty ones are left out. The number of events at or below
a time is known exactly unless a bucket holds that time inside.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

_SAME = 1e-9
"""Bounds this near to each other, as a part of them, are one: schemas round differently."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """What a native histogram had counted at a scrape: its buckets, ascending."""

    count: float
    lower: array[float]
    upper: array[float]
    within: array[float]
    """Events in each bucket and all before it."""

    def at_or_below(self, edge: float) -> float | None:
        """Return the events at or below an edge, None where a bucket holds it inside."""
        if edge == inf:
            return self.count
        place = bisect_right(self.upper, edge * (1 + _SAME))
        if place < len(self.upper) and self.lower[place] < edge * (1 - _SAME):
            return None
        return self.within[place - 1] if place else 0.0


def read_histogram(raw: Mapping[str, Any]) -> Histogram:
    """Return a histogram as the HTTP API writes it.

    Raises:
        ValueError: if it is none; KeyError and TypeError, too.
    """
    bounds = sorted(
        (float(upper), float(lower), float(count))
        for _rule, lower, upper, count in raw.get("buckets", ())
    )
    within, counted = array("d"), 0.0
    for _, _, count in bounds:
        counted += count
        within.append(counted)
    return Histogram(
        count=float(raw["count"]),
        lower=array("d", (max(0.0, lower) for _, lower, _ in bounds)),
        upper=array("d", (upper for upper, _, _ in bounds)),
        within=within,
    )
