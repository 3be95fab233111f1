"""How far apart two histograms are: numbers to show and to hold a limit against, noise told apart.

All take counts by bin, of what is seen and of what it is compared with, over the same bins in the
same order. `seen` and `known` are the totals, and s = 1/seen + 1/known is what noise grows with.
"""

from __future__ import annotations

from math import log, pi, sqrt
from statistics import NormalDist

import numpy as np

from serinus.evidence.wealth import Nats

PSEUDO_COUNT = 0.5
"""Added to every bin, since a logarithm has no word for an empty one."""
KOLMOGOROV_SQUARE = pi**2 / 12
"""The mean square of the largest deviation of a Brownian bridge: Kolmogorov's law."""
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
    """Return half the sum of differences, less what noise adds to its square."""
    share = _shares(seen + known)
    covariance = np.diag(share) - np.outer(share, share)
    noise = float(np.sum(_mean_products(covariance))) / 4 * spread(seen, known)
    return _without_noise(float(np.sum(np.abs(_shares(seen) - _shares(known)))) / 2, noise)


def kolmogorov_smirnov(seen: Nats, known: Nats) -> float:
    """Return the largest difference of cumulative shares, less what noise adds to its square.

    Without drift its square comes to at most π²/12 s, the second moment of Kolmogorov's law, and
    to no more than the variances of all edges together, where there are few.
    """
    below = np.cumsum(_shares(seen + known))[:-1]
    expected = min(KOLMOGOROV_SQUARE, float(below @ (1 - below)))
    largest = float(np.max(np.abs(np.cumsum(_shares(seen) - _shares(known)))))
    return _without_noise(largest, expected * spread(seen, known))


def largest_difference(seen: Nats, known: Nats) -> float:
    """Return the largest difference of one bin's share: categories are in no order.

    Differences sum up to zero, so that the largest square is at most (bins - 1) / bins of the sum
    of all, whose expectation is that of their variances. Noise is taken off as that.
    """
    variances = float(np.sum(_pooled(seen, known)))
    expected = (1 - 1 / len(seen)) * variances * spread(seen, known)
    return _without_noise(float(np.max(np.abs(_shares(seen) - _shares(known)))), expected)


def wasserstein_distance(seen: Nats, known: Nats, positions: Nats) -> float:
    """Return how far the mass must be moved, in standard deviations of what is compared with.

    Less what noise adds to its square: the edges of cumulative shares are off as a Brownian bridge
    is, at s = 1.

    Args:
        seen: counts by bin.
        known: the same of what it is compared with.
        positions: of the bins, ascending, in the feature's own unit.
    """
    q = _shares(known)
    deviation = sqrt(max(0.0, float(q @ positions**2 - (q @ positions) ** 2)))
    widths = np.diff(positions)
    moved = float(np.abs(np.cumsum(_shares(seen) - q))[:-1] @ widths)
    below = np.cumsum(_shares(seen + known))[:-1]
    bridge = np.minimum.outer(below, below) - np.outer(below, below)
    noise = float(widths @ _mean_products(bridge) @ widths) * spread(seen, known)
    moved = _without_noise(moved, noise)
    return moved / deviation if deviation > 0 else float(moved > 0)


def _mean_products(covariance: Nats) -> Nats:
    """Return E|xy| of each two of some normal variables.

    With correlation r it is 2/π (√(1 - r²) + r asin r) of their deviations (Nabeya, Annals of the
    Institute of Statistical Mathematics 3, 1951).
    """
    deviations = np.sqrt(np.maximum(0.0, np.diag(covariance)))
    scale = np.outer(deviations, deviations)
    r = np.clip(np.divide(covariance, scale, out=np.zeros_like(scale), where=scale > 0), -1, 1)
    expected: Nats = 2 / np.pi * scale * (np.sqrt(1 - r**2) + r * np.arcsin(r))
    return expected


def _without_noise(distance: float, expected_square: float) -> float:
    """Noise and drift add up in squares, so that what is large is hardly touched.

    Never less than zero, and nothing where a sample is empty.
    """
    return sqrt(max(0.0, distance**2 - expected_square))


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
