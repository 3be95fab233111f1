"""What nature does to both tracks, look by look, before any weight is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.scenario import Scenario

OUTAGES_AN_HOUR = 3.0
TRACK_OUTAGES_AN_HOUR = 1.0
SHORTEST_OUTAGE, LONGEST_OUTAGE = 30.0, 120.0
OUTAGE_SHARE = 0.03
"""How many more requests go wrong in an outage."""
BAD_CLIENTS_SHARE = 0.2
"""How many requests bad clients send, of all others, while they do."""
MINUTE_SPREAD = 0.5
DRIFT_SPREAD, TRACK_DRIFT_SPREAD = 0.4, 0.2
DRIFT_MEMORY = 0.7
"""What is left after a minute: tests by z and in groups then fail as often as measured before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """(looks, runs): what each track's share of bad requests is multiplied by, and added to."""

    canary_factor: Floats
    stable_factor: Floats
    canary_added: Floats
    stable_added: Floats
    bad_clients: Floats
    """Their requests, of all others."""


def clear(scenario: Scenario, runs: int) -> Sky:
    """Nothing happens."""
    shape = (scenario.looks, runs)
    one, zero = np.ones(shape), np.zeros(shape)
    return Sky(
        canary_factor=one,
        stable_factor=one,
        canary_added=zero,
        stable_added=zero,
        bad_clients=zero,
    )


def outages(scenario: Scenario, runs: int, an_hour: float, rng: np.random.Generator) -> Floats:
    """Return (looks, runs): which part of each look an outage took."""
    hours = (scenario.seconds + LONGEST_OUTAGE) / 3600
    count = rng.poisson(an_hour * hours, runs)
    begins = np.arange(scenario.looks)[:, None] * float(scenario.look_seconds)
    taken = np.zeros((scenario.looks, runs))
    for number in range(int(count.max(initial=0))):
        since = rng.uniform(-LONGEST_OUTAGE, scenario.seconds, runs)
        until = since + rng.uniform(SHORTEST_OUTAGE, LONGEST_OUTAGE, runs)
        overlap = np.minimum(until, begins + scenario.look_seconds) - np.maximum(since, begins)
        taken += np.where(number < count, np.clip(overlap, 0, None), 0.0)
    return np.minimum(1.0, taken / scenario.look_seconds)


def by_minute(scenario: Scenario, runs: int, rng: np.random.Generator) -> Floats:
    """Return (looks, runs): a gamma effect around one, the same for all looks of a minute."""
    minutes = -(-scenario.seconds // 60)
    shape = 1 / MINUTE_SPREAD**2
    return _spread_out(scenario, rng.gamma(shape, 1 / shape, (minutes, runs)))


def drift(scenario: Scenario, runs: int, spread: float, rng: np.random.Generator) -> Floats:
    """Return (looks, runs): a factor around one that wanders from minute to minute (AR(1))."""
    minutes = -(-scenario.seconds // 60)
    noise = rng.normal(0.0, spread, (minutes, runs))
    level = np.empty((minutes, runs))
    level[0] = noise[0]
    fresh = np.sqrt(1 - DRIFT_MEMORY**2)
    for minute in range(1, minutes):
        level[minute] = DRIFT_MEMORY * level[minute - 1] + fresh * noise[minute]
    return _spread_out(scenario, np.exp(level - spread**2 / 2))


def _spread_out(scenario: Scenario, minutes: Floats) -> Floats:
    looks = np.arange(scenario.looks) * scenario.look_seconds // 60
    return minutes[looks]
