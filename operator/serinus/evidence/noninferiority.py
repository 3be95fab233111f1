"""Is the canary proven to be not worse than allowed: the test that lets a rollout go on.

For a convex null hypothesis and an alternative p*, chosen before the block, the likelihood ratio
of p* to its projection q on the hypothesis (least Kullback-Leibler divergence, each track weighted
by its size) is an e-value: Turner, Ly & Grünwald (arXiv 2106.02693), Turner & Grünwald (arXiv
2203.09785). Rates may move from block to block inside the hypothesis.
"""

from __future__ import annotations

import numpy as np

from serinus.evidence.wealth import Nats

PARTS_OF_THE_MARGIN = np.array((0.0, 1 / 3, 2 / 3))
WEIGHTS = np.array((0.8, 0.15, 0.05))
"""What the canary is bet to be: as good as stable, or worse by a part of the margin only.

With the first alone, a canary somewhere in between would neither pass nor fail, ever.
"""
NEAREST_TO_A_BOUND = 1e-9


def log_values_below_margin(
    bad_canary: Nats,
    canary: Nats,
    bad_stable: Nats,
    stable: Nats,
    *,
    stable_rate: Nats,
    margin: Nats,
    dispersion: Nats,
) -> Nats:
    """Return log e-values against "canary's rate ≥ stable's + margin" in one block.

    Args:
        bad_canary: bad events of the canary, among `canary`; of stable likewise.
        canary: all events of the canary.
        bad_stable: bad events of stable.
        stable: all events of stable.
        stable_rate: stable's rate as it was known before the block.
        margin: the difference that must be excluded.
        dispersion: squared coefficient of variation of a block's own effect.
    """
    tells = (canary > 0) & (stable > 0) & (stable_rate + margin < 1)
    delta = np.where(tells, margin, 0.5)[..., None]
    rate = np.where(tells, stable_rate, 0.25)[..., None]
    of_canary = (canary / design_effect(canary, stable_rate, dispersion))[..., None]
    of_stable = (stable / design_effect(stable, stable_rate, dispersion))[..., None]
    canary_rate = rate + PARTS_OF_THE_MARGIN * delta
    ratio = np.where(tells[..., None], of_stable / np.where(of_canary > 0, of_canary, 1.0), 1.0)
    null = projection(canary_rate, rate, delta, ratio)
    canary_share = (bad_canary / np.where(canary > 0, canary, 1.0))[..., None]
    stable_share = (bad_stable / np.where(stable > 0, stable, 1.0))[..., None]
    values = of_canary * _log_ratio(canary_share, canary_rate, null)
    values = values + of_stable * _log_ratio(stable_share, rate, null - delta)
    return np.where(tells[..., None], values, 0.0)


def log_values_below_bound(
    bad: Nats, total: Nats, *, expected_rate: Nats, bound: Nats, dispersion: Nats
) -> Nats:
    """Return log e-values against "the rate ≥ bound" in one block; as above with nobody else."""
    tells = (total > 0) & (bound < 1) & (expected_rate < bound)
    at_least = np.where(tells, bound, 0.5)[..., None]
    rate = np.where(tells, expected_rate, 0.25)[..., None]
    counted = (total / design_effect(total, expected_rate, dispersion))[..., None]
    share = (bad / np.where(total > 0, total, 1.0))[..., None]
    values = counted * _log_ratio(share, rate + PARTS_OF_THE_MARGIN * (at_least - rate), at_least)
    return np.where(tells[..., None], values, 0.0)


def design_effect(total: Nats, rate: Nats, dispersion: Nats) -> Nats:
    """Return how many events count as one, since those of a block have something in common.

    Rao & Scott (Stat. Med. 1992): 1 + n p v for one sample of a block, halved since a block's
    effect is shared out among looks; asymptotic, which is fine where events are few.
    """
    return 1 + total * rate * dispersion / 2


def projection(canary_rate: Nats, stable_rate: Nats, margin: Nats, ratio: Nats) -> Nats:
    """Return the canary's rate of the pair (q, q - margin) nearest to a pair of rates.

    The likelihood's maximum under the constraint, by Farrington & Manning (Stat. Med. 1990): the
    root of a cubic in closed form; `ratio` is stable's size over the canary's.
    """
    both = canary_rate + ratio * stable_rate
    a = 3 * (1 + ratio)
    b = -(1 + ratio + both + margin * (ratio + 2)) / a
    c = (margin * margin + margin * (2 * canary_rate + ratio + 1) + both) / a
    d = -3 * canary_rate * margin * (1 + margin) / (2 * a)
    v = b * b * b - 1.5 * b * c + d
    u = np.copysign(np.sqrt(np.maximum(0.0, b * b - c)), v)
    cosine = v / np.where(u == 0, 1.0, u * u * u)
    angle = (np.pi + np.arccos(np.minimum(1.0, np.maximum(-1.0, cosine)))) / 3
    root = 2 * u * np.cos(angle) - b
    lowest = margin + NEAREST_TO_A_BOUND
    inside: Nats = np.minimum(1 - NEAREST_TO_A_BOUND, np.maximum(lowest, root))
    return inside


def _log_ratio(share: Nats, rate: Nats, null: Nats) -> Nats:
    """The likelihood ratio of a rate to a null one, per event of which a share is bad."""
    ratio: Nats = share * np.log(rate / null) + (1 - share) * np.log((1 - rate) / (1 - null))
    return ratio
