"""How much one share may differ between two distributions that are within a limit of each other.

A distance of two distributions is at least that of what is left of them where only one event is
told from all others (data processing). Of two shares that differ by d, each of these distances is
least where they are (1 + d) / 2 and (1 - d) / 2.
"""

from __future__ import annotations

from math import inf, log, log1p, sqrt

from serinus.resource.objective_kinds import Statistic

STEPS = 60
"""Of a bisection: to the last bit."""


def share_within(statistic: Statistic, limit: float) -> float:
    """Return the largest difference of a share that a distance within a limit allows, 1 at most.

    Args:
        statistic: what the limit is a limit of.
        limit: as in an objective; below zero it is taken as zero.

    Raises:
        ValueError: Wasserstein's distance is none of shares: any may move, by little enough.
    """
    match statistic:
        case Statistic.KOLMOGOROV_SMIRNOV | Statistic.TOTAL_VARIATION:
            return min(1.0, max(0.0, limit))
        case Statistic.PSI | Statistic.JENSEN_SHANNON:
            return _largest(statistic, limit)
        case Statistic.WASSERSTEIN:
            raise ValueError("a limit on Wasserstein's distance is none on shares")


def _largest(statistic: Statistic, limit: float) -> float:
    least = _least_index if statistic is Statistic.PSI else _least_distance
    within, beyond = 0.0, 1.0
    for _ in range(STEPS):
        middle = (within + beyond) / 2
        within, beyond = (middle, beyond) if least(middle) <= limit else (within, middle)
    return within


def _least_index(difference: float) -> float:
    """The least PSI of two distributions of which a share differs by so much."""
    return inf if difference >= 1 else 2 * difference * log((1 + difference) / (1 - difference))


def _least_distance(difference: float) -> float:
    """The least Jensen-Shannon distance of the same: the root of the divergence, in bits."""
    if difference >= 1:
        return 1.0
    more, less = (1 + difference) * log1p(difference), (1 - difference) * log1p(-difference)
    return sqrt(max(0.0, more + less) / 2 / log(2))
