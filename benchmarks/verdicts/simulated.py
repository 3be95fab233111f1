"""`python -m benchmarks.verdicts.simulated`: how much less evidence a known duration asks for.

How far the evidence of a share comes by chance within so many minutes depends on traffic, which
nobody knows beforehand: the largest threshold of all traffics is taken. Chances of one in a
thousand are told from a few hundred paths by drawing them as if the canary were bad: by what the
bets themselves say of how bad, and since when. Then the evidence is the ratio of both laws, and
the chance to come to a threshold is the mean of what it was when it did, inverted (Siegmund,
Annals of Statistics 1976).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import log

import numpy as np

from benchmarks.verdicts.counts import Flags, Floats, Whole
from serinus.evidence.ratios import ratio_weights_at, ratios_at
from serinus.evidence.sequential import LEAST_BAD_EVENTS
from serinus.evidence.share import log_share_values
from serinus.evidence.simulated import (
    LARGEST_WEIGHTS_PERCENT,
    LOOKS_A_MINUTE,
    MINUTES,
    RATES,
    SPENT_LATER,
)
from serinus.evidence.stakes import INVESTED_AT_FIRST, INVESTED_LATER

SEED = 24
PATHS = 600
ERRORS_ADDED = 2.0
"""Standard errors, on top of each chance."""
BAD_A_MINUTE = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Bad events that a good canary has: more, in so few looks, overshoot any threshold by more."""
DISPERSIONS = (0.002, 0.02, 0.25, 1.0)
THRESHOLDS = np.arange(0.5, 10.001, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What the threshold must hold for."""

    bad_a_minute: float
    weight: float
    dispersion: float
    looks_a_minute: int
    spread: float = 0.0
    """Of its logarithm, from minute to minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """Where and when each path came to each threshold: (paths, thresholds)."""

    log_evidence: Floats
    """Infinite where it never did."""
    minute: Whole

    def chance(self, minutes: int, rate: float) -> tuple[Floats, Floats]:
        """Return the chance to be rolled back within some minutes or ever after, and its error.

        What has not come to the threshold by then comes to 1 / (what is spent later × rate) with
        a chance of its evidence times that (Ville); its mean is the share of paths that have not.
        """
        is_in_time = self.minute < minutes
        weights = np.where(is_in_time, np.exp(-self.log_evidence), SPENT_LATER * rate)
        return weights.mean(axis=0), weights.std(axis=0) / np.sqrt(len(weights))


def crossed(traffic: Traffic, minutes: int, seed: int) -> Crossed:
    """Return how far the evidence of paths came that were drawn as if the canary were bad."""
    rng = np.random.default_rng(seed)
    stakes = np.full(minutes, INVESTED_LATER)
    stakes[: len(INVESTED_AT_FIRST)] = INVESTED_AT_FIRST[:minutes]
    ratios, weights = (at(np.array(traffic.dispersion)) for at in (ratios_at, ratio_weights_at))
    begins, ratio = _worse(stakes, ratios, weights, rng)
    found = Crossed(
        log_evidence=np.full((PATHS, len(THRESHOLDS)), np.inf),
        minute=np.full((PATHS, len(THRESHOLDS)), np.iinfo(np.int64).max),
    )
    cash, bets, bad = 0.0, np.full((PATHS, len(ratios)), -100.0), np.zeros(PATHS)
    going = np.arange(PATHS)
    for minute, stake in enumerate(stakes):
        staked = np.logaddexp(bets[going], cash + log(stake) + np.log(weights))
        cash += float(np.log1p(-stake))
        worse = np.where(begins[going] <= minute, ratio[going], 1.0)
        of_canary, events = _drawn(traffic, worse, rng)
        bets_now = staked + _log_values(traffic, of_canary, events)
        evidence = np.logaddexp(np.logaddexp.reduce(bets_now, axis=-1), cash)
        evidence[bad[going] + of_canary < LEAST_BAD_EVENTS] = 0.0
        _note(found, going, evidence, minute)
        bets[going], bad[going] = bets_now[-1], bad[going] + of_canary[-1]
        going = going[np.isinf(found.log_evidence[going, -1])]
    return found


def _worse(
    stakes: Floats, ratios: Floats, weights: Floats, rng: np.random.Generator
) -> tuple[Whole, Floats]:
    """Return since when, and by which ratio, the canary of each path is bad: as it is bet."""
    bet_by = np.cumsum(stakes * np.concatenate(([1.0], np.cumprod(1 - stakes)[:-1])))
    begins = np.searchsorted(bet_by, (np.arange(PATHS) + rng.random(PATHS)) / PATHS)
    place = np.searchsorted(np.cumsum(weights), rng.permutation(np.arange(PATHS) / PATHS))
    return begins, ratios[np.minimum(place, len(ratios) - 1)]


def _drawn(traffic: Traffic, worse: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the canary's bad events and those of both, since the minute began: (looks, paths)."""
    null = traffic.weight
    odds = worse * null / (1 - null)
    shape = 1 / min(0.9, traffic.dispersion * null * (1 - null)) - 1
    share = rng.beta(shape * odds / (1 + odds), shape / (1 + odds))
    a_look = traffic.bad_a_minute / null / traffic.looks_a_minute
    a_look *= np.exp(traffic.spread * rng.standard_normal()) if traffic.spread else 1.0
    events = rng.poisson(a_look, (traffic.looks_a_minute, len(worse)))
    of_canary = rng.binomial(events, share)
    return np.cumsum(of_canary, axis=0).astype(float), np.cumsum(events, axis=0).astype(float)


def _log_values(traffic: Traffic, of_canary: Floats, events: Floats) -> Floats:
    one = np.ones_like(events)
    values: Floats = log_share_values(
        of_canary,
        traffic.weight * one,
        events - of_canary,
        (1 - traffic.weight) * one,
        ratios_at(traffic.dispersion * one),
        tolerated_ratio=one,
        dispersion=traffic.dispersion * one,
    )
    return values


def _note(found: Crossed, going: Whole, evidence: Floats, minute: int) -> None:
    for look in evidence:
        comes = (look[:, None] >= THRESHOLDS) & np.isinf(found.log_evidence[going])
        path, threshold = np.nonzero(comes)
        found.log_evidence[going[path], threshold] = look[path]
        found.minute[going[path], threshold] = minute


def savings(weight_percent: int, looks_a_minute: int) -> Floats:
    """Return by how much less than by Ville is enough: (minutes, rates), in nats."""
    least: Floats = np.full((len(MINUTES), len(RATES)), np.inf)
    for bad, dispersion in product(BAD_A_MINUTE, DISPERSIONS):
        traffic = Traffic(
            bad_a_minute=bad,
            weight=weight_percent / 100,
            dispersion=dispersion,
            looks_a_minute=looks_a_minute,
        )
        found = crossed(traffic, MINUTES[-1], SEED)
        for (row, minutes), (column, rate) in product(enumerate(MINUTES), enumerate(RATES)):
            chance, error = found.chance(minutes, rate)
            asked = _lowest(chance + ERRORS_ADDED * error <= rate)
            least[row, column] = min(least[row, column], -log(rate) - asked)
    saved: Floats = np.maximum(0.0, least)
    return saved


def _lowest(is_rare_enough: Flags) -> float:
    """Return the lowest threshold from which on all are come to rarely enough."""
    too_often = np.flatnonzero(~is_rare_enough)
    return float(THRESHOLDS[too_often[-1] + 1 if len(too_often) else 0])


def main() -> None:
    """Print the table that `serinus.evidence.simulated` has."""
    for looks, weight in product(LOOKS_A_MINUTE, LARGEST_WEIGHTS_PERCENT):
        table = np.floor(100 * savings(weight, looks)) / 100
        print(f"({looks}, {weight}): {table.tolist()},", flush=True)


if __name__ == "__main__":
    main()
