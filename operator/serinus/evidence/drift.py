"""Has a distribution moved by more than is tolerated from another one of the same time."""

from __future__ import annotations

import numpy as np

from serinus.evidence.noninferiority import NEAREST_TO_A_BOUND, design_effect, projection
from serinus.evidence.wealth import Nats

SHIFTS = np.array((1.5, 2.0, 4.0, 8.0))
"""How many times what is tolerated the shift may be."""
LEAST_TOLERATED = 0.01
"""Of any share: without a tolerance every drift is certain with enough traffic."""


def log_drift_values(
    bad_canary: Nats,
    canary: Nats,
    bad_stable: Nats,
    stable: Nats,
    *,
    known: Nats,
    tolerated: Nats,
    dispersion: Nats,
) -> Nats:
    """Return log e-values against "no event's share differs by more than is tolerated".

    With values beyond an edge as events that is the Kolmogorov-Smirnov test with a tolerance: of
    each event, in both directions, the likelihood ratio of a shifted pair of shares to the nearest
    pair that is tolerated (as in `noninferiority`).

    Args:
        bad_canary: events of the canary: (batch, events).
        canary: all its values: (batch,); of stable likewise, at the same time.
        bad_stable: events of stable.
        stable: all its values.
        known: stable's share of each event as known before: (batch, events).
        tolerated: the largest difference of shares that is none: (batch,).
        dispersion: squared coefficient of variation of a block's own effect: (batch,).

    Returns:
        (batch, events, directions, shifts); zeros where nothing is compared.
    """
    rate = np.clip(known, NEAREST_TO_A_BOUND, 1 - NEAREST_TO_A_BOUND)
    most = np.maximum(tolerated, LEAST_TOLERATED)[:, None]
    canarys = _shares(bad_canary, canary, rate, dispersion)
    stables = _shares(bad_stable, stable, rate, dispersion)
    more = _log_values(*canarys, *stables, rate, most)
    less = _log_values(*_turned(*canarys), *_turned(*stables), 1 - rate, most)
    return np.stack([more, less], axis=2)


def _shares(bad: Nats, total: Nats, rate: Nats, dispersion: Nats) -> tuple[Nats, Nats]:
    """Shares, and of how many values: those of a block that have much in common count as fewer."""
    rarer, values = np.minimum(rate, 1 - rate), total[:, None]
    share = np.clip(bad / np.where(values > 0, values, 1), 0.0, 1.0)
    return share, values / design_effect(values, rarer, dispersion[:, None])


def _turned(share: Nats, values: Nats) -> tuple[Nats, Nats]:
    return 1 - share, values


def _log_values(
    of_canary: Nats, canary: Nats, of_stable: Nats, stable: Nats, rate: Nats, tolerated: Nats
) -> Nats:
    """Against "the canary's share is at most stable's and what is tolerated"."""
    tells = (canary > 0) & (stable > 0) & (rate + tolerated < 1)
    at = np.where(tells, rate, 0.25)[..., None]
    most = np.where(tells, tolerated, 0.5)[..., None]
    shifted = np.minimum(at + SHIFTS * most, (1 + at + most) / 2)
    ratio = np.where(tells, stable / np.where(canary > 0, canary, 1), 1.0)[..., None]
    null = projection(shifted, at, most, ratio)
    values = canary[..., None] * _log_ratio(of_canary[..., None], shifted, null)
    values = values + stable[..., None] * _log_ratio(of_stable[..., None], at, null - most)
    return np.where(tells[..., None], values, 0.0)


def _log_ratio(share: Nats, rate: Nats, null: Nats) -> Nats:
    """The likelihood ratio of a rate to a null one, per value of which a share are events."""
    ratio: Nats = share * np.log(rate / null) + (1 - share) * np.log((1 - rate) / (1 - null))
    return ratio
