"""Dispersion: how much more counts vary from minute to minute than chance alone lets them."""

from __future__ import annotations

import numpy as np

from serinus.evidence.wealth import Nats

UNVERIFIED_DISPERSION = 0.25
"""Half as much again or half as few, from minute to minute, of each track on its own."""
UNVERIFIED_DIVISOR = 2.0
"""Of the false-rollback rate, while the dispersion is a guess."""
LEAST_DISPERSION = 0.02
LEAST_BLOCKS = 15


def measured_dispersion(
    bad_canary: Nats, canary: Nats, bad_stable: Nats, stable: Nats
) -> float | None:
    """Return the dispersion of stable pods split at random in two, None of too little.

    Args:
        bad_canary: bad events of some of the pods, taken for a canary, minute by minute.
        canary: all events of theirs.
        bad_stable: bad events of the other pods.
        stable: all events of theirs.

    With θ the canary's share of what there is and m the bad events of both, (x - mθ)² exceeds
    the binomial mθ(1-θ) by v × m(m-1) × θ²(1-θ)² where minutes have effects of their own. v is
    estimated over all minutes, each weighted by what it tells; for lengths of 1, 2, 4 ... minutes,
    so that effects which last count in full; one standard error is added to the largest.
    """
    minutes = np.stack([bad_canary, canary, bad_stable, stable])
    found: list[float] = []
    length = 1
    while minutes.shape[1] // length >= LEAST_BLOCKS:
        found.append(length * _moments(_merged(minutes, length)))
        length *= 2
    return max([LEAST_DISPERSION, *found]) if found else None


def _moments(blocks: Nats) -> float:
    bad_canary, canary, bad_stable, stable = blocks
    events, total = bad_canary + bad_stable, canary + stable
    share = canary / np.where(total > 0, total, 1.0)
    variance = share * (1 - share)
    tells = (events > 1) & (variance > 0)
    binomial = np.where(tells, events * variance, 1.0)
    per_unit = np.where(tells, events * (events - 1) * variance**2, 0.0)
    excess = ((bad_canary - events * share) ** 2 - binomial) * per_unit / binomial**2
    weight = float(np.sum((per_unit / binomial) ** 2))
    if not weight:
        return 0.0
    return float(np.sum(excess) + np.sqrt(np.sum(excess**2))) / weight


def _merged(minutes: Nats, length: int) -> Nats:
    whole = minutes.shape[1] // length
    merged: Nats = minutes[:, : whole * length].reshape(4, whole, length).sum(axis=2)
    return merged
