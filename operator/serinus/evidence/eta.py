"""When a regression shows: the expected time to a verdict, told before there is one."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from serinus.evidence.dispersion import UNVERIFIED_DISPERSION
from serinus.evidence.margins import FLOOR, TOLERANCE
from serinus.evidence.ratios import RATIO_WEIGHTS
from serinus.evidence.stakes import INVESTED_AT_FIRST

OVERSHOOT = 0.5
"""The median is reached somewhat before the mean information is, in nats."""
MINUTE_SECONDS = 60.0
_MIXTURE = log(1 / (np.max(RATIO_WEIGHTS) * INVESTED_AT_FIRST[0]))
"""What it costs that there are several alternatives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Traffic, its split, and what is looked for in it."""

    per_second: float
    """Events of both tracks."""
    weight: float
    """The canary's share of them, between 0 and 1."""
    base: float
    """Stable's rate of bad events."""
    excess: float
    """How much worse the canary is."""
    margin: float
    """Of the objective."""
    log_threshold: float
    """Logarithm of the evidence asked for."""
    dispersion: float = UNVERIFIED_DISPERSION


def eta_seconds(course: Course) -> float | None:
    """Return the median time until a regression is called one, None for never.

    The evidence grows by the Kullback-Leibler divergence of what is there from the nearest that
    would be tolerated, as whose bad events they are and as how many; the slower of both decides.
    The mixture over alternatives costs its logarithm. A minute's own effect, of the dispersion's
    variance, is not told from the regression, which bounds what a minute is worth.
    """
    canary, stable = course.base + course.excess, course.base
    per_minute = course.per_second * MINUTE_SECONDS
    information = min(_of_share(course, per_minute, canary, stable), _of_floor(course, per_minute))
    if information <= 0:
        return None
    needed = course.log_threshold + _MIXTURE - OVERSHOOT
    return MINUTE_SECONDS * max(0.0, needed) / information


def _of_share(course: Course, per_minute: float, canary: float, stable: float) -> float:
    bad_canary = per_minute * course.weight * canary
    bad_stable = per_minute * (1 - course.weight) * stable
    floor, tolerance = FLOOR * course.margin, TOLERANCE * course.margin
    tolerated = 1 + tolerance / max(stable, floor - tolerance)
    odds = tolerated * course.weight / (1 - course.weight)
    null = odds / (1 + odds)
    events = bad_canary + bad_stable
    share = bad_canary / events
    if share <= null:
        return 0.0
    divergence = events * _divergence(share, null)
    return divergence / (1 + course.dispersion * events * null * (1 - null))


def _of_floor(course: Course, per_minute: float) -> float:
    requests, floor = per_minute * course.weight, FLOOR * course.margin
    canary = course.base + course.excess
    if canary <= floor:
        return 0.0
    return requests * _divergence(canary, floor) / (1 + course.dispersion * requests * floor)


def _divergence(p: float, q: float) -> float:
    if p >= 1:
        return log(1 / q)
    return p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))
