"""Settling: what the bets on a block are paid with, and what they come to by it."""

from __future__ import annotations

import numpy as np

from serinus.evidence.slots import Slots
from serinus.evidence.wealth import NOTHING, Nats, Units, in_nats, in_units

_SMALLEST = 1e-300


def invested(slots: Slots, wealth: Units, share: Nats, weights: Nats) -> Units:
    """Return the wealth with a share of the cash spread over the bets, by their weights.

    The mixture over alternatives and over times of onset of a product of e-values starts at one,
    and no strategy makes it exceed 1/α with a chance above α while the null hypothesis is true
    (Ville 1939; Waudby-Smith & Ramdas, JRSS-B 2024). Cash put into the bets at a time that is
    chosen beforehand is the prior on that time of onset.

    Args:
        slots: where each wealth is.
        wealth: as it was: (batch, slots).
        share: of the cash, less than one, for each wealth: (batch, wealths).
        weights: of the alternatives: (batch, alternatives). Those of a wealth sum up to one, or
            are all zero, which bets nothing.
    """
    held = in_nats(wealth)
    cash = held[:, slots.cash]
    is_spread = np.maximum.reduceat(weights, slots.first_bets, axis=1) > 0
    staked = np.where(is_spread, share, 0.0)
    stakes = np.log(np.maximum(staked[:, slots.owners] * weights, _SMALLEST))
    after = np.empty_like(held)
    after[:, slots.cash] = cash + np.log1p(-staked)
    after[:, slots.bets] = np.logaddexp(held[:, slots.bets], cash[:, slots.owners] + stakes)
    return in_units(after)


def grown(slots: Slots, wealth: Units, log_e_values: Nats) -> Units:
    """Return the wealth after a block, by the e-value of each alternative in it.

    Args:
        slots: where each wealth is.
        wealth: before: (batch, slots).
        log_e_values: their logarithms: (batch, alternatives).
    """
    after = wealth.copy()
    after[:, slots.bets] += in_units(log_e_values)
    return np.maximum(after, NOTHING)
