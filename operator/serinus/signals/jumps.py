"""Whose counters have just counted more than before: a hint whom to look at first, no verdict."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

from serinus.signals.series import Series


def jump(series: Iterable[Series]) -> float:
    """Return by how much a counter rose above its past in its last scrape, the most of all.

    In standard deviations of a count (Poisson's) that goes on as it did; 0 where nothing rose. A
    series with one sample was born with it, and all it counts is new.
    """
    return max((_jump([value for _, value in one.samples]) for one in series), default=0.0)


def _jump(values: list[float]) -> float:
    if len(values) <= 1:
        return max(0.0, *values) if values else 0.0
    newest = values[-1] - values[-2]
    scrapes_before = len(values) - 2
    # Between two samples there is no past to compare with.
    usual = (values[-2] - values[0]) / scrapes_before if scrapes_before else newest
    rise = (newest - usual) / sqrt(max(usual, 0.0) + 1.0)
    return rise if rise > 0 else 0.0  # a NaN is no rise
