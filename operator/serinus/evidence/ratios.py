"""Ratios: how many times as bad the canary is bet to be, of what is tolerated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from serinus.evidence.wealth import Nats

RATIOS = np.array((1.35, 1.8, 2.6, 4.5, 10.0, 50.0))
"""How much worse the canary may be: from hardly to hopelessly.

Accounts hold a number for each, so that others are another `ledger.STAKES_FORMAT`.
"""
RATIO_WEIGHTS = np.array((0.1, 0.25, 0.25, 0.2, 0.13, 0.07))
"""Most on what takes long to find; what is hopeless is found by any stake."""
CALM_RATIOS = np.array((1.15, 1.35, 1.8, 2.6, 4.5, 10.0))
"""The same where minutes are so much alike that a small regression shows; hopeless ones do."""
CALM_RATIO_WEIGHTS = np.array((0.1, 0.1, 0.2, 0.25, 0.2, 0.15))
CALM_DISPERSION = 0.1
"""At more a bet on 1.15 gains nothing, and from 0.2 on its mean is above one in the calmest."""


def ratios_at(dispersion: Nats) -> Nats:
    """Return the ratios bet on where counts vary so much: (batch, alternatives)."""
    return np.where(_is_calm(dispersion), CALM_RATIOS, RATIOS)


def ratio_weights_at(dispersion: Nats) -> Nats:
    """Return how a stake is spread over them: (batch, alternatives)."""
    return np.where(_is_calm(dispersion), CALM_RATIO_WEIGHTS, RATIO_WEIGHTS)


def _is_calm(dispersion: Nats) -> npt.NDArray[np.bool_]:
    return np.asarray(dispersion <= CALM_DISPERSION)[..., None]
