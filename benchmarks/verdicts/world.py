"""The world of many runs: what each look holds, whatever weights a rule chooses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from benchmarks.verdicts.counts import Counts, Floats
from benchmarks.verdicts.disturbances import (
    BAD_CLIENTS_SHARE,
    DRIFT_SPREAD,
    OUTAGE_SHARE,
    OUTAGES_AN_HOUR,
    TRACK_DRIFT_SPREAD,
    TRACK_OUTAGES_AN_HOUR,
    Sky,
    by_minute,
    clear,
    drift,
    outages,
)
from benchmarks.verdicts.recordings import Recording, recording
from benchmarks.verdicts.scenario import MADE, Disturbance, Scenario, Seeds

HISTORY_SECONDS = 4 * 3600


class World(Protocol):
    """Anything that can be looked at with a weight."""

    @property
    def looks(self) -> int: ...

    @property
    def look_seconds(self) -> int: ...

    @property
    def runs(self) -> int: ...

    @property
    def stream(self) -> tuple[int, ...]:
        """What tells the random numbers of its past from those of others."""

    @property
    def rate(self) -> float:
        """Requests a second, of both tracks."""

    @property
    def base(self) -> float:
        """Share of bad requests where nothing happens."""

    @property
    def excess(self) -> float:
        """By how much the canary's share of bad requests is larger."""

    @property
    def onset_seconds(self) -> float:
        """From when on."""

    def before(self) -> World | None:
        """Return the same service in the hours before, seen by the minute; None of no history."""

    def calm(self) -> Scenario | None:
        """Return what there is with nothing wrong with the canary; None of no scenario."""

    def counts(self, look: int, weight: Floats, rng: np.random.Generator) -> Counts:
        """Return what a look shows when the canary gets a weight, an element a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Requests that are good or bad; all arrays are (looks, runs), or (looks, 1)."""

    scenario: Scenario
    runs: int
    arriving: Floats
    """Expected requests of each look."""
    canary_share: Floats
    stable_share: Floats
    bad_clients: Floats

    @property
    def looks(self) -> int:
        return self.scenario.looks

    @property
    def look_seconds(self) -> int:
        return self.scenario.look_seconds

    @property
    def stream(self) -> tuple[int, ...]:
        return () if self.scenario.seeds is Seeds.TUNING else (self.scenario.seed,)

    @property
    def rate(self) -> float:
        return self.scenario.rate

    @property
    def base(self) -> float:
        return self.scenario.base

    @property
    def excess(self) -> float:
        return self.scenario.excess

    @property
    def onset_seconds(self) -> float:
        return self.scenario.onset_seconds

    def before(self) -> World:
        past = replace(self.scenario, excess=0.0, seconds=HISTORY_SECONDS, look_seconds=60)
        return world_of(past, self.runs)

    def calm(self) -> Scenario:
        return replace(self.scenario, excess=0.0, onset_seconds=0.0)

    def counts(self, look: int, weight: Floats, rng: np.random.Generator) -> Counts:
        arriving, extra = self.arriving[look], self.bad_clients[look]
        canary, canary_bad = _drawn(arriving, self.canary_share[look], extra, weight, rng)
        stable, stable_bad = _drawn(arriving, self.stable_share[look], extra, 1 - weight, rng)
        return Counts(canary=canary, canary_bad=canary_bad, stable=stable, stable_bad=stable_bad)


def _drawn(
    arriving: Floats, share: Floats, extra: Floats, weight: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Requests arrive at random and are routed at random, so each track's counts are Poisson."""
    size = weight.shape
    bad = rng.poisson(np.broadcast_to(arriving * share * weight, size))
    good = rng.poisson(np.broadcast_to(arriving * (1 - share) * weight, size))
    unanswerable = rng.poisson(np.broadcast_to(arriving * extra * weight, size))
    all_bad = (bad + unanswerable).astype(np.float64)
    return all_bad + good, all_bad


def world_of(scenario: Scenario, runs: int) -> Requests:
    """Draw the world of a scenario."""
    rng = np.random.default_rng([scenario.seed, 1])
    recorded = None if scenario.disturbance in MADE else recording(scenario.disturbance)
    sky = _sky(scenario, runs, rng)
    base = np.full((scenario.looks, 1), scenario.base)
    arriving = np.full((scenario.looks, 1), scenario.rate * scenario.look_seconds)
    if recorded is not None:
        arriving, base = _as_recorded(scenario, runs, recorded, rng)
    begins = np.arange(scenario.looks)[:, None] * scenario.look_seconds
    excess = np.where(begins >= scenario.onset_seconds, scenario.excess, 0.0)
    return Requests(
        scenario=scenario,
        runs=runs,
        arriving=arriving,
        canary_share=np.clip(base * sky.canary_factor + sky.canary_added + excess, 0, 1),
        stable_share=np.clip(base * sky.stable_factor + sky.stable_added, 0, 1),
        bad_clients=sky.bad_clients,
    )


def _sky(scenario: Scenario, runs: int, rng: np.random.Generator) -> Sky:
    calm = clear(scenario, runs)
    match scenario.disturbance:
        case Disturbance.BETABIN:
            canary, stable = (by_minute(scenario, runs, rng) for _ in range(2))
            return _changed(calm, canary_factor=canary, stable_factor=stable)
        case Disturbance.COMMON:
            added = OUTAGE_SHARE * outages(scenario, runs, OUTAGES_AN_HOUR, rng)
            both = drift(scenario, runs, DRIFT_SPREAD, rng)
            canary, stable = (
                both * drift(scenario, runs, TRACK_DRIFT_SPREAD, rng) for _ in range(2)
            )
            return _changed(
                calm,
                canary_factor=canary,
                stable_factor=stable,
                canary_added=added,
                stable_added=added,
            )
        case Disturbance.ARMBURST:
            canary, stable = (
                OUTAGE_SHARE * outages(scenario, runs, TRACK_OUTAGES_AN_HOUR, rng)
                for _ in range(2)
            )
            return _changed(calm, canary_added=canary, stable_added=stable)
        case Disturbance.BAD_CLIENTS:
            taken = outages(scenario, runs, OUTAGES_AN_HOUR, rng)
            return _changed(calm, bad_clients=BAD_CLIENTS_SHARE * taken)
        case _:
            return calm


def _changed(sky: Sky, **changed: Floats) -> Sky:
    return Sky(
        canary_factor=changed.get("canary_factor", sky.canary_factor),
        stable_factor=changed.get("stable_factor", sky.stable_factor),
        canary_added=changed.get("canary_added", sky.canary_added),
        stable_added=changed.get("stable_added", sky.stable_added),
        bad_clients=changed.get("bad_clients", sky.bad_clients),
    )


def _as_recorded(
    scenario: Scenario, runs: int, recorded: Recording, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Each run begins somewhere else in the recording, which goes round."""
    seconds = np.arange(scenario.looks)[:, None] * scenario.look_seconds
    begins = rng.integers(0, recorded.lasts_seconds, runs)[None, :]
    at = (seconds + begins) // recorded.step_seconds % len(recorded.requests)
    pace = recorded.requests / recorded.requests.mean()
    arriving = scenario.rate * scenario.look_seconds * pace[at]
    shares = recorded.bad_shares
    base = shares[at] if shares is not None else np.full(at.shape, scenario.base)
    return arriving, base
