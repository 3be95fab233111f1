"""Power: how soon a canary that is worse by so much would have been found on a service's past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from serinus.evidence.wealth import Nats
from serinus.replay.aa import Replayed
from serinus.replay.calibration import worsened
from serinus.resource.objective import Kind

SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How soon a regression of one objective is found."""

    objective: str
    excess: float
    """What is added to the canary's share of bad events, or of requests slower than each edge."""
    found_share: float
    """Of the pseudo-rollouts, within the time that one lasts."""
    median_minutes: float
    """Infinite where fewer than half are found."""
    late_minutes: float
    """By when nine of ten are found."""


def found(replayed: Replayed, log_threshold: float, excesses: Sequence[float]) -> list[Found]:
    """Return how soon each objective's regressions are found, all others being as they were."""
    return [
        _found(replayed, log_threshold, place, excess)
        for place, trial in enumerate(replayed.trials)
        if trial.objective.kind is not Kind.DRIFT  # so many points say nothing of a distribution
        for excess in excesses
    ]


def _found(replayed: Replayed, log_threshold: float, place: int, excess: float) -> Found:
    trials = list(replayed.trials)
    trials[place] = worsened(trials[place], excess, SEED)
    beyond = replayed.evidence(trials) >= log_threshold
    minutes = np.where(beyond.any(axis=0), beyond.argmax(axis=0) + 1.0, inf)
    median, late = (float(np.sort(minutes)[_place(minutes, q)]) for q in (0.5, 0.9))
    objective = trials[place].objective
    suffix = ": slower" if objective.kind is Kind.LATENCY else ""
    return Found(
        objective=objective.title + suffix,
        excess=excess,
        found_share=float(beyond.any(axis=0).mean()),
        median_minutes=median,
        late_minutes=late,
    )


def _place(minutes: Nats, share: float) -> int:
    return min(len(minutes) - 1, int(share * len(minutes)))
