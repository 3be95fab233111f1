"""What each statistic of drift is made of, and how large a sample its limit asks for."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, log, sqrt

import numpy as np

from serinus.evidence.distances import (
    NOISE_OF_LIMIT,
    NOISE_QUANTILE,
    chi_squared_quantile,
    jensen_shannon_distance,
    kolmogorov_smirnov,
    largest_difference,
    population_stability_index,
    spread,
    total_variation,
    wasserstein_distance,
)
from serinus.evidence.wealth import Nats
from serinus.resource.objective_kinds import Statistic


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two histograms over the same bins."""

    seen: Nats
    known: Nats
    positions: Nats | None = None
    """Of bins of numbers; categories have none, so that some distances are others for them."""

    def distance(self, statistic: Statistic) -> float:
        """Return how far apart they are."""
        match statistic:
            case Statistic.PSI:
                return population_stability_index(self.seen, self.known)
            case Statistic.JENSEN_SHANNON:
                return jensen_shannon_distance(self.seen, self.known)
            case Statistic.KOLMOGOROV_SMIRNOV if self.positions is not None:
                return kolmogorov_smirnov(self.seen, self.known)
            case Statistic.KOLMOGOROV_SMIRNOV:
                return largest_difference(self.seen, self.known)
            case Statistic.WASSERSTEIN if self.positions is not None:
                return wasserstein_distance(self.seen, self.known, self.positions)
            case Statistic.WASSERSTEIN | Statistic.TOTAL_VARIATION:
                return total_variation(self.seen, self.known)

    def most_spread(self, statistic: Statistic, limit: float, tests: int) -> float:
        """Return the largest s = 1/seen + 1/known at which noise is half of a limit.

        Without drift, and with as many tests as there are, 99 in 100 looks at all of them together
        find less than that: PSI/s is chi-squared, the divergence an eighth of it, total variation
        at most half its root (Cauchy & Schwarz), and KS/√s has Kolmogorov's law. So has the
        share of any one category, which may come first.
        """
        noise, error = NOISE_OF_LIMIT * limit, (1 - NOISE_QUANTILE) / max(1, tests)
        chi_squared = chi_squared_quantile(1 - error, max(1, len(self.seen) - 1))
        match statistic:
            case Statistic.PSI:
                return noise / chi_squared
            case Statistic.JENSEN_SHANNON:
                return 8 * log(2) * noise**2 / chi_squared
            case Statistic.KOLMOGOROV_SMIRNOV:
                ways = 1 if self.positions is not None else len(self.seen)
                return noise**2 / (log(2 * ways / error) / 2)
            case Statistic.WASSERSTEIN if self.positions is not None:
                return (noise / self._unit_of_noise(error)) ** 2
            case Statistic.WASSERSTEIN | Statistic.TOTAL_VARIATION:
                return 4 * noise**2 / chi_squared

    def needed(self, statistic: Statistic, limit: float, tests: int) -> float:
        """Return how many must be seen; infinite where too few are known to compare with."""
        total = float(np.sum(self.known))
        left = self.most_spread(statistic, limit, tests) - (1 / total if total else inf)
        return ceil(1 / left) if left > 0 else inf

    def has_enough(self, statistic: Statistic, limit: float, tests: int) -> bool:
        """Return whether noise is small enough to speak of drift."""
        return spread(self.seen, self.known) <= self.most_spread(statistic, limit, tests)

    def _unit_of_noise(self, error: float) -> float:
        """Of Wasserstein's distance at s = 1: each edge as far off as KS may be, in deviations."""
        if self.positions is None:
            return 1.0
        share = self.known / max(1.0, float(np.sum(self.known)))
        below = np.cumsum(share)[:-1]
        mean = share @ self.positions
        deviation = sqrt(max(0.0, float(share @ (self.positions - mean) ** 2)))
        wide = float(np.sqrt(below * (1 - below)) @ np.diff(self.positions))
        return max(1e-9, sqrt(2 * log(2 / error)) * wide / deviation) if deviation else 1.0
