"""How far apart two histograms are: numbers to show and to hold a limit against, noise told apart.

All take counts by bin, of what is seen and of what it is compared with, over the same bins in the
same order. `seen` and `known` are the totals, and s = 1/seen + 1/known is what noise grows with.
"""

from __future__ import annotations

from math import log, sqrt
from statistics import NormalDist

import numpy as np

from serinus.evidence.wealth import Nats

PSEUDO_COUNT = 0.5
"""Added to every bin, since a logarithm has no word for an empty one."""
NOISE_QUANTILE = 0.99
"""Noise is what 99 % of samples without any drift stay below."""
NOISE_OF_LIMIT = 0.5
"""Noise may be so much of a limit; then a sample without drift is beyond it next to never."""


def population_stability_index(seen: Nats, known: Nats) -> float:
    """Return the PSI less what it comes to without drift: about (bins - 1) s.

    Yurdakul & Naranjo, Journal of Risk Model Validation 14(4), 2020: PSI / s is chi-squared with
    bins - 1 degrees of freedom where nothing has changed.
    """
    p, q = _smoothed(seen), _smoothed(known)
    index = float(np.sum((p - q) * np.log(p / q)))
    return max(0.0, index - (len(p) - 1) * spread(seen, known))


def jensen_shannon_distance(seen: Nats, known: Nats) -> float:
    """Return the distance (root of the divergence, in bits), less what noise adds to it.

    Near to each other the divergence is an eighth of the PSI, and so is its expectation.
    """
    p, q = _smoothed(seen), _smoothed(known)
    middle = (p + q) / 2
    nats = float(np.sum(p * np.log(p / middle)) + np.sum(q * np.log(q / middle))) / 2
    noise = (len(p) - 1) * spread(seen, known) / 8
    return sqrt(max(0.0, nats - noise) / log(2))


def total_variation(seen: Nats, known: Nats) -> float:
    """Return half the sum of differences, less its expectation under noise (half-normal bins)."""
    p, q = _shares(seen), _shares(known)
    expected = np.sqrt(2 / np.pi * _pooled(seen, known) * spread(seen, known))
    return max(0.0, float(np.sum(np.abs(p - q)) - np.sum(expected)) / 2)


def kolmogorov_smirnov(seen: Nats, known: Nats) -> float:
    """Return the largest difference of cumulative shares; noise is left to the sample's size."""
    return float(np.max(np.abs(np.cumsum(_shares(seen) - _shares(known)))))


def largest_difference(seen: Nats, known: Nats) -> float:
    """Return the largest difference of one bin's share: categories are in no order."""
    return float(np.max(np.abs(_shares(seen) - _shares(known))))


def wasserstein_distance(seen: Nats, known: Nats, positions: Nats) -> float:
    """Return how far the mass must be moved, in standard deviations of what is compared with.

    Args:
        seen: counts by bin.
        known: the same of what it is compared with.
        positions: of the bins, ascending, in the feature's own unit.
    """
    q = _shares(known)
    deviation = sqrt(max(0.0, float(q @ positions**2 - (q @ positions) ** 2)))
    moved = float(np.abs(np.cumsum(_shares(seen) - q))[:-1] @ np.diff(positions))
    return moved / deviation if deviation > 0 else float(moved > 0)


def spread(seen: Nats, known: Nats) -> float:
    """Return s = 1/seen + 1/known; infinite where one of them is empty."""
    totals = (float(np.sum(seen)), float(np.sum(known)))
    return sum(1 / each for each in totals) if min(totals) > 0 else float("inf")


def chi_squared_quantile(probability: float, degrees: int) -> float:
    """Return a quantile by Wilson & Hilferty (PNAS 17, 1931): within 4 % from 3 degrees on."""
    normal = NormalDist().inv_cdf(probability)
    part = 2 / (9 * degrees)
    return float(degrees * max(0.0, 1 - part + normal * sqrt(part)) ** 3)


def _smoothed(counts: Nats) -> Nats:
    smoothed: Nats = counts + PSEUDO_COUNT
    return smoothed / np.sum(smoothed)


def _shares(counts: Nats) -> Nats:
    total = np.sum(counts)
    shares: Nats = counts / total if total > 0 else np.zeros_like(counts)
    return shares


def _pooled(seen: Nats, known: Nats) -> Nats:
    """The variance of each bin's share, by both samples together."""
    share = _shares(seen + known)
    variance: Nats = share * (1 - share)
    return variance
