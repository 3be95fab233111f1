"""Wealth: what bets against null hypotheses have grown to, kept in whole units of 1e-4 nat."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Nats = npt.NDArray[np.float64]
"""Natural logarithms, and any other real numbers."""
Units = npt.NDArray[np.int64]
"""Wealth: the cash, and then the bet on each alternative; of several bets see `evidence.slots`."""

UNITS_PER_NAT = 10_000
"""Rounded down, so that what is stored never claims more than was won."""
NOTHING = -(10**6)
"""The logarithm of no wealth at all: what has less is given e to the power of minus 100."""
_HALF_A_ROUNDING = 1e-6
"""What was whole before a floating-point detour is whole after it."""


def in_nats(wealth: Units) -> Nats:
    """Return the logarithms that units stand for."""
    return wealth / UNITS_PER_NAT


def in_units(nats: Nats) -> Units:
    """Return logarithms in whole units, rounded down, none less than nothing."""
    return np.maximum(np.floor(nats * UNITS_PER_NAT + _HALF_A_ROUNDING), NOTHING).astype(np.int64)


def log_total(wealth: Units) -> Nats:
    """Return the logarithm of all of it, over the last axis."""
    return log_sum(in_nats(wealth))


def log_mean(logs: Nats, counts: npt.NDArray[np.bool_]) -> Nats:
    """Return the logarithm of the mean, over the last axis, of the e-values that count.

    The mean of e-values is one, however they depend on each other (Vovk & Wang 2021). One, which
    tells nothing, where none counts.
    """
    some = counts.any(axis=-1)
    those = np.where(counts, logs, -np.inf)
    those[~some] = 0.0
    number = np.where(some, counts.sum(axis=-1), logs.shape[-1])
    mean: Nats = log_sum(those) - np.log(number)
    return mean


def log_sum(logs: Nats) -> Nats:
    """Return the logarithm of the sum, over the last axis, of what has these logarithms."""
    high = np.maximum.reduce(logs, axis=-1)
    total: Nats = high + np.log(np.add.reduce(np.exp(logs - high[..., None]), axis=-1))
    return total
