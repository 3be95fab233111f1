"""Simulated: how much less evidence a rollback takes where it is known how long a rollout lasts.

An e-process comes to 1/rate at any time with a chance of at most the rate (Ville). It comes there
less often than that: it jumps beyond, and has so many minutes only. By how much the threshold may
be lower depends on traffic, which nobody knows beforehand, so it is the least of all traffics that
counts: a table, made once by benchmarks.verdicts.simulated, and the same on every machine.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import ceil, exp, log

from serinus.evidence.wording import count, stretch
from serinus.resource.rollout import RolloutPolicy, Threshold

SPENT_LATER = 0.5
"""Of the rate, by evidence that comes there only when the known duration is over.

Seldom is it all spent twice: what has not come there in time is what mostly never will.
"""
LOOKS_A_MINUTE = (4, 12)
LARGEST_WEIGHTS_PERCENT = (10, 25, 50)
MINUTES = (15, 35, 70, 130, 250, 500)
RATES = (0.0001, 0.001, 0.01, 0.05, 0.2)
SAVINGS: dict[tuple[int, int], tuple[tuple[float, ...], ...]] = {
    (4, 10): (
        (0.91, 0.80, 0.65, 0.54, 0.50),
        (0.61, 0.55, 0.45, 0.44, 0.45),
        (0.46, 0.45, 0.40, 0.34, 0.40),
        (0.41, 0.35, 0.35, 0.34, 0.40),
        (0.36, 0.30, 0.35, 0.29, 0.40),
        (0.31, 0.30, 0.30, 0.29, 0.35),
    ),
    (4, 25): (
        (0.81, 0.65, 0.60, 0.49, 0.45),
        (0.61, 0.50, 0.45, 0.39, 0.40),
        (0.46, 0.40, 0.35, 0.29, 0.35),
        (0.36, 0.30, 0.30, 0.29, 0.30),
        (0.31, 0.30, 0.25, 0.24, 0.30),
        (0.26, 0.25, 0.25, 0.24, 0.30),
    ),
    (4, 50): (
        (0.71, 0.60, 0.50, 0.39, 0.25),
        (0.51, 0.40, 0.35, 0.29, 0.20),
        (0.36, 0.30, 0.25, 0.24, 0.15),
        (0.26, 0.25, 0.20, 0.19, 0.15),
        (0.21, 0.20, 0.20, 0.14, 0.15),
        (0.16, 0.15, 0.15, 0.14, 0.10),
    ),
    (12, 10): (
        (0.66, 0.55, 0.50, 0.44, 0.40),
        (0.41, 0.40, 0.35, 0.34, 0.35),
        (0.31, 0.30, 0.30, 0.29, 0.35),
        (0.26, 0.30, 0.25, 0.24, 0.30),
        (0.26, 0.25, 0.20, 0.24, 0.30),
        (0.21, 0.25, 0.20, 0.24, 0.30),
    ),
    (12, 25): (
        (0.56, 0.50, 0.40, 0.34, 0.35),
        (0.41, 0.35, 0.30, 0.29, 0.25),
        (0.31, 0.25, 0.25, 0.24, 0.25),
        (0.26, 0.20, 0.20, 0.19, 0.20),
        (0.21, 0.20, 0.20, 0.19, 0.20),
        (0.16, 0.15, 0.20, 0.14, 0.20),
    ),
    (12, 50): (
        (0.46, 0.40, 0.30, 0.24, 0.20),
        (0.31, 0.25, 0.20, 0.19, 0.15),
        (0.26, 0.20, 0.15, 0.14, 0.10),
        (0.16, 0.15, 0.15, 0.14, 0.10),
        (0.16, 0.10, 0.10, 0.14, 0.10),
        (0.11, 0.10, 0.10, 0.09, 0.10),
    ),
}
"""In nats, by looks and largest weight; a line for each of MINUTES, a column for each of RATES."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDuration:
    """How long a rollout lasts, and what else of its plan tells how far evidence may come."""

    seconds: float
    minutes: int
    """Of evidence: a step ends a minute, too."""
    looks_a_minute: float
    largest_weight_percent: int

    def saved(self, rate: float, minutes: float) -> float:
        """Return by how many nats less than log 1/rate is enough, with so much evidence behind.

        Negative where the duration is over; zero where nothing was simulated for.

        Args:
            rate: chance of a wrong rollback, of one objective.
            minutes: of evidence that are over.
        """
        saving = self._saving(rate)
        return saving if minutes < self.minutes or not saving else log(SPENT_LATER)

    def told(self, to_fail: float, saved: float) -> str:
        """Return which threshold is in force, by the evidence that it asks for."""
        asked, lasts = f"1 in {count(exp(to_fail))}", stretch(self.seconds)
        if saved > 0:
            return f"{asked} is enough, as simulated for {lasts}"
        if saved < 0:
            return f"{asked} is asked for, since the {lasts} simulated are over"
        return f"{asked} is asked for at any time: nothing was simulated for such a rollout"

    def _saving(self, rate: float) -> float:
        """Of a rate between two of the table, the smaller saving; of one beyond them, none."""
        looks = _at_least(LOOKS_A_MINUTE, self.looks_a_minute)
        weight = _at_least(LARGEST_WEIGHTS_PERCENT, self.largest_weight_percent)
        minutes = _at_least(MINUTES, self.minutes)
        if looks is None or weight is None or minutes is None:
            return 0.0
        if not RATES[0] <= rate <= RATES[-1]:
            return 0.0
        row, column = SAVINGS[looks, weight][MINUTES.index(minutes)], bisect_left(RATES, rate)
        return min(row[max(0, column - 1) : column + 1])


def known_duration(policy: RolloutPolicy) -> KnownDuration | None:
    """Return what is known of a rollout, None where its threshold is to hold at any time."""
    if policy.threshold is Threshold.ANYTIME:
        return None
    return KnownDuration(
        seconds=policy.max_duration,
        minutes=ceil(policy.max_duration / 60) + len(policy.steps) + 1,
        looks_a_minute=60 / policy.interval_seconds,
        largest_weight_percent=max(step.weight for step in policy.steps),
    )


def _at_least(those: tuple[int, ...], number: float) -> int | None:
    return next((each for each in those if each >= number), None)
