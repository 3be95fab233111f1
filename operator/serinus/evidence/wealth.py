"""Wealth: what bets against null hypotheses have grown to, kept in whole units of 1e-4 nat."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Nats = npt.NDArray[np.float64]
"""Natural logarithms, and any other real numbers."""
Units = npt.NDArray[np.int64]
"""Wealth: on the last axis the cash, and then the bet on each alternative."""

UNITS_PER_NAT = 10_000
"""Rounded down, so that what is stored never claims more than was won."""
NOTHING = -(10**6)
"""The logarithm of no wealth at all: what has less is given e to the power of minus 100."""
_SMALLEST = 1e-300
_HALF_A_ROUNDING = 1e-6
"""What was whole before a floating-point detour is whole after it."""


def all_in_cash(*shape: int, alternatives: int) -> Units:
    """Return the wealth before any bet: one, all of it in cash.

    The mixture over alternatives and over times of onset of a product of e-values starts at one,
    and no strategy makes it exceed 1/α with a chance above α while the null hypothesis is true
    (Ville 1939; Waudby-Smith & Ramdas, JRSS-B 2024). Cash put into the bets at a time that is
    chosen beforehand is the prior on that time of onset.
    """
    wealth = np.full((*shape, 1 + alternatives), NOTHING, dtype=np.int64)
    wealth[..., 0] = 0
    return wealth


def invested(wealth: Units, share: Nats, weights: Nats) -> Units:
    """Return the wealth with a share of the cash spread over the bets, by their weights.

    Args:
        wealth: as it was.
        share: of the cash, less than one, for each wealth.
        weights: of the alternatives; they sum up to one, or are all zero, which bets nothing.
    """
    held = wealth / UNITS_PER_NAT
    staked = np.where(weights.any(axis=-1), share, 0.0)[..., None]
    stakes = held[..., :1] + np.log(np.maximum(staked * weights, _SMALLEST))
    after = np.empty_like(held)
    after[..., :1] = held[..., :1] + np.log1p(-staked)
    np.logaddexp(held[..., 1:], stakes, out=after[..., 1:])
    return _units(after)


def grown(wealth: Units, log_e_values: Nats) -> Units:
    """Return the wealth after a block, by the e-value of each alternative in it."""
    after = wealth.copy()
    after[..., 1:] += _units(log_e_values)
    return np.maximum(after, NOTHING)


def log_total(wealth: Units) -> Nats:
    """Return the logarithm of all of it."""
    return _log_sum(wealth / UNITS_PER_NAT)


def log_mean(logs: Nats, counts: npt.NDArray[np.bool_]) -> Nats:
    """Return the logarithm of the mean, over the last axis, of the e-values that count.

    The mean of e-values is one, however they depend on each other (Vovk & Wang 2021). One, which
    tells nothing, where none counts.
    """
    some = counts.any(axis=-1)
    those = np.where(counts, logs, -np.inf)
    those[~some] = 0.0
    number = np.where(some, counts.sum(axis=-1), logs.shape[-1])
    mean: Nats = _log_sum(those) - np.log(number)
    return mean


def _log_sum(logs: Nats) -> Nats:
    high = logs.max(axis=-1)
    total: Nats = high + np.log(np.exp(logs - high[..., None]).sum(axis=-1))
    return total


def _units(nats: Nats) -> Units:
    return np.maximum(np.floor(nats * UNITS_PER_NAT + _HALF_A_ROUNDING), NOTHING).astype(np.int64)
