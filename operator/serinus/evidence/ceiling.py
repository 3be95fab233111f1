"""Does a rate exceed a fixed ceiling: bad events of one track against a number known before."""

from __future__ import annotations

import numpy as np

from serinus.evidence.share import LEAST_DISPERSION
from serinus.evidence.wealth import Nats

MULTIPLES = np.array((1.5, 2.5, 4.0, 8.0, 20.0, 60.0))
"""How far above the ceiling the rate may be."""
WEIGHTS = np.array((0.2, 0.3, 0.2, 0.15, 0.1, 0.05))
"""What is far above it is found by a small stake as well, in the first look."""
LOWEST_CEILING = 1e-4
"""A ceiling of zero is broken by a single event, of which no chance can be told."""


def log_ceiling_values(bad: Nats, total: Nats, ceiling: Nats, *, dispersion: Nats) -> Nats:
    """Return the log e-value of each alternative against "rate ≤ ceiling" in one block.

    The block has an effect of its own, gamma distributed with the dispersion as its squared
    coefficient of variation: the ratio of two negative binomials with shape k = 1/dispersion,
    which rises in its mean and is convex in the count, so that it holds for smaller rates and for
    counts that vary less (Poisson, binomial) too. Without dispersion it is Poisson's.
    Waudby-Smith & Ramdas (JRSS-B 2024); Howard et al. (Ann. Stat. 2021) for the mixture.
    """
    tells = (total > 0) & (ceiling < 1)
    at_most = np.where(tells, np.maximum(ceiling, LOWEST_CEILING), 0.5)[..., None]
    rates = np.minimum(MULTIPLES * at_most, np.maximum(0.95, (1 + at_most) / 2))
    shape = 1 / np.maximum(dispersion, LEAST_DISPERSION)[..., None]
    ratio = (total[..., None] * at_most + shape) / (total[..., None] * rates + shape)
    values = bad[..., None] * np.log(rates / at_most * ratio) + shape * np.log(ratio)
    return np.where(tells[..., None], values, 0.0)
