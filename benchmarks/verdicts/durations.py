"""Durations: a latency histogram of both tracks, and what is wrong with the canary's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import erf, inf, log, sqrt

import numpy as np

from benchmarks.verdicts.counts import Counts, Floats
from benchmarks.verdicts.named_world import NamedWorld

EDGES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, inf)
"""Seconds: what client libraries of Prometheus give a histogram by default."""
LIMIT_SECONDS = 0.25
MEDIAN_SECONDS, SPREAD = 0.080, 0.4723
"""Log-normal with a 99 % quantile of 240 ms."""
TAIL_SHARE, TAIL_SECONDS = 0.02, 0.8


class Slowness(StrEnum):
    """What is wrong with the canary."""

    NONE = "same"
    TENTH = "x1.1"
    HALF = "x1.5"
    TAIL = "2 % take 800 ms"


FACTORS = {Slowness.TENTH: 1.1, Slowness.HALF: 1.5}


@dataclass(frozen=True, kw_only=True)
class Durations(NamedWorld):
    """A world in which "bad" means slower than a quarter of a second."""

    slowness: Slowness

    @property
    def name(self) -> str:
        return f"latency {self.slowness}, {self.rate:g} req/s"

    @property
    def base(self) -> float:
        return _slower_than_limit(self._stable)

    @property
    def excess(self) -> float:
        return _slower_than_limit(self._canary) - self.base

    @cached_property
    def _stable(self) -> Floats:
        return bucket_shares(Slowness.NONE)

    @cached_property
    def _canary(self) -> Floats:
        return bucket_shares(self.slowness)

    def before(self) -> None:
        """A latency histogram's past is not looked at yet."""

    def calm(self) -> None:
        """Nor are its rollouts."""

    def counts(self, _look: int, weight: Floats, rng: np.random.Generator) -> Counts:
        arriving = self.rate * self.look_seconds
        canary = _cumulative(arriving * weight, self._canary, rng)
        stable = _cumulative(arriving * (1 - weight), self._stable, rng)
        limit = EDGES.index(LIMIT_SECONDS)
        return Counts(
            canary=canary[:, -1],
            canary_bad=canary[:, -1] - canary[:, limit],
            stable=stable[:, -1],
            stable_bad=stable[:, -1] - stable[:, limit],
            canary_buckets=canary,
            stable_buckets=stable,
        )


def bucket_shares(slowness: Slowness) -> Floats:
    """Return which part of the requests falls between each edge and the one before."""
    median = MEDIAN_SECONDS * FACTORS.get(slowness, 1.0)
    below = np.array([_below(edge, median) for edge in EDGES])
    if slowness is Slowness.TAIL:
        slow = np.array([float(edge >= TAIL_SECONDS) for edge in EDGES])
        below = (1 - TAIL_SHARE) * below + TAIL_SHARE * slow
    return np.diff(below, prepend=0.0)


def _below(seconds: float, median: float) -> float:
    if seconds == inf:
        return 1.0
    return (1 + erf(log(seconds / median) / SPREAD / sqrt(2))) / 2


def _slower_than_limit(shares: Floats) -> float:
    return float(shares[EDGES.index(LIMIT_SECONDS) + 1 :].sum())


def _cumulative(expected: Floats, shares: Floats, rng: np.random.Generator) -> Floats:
    counts = rng.poisson(expected[:, None] * np.maximum(0.0, shares)[None, :])
    return np.cumsum(counts, axis=1).astype(np.float64)
