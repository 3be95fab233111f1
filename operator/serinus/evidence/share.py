"""Whose bad events are they: the canary's share of them, against stable's at the same time.

Given how many events were bad at all, the canary had a share θ of them; what both tracks suffer
cancels out. θ0 is the largest share under the null hypothesis, θr the one whose odds are r times
as large. Each block has an effect of its own of the dispersion's squared coefficient of variation,
so that the likelihoods are beta-binomial with variance dispersion × θ0²(1-θ0)²; without one they
are binomial. Both ratios rise with the canary's bad events, so the e-values hold for every smaller
share as well.

Lindon & Malek, arXiv 2011.03567 (counts with rates that vary in time); ter Schure et al., anytime-
valid logrank (NEJSDS 2024); the beta-binomial form by the same argument. Exact for rare events;
where they are not, the share varies less than assumed and some power is lost. Counts that vary
less than the dispersion says are covered too, as long as it is small (to a quarter: the mean is
one or less in every case summed up in the tests; at a half, 1.02).
"""

from __future__ import annotations

from math import log, pi

import numpy as np

from serinus.evidence.wealth import Nats

MOST_VARIANCE = 0.9
"""Of the canary's share, in units of θ(1-θ); a beta distribution has no more than one."""
LEAST_DISPERSION = 1e-6
"""What is less is none: the beta-binomial is a binomial then, to six digits."""
_HALF_LOG_TWO_PI = 0.5 * log(2 * pi)


def log_share_values(
    bad_canary: Nats,
    canary: Nats,
    bad_stable: Nats,
    stable: Nats,
    ratios: Nats,
    *,
    tolerated_ratio: Nats,
    dispersion: Nats,
) -> Nats:
    """Return the log e-value of each ratio against "canary's rate ≤ tolerated × stable's".

    The ratios are on the last axis, the same ones for every place or some for each.
    """
    events = bad_canary + bad_stable
    tells = (canary > 0) & (stable > 0) & (events > 0)
    expected = np.where(tells, tolerated_ratio * canary, 1.0)
    null = (expected / (expected + np.where(tells, stable, 1.0)))[..., None]
    variance = np.maximum(dispersion, LEAST_DISPERSION)[..., None] * null * (1 - null)
    shapes = 1 / np.minimum(MOST_VARIANCE, variance) - 1
    times = np.concatenate((np.ones((*ratios.shape[:-1], 1)), ratios), axis=-1)
    odds = times * null / (1 - null)
    share = odds / (1 + odds)
    of_canary, of_stable = shapes * share, shapes * (1 - share)
    seen_canary, seen_stable = bad_canary[..., None] + of_canary, bad_stable[..., None] + of_stable
    # One call on all of them: most of what a look costs is the number of calls.
    logs = log_gamma(np.array((seen_canary, of_canary, seen_stable, of_stable)))
    likelihood = logs[0] - logs[1] + logs[2] - logs[3]
    return np.where(tells[..., None], likelihood[..., 1:] - likelihood[..., :1], 0.0)


def log_gamma(x: Nats) -> Nats:
    """Return log Γ(x) of positive numbers, to ten digits after the point where it is small.

    Stirling's series, eight steps up. `scipy.special` has it, for 29 MiB of memory, and need not
    give the same bits in its next version.
    """
    up = x + 8
    steps = x * (x + 1) * (x + 2) * (x + 3) * (x + 4) * (x + 5) * (x + 6) * (x + 7)
    square = up**2
    series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / up
    value: Nats = (up - 0.5) * np.log(up) - up + _HALF_LOG_TWO_PI + series - np.log(steps)
    return value
