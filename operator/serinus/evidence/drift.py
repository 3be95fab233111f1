"""Has a distribution moved by more than is tolerated: of inputs or of predictions, by buckets."""

from __future__ import annotations

import numpy as np

from serinus.evidence.noninferiority import projection
from serinus.evidence.wealth import Nats

TOLERATED_SHIFT = 0.05
"""Of any cumulative share: without a tolerance every drift is certain with enough traffic."""
SHIFTS = np.array((1.5, 2.0, 4.0, 8.0))
"""How many times the tolerance the shift may be."""


def log_drift_values(
    canary: Nats, stable: Nats, known: Nats, tolerated: float = TOLERATED_SHIFT
) -> Nats:
    """Return log e-values against "no cumulative share differs by more than is tolerated".

    The Kolmogorov-Smirnov test with a tolerance: at each edge, in both directions, the likelihood
    ratio of a shifted pair of shares to the nearest pair that is tolerated.

    Args:
        canary: counts by bucket: (batch, buckets).
        stable: of stable, at the same time.
        known: stable's shares by bucket as known before: (batch, buckets).
        tolerated: the largest difference of cumulative shares that is none.

    Returns:
        (batch, edges, directions, shifts), edges being one less than buckets.
    """
    total_canary, total_stable = (np.sum(each, axis=1)[:, None] for each in (canary, stable))
    below_canary, below_stable = (np.cumsum(each, axis=1)[:, :-1] for each in (canary, stable))
    share = np.clip(np.cumsum(known, axis=1)[:, :-1], 1e-6, 1 - 1e-6)
    more = _log_values(below_canary, total_canary, below_stable, total_stable, share, tolerated)
    less = _log_values(
        total_canary - below_canary,
        total_canary,
        total_stable - below_stable,
        total_stable,
        1 - share,
        tolerated,
    )
    return np.stack([more, less], axis=2)


def _log_values(
    bad_canary: Nats, canary: Nats, bad_stable: Nats, stable: Nats, share: Nats, tolerated: float
) -> Nats:
    """Against "the canary's share is at most stable's and the tolerance"."""
    tells = ((canary > 0) & (stable > 0))[..., None] & (share[..., None] + tolerated < 1)
    rate = np.where(share + tolerated < 1, share, 0.5)[..., None]
    shifted = np.minimum(rate + SHIFTS * tolerated, (1 + rate + tolerated) / 2)
    ratio = (stable / np.where(canary > 0, canary, 1))[..., None]
    null = np.clip(projection(shifted, rate, np.array(tolerated), ratio), 1e-9, 1 - 1e-9)
    null_stable = np.maximum(null - tolerated, 1e-12)
    good_canary, good_stable = canary - bad_canary, stable - bad_stable
    values = (
        bad_canary[..., None] * np.log(shifted / null)
        + good_canary[..., None] * np.log((1 - shifted) / (1 - null))
        + bad_stable[..., None] * np.log(rate / null_stable)
        + good_stable[..., None] * np.log((1 - rate) / (1 - null_stable))
    )
    return np.where(tells, values, 0.0)
