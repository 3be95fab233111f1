"""How sure a number is that was found by running so many times."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, sqrt

import numpy as np
from scipy.special import betaincinv

from benchmarks.verdicts.counts import Floats

Z = 1.959964
"""Two-sided 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


def share_of(count: int, runs: int) -> Estimate:
    """Wilson's interval of a share."""
    share = count / runs
    middle = (share + Z**2 / (2 * runs)) / (1 + Z**2 / runs)
    half = Z / (1 + Z**2 / runs) * sqrt(share * (1 - share) / runs + Z**2 / (4 * runs**2))
    return Estimate(value=share, low=max(0.0, middle - half), high=min(1.0, middle + half))


def upper_bound(count: int, runs: int) -> float:
    """Clopper and Pearson's one-sided 95 % bound: what a promise of "at most" is held to."""
    return 1.0 if count >= runs else float(betaincinv(count + 1, runs - count, 0.95))


def median_of(values: Floats) -> Estimate:
    """The median and its interval by order statistics; what never happened is at infinity."""
    ordered = np.sort(values)
    runs = len(ordered)
    away = Z * sqrt(runs) / 2
    low = ordered[max(0, floor(runs / 2 - away) - 1)]
    high = ordered[min(runs - 1, ceil(runs / 2 + away))]
    return Estimate(value=_middle(ordered), low=float(low), high=float(high))


def _middle(ordered: Floats) -> float:
    """Of an even number, the later of two: the mean of a time and never is neither."""
    return float(ordered[len(ordered) // 2])


def mean_of(values: Floats) -> Estimate:
    """The mean and its interval by the central limit theorem."""
    mean = float(values.mean())
    half = Z * float(values.std(ddof=1)) / sqrt(len(values))
    return Estimate(value=mean, low=mean - half, high=mean + half)
