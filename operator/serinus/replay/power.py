"""Power: how soon a canary that is worse by so much would have been found on a service's past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

from serinus.evidence.wealth import Nats
from serinus.replay.aa import Replayed
from serinus.replay.calibration import worsened
from serinus.resource.objective import Kind

SEED = 1
SLOWER = ": slower"
"""How a latency gets worse, behind its title."""


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
        _found(title, excess, evidence >= log_threshold)
        for title, excess, evidence in made_worse(replayed, excesses)
    ]


def made_worse(replayed: Replayed, excesses: Sequence[float]) -> Iterator[tuple[str, float, Nats]]:
    """Yield an objective, how much worse it is, and all evidence there is then, one by one."""
    for place, trial in enumerate(replayed.trials):
        objective = trial.objective
        if objective.kind is Kind.DRIFT:  # so many points say nothing of a distribution
            continue
        title = objective.title + (SLOWER if objective.kind is Kind.LATENCY else "")
        for excess in excesses:
            trials = list(replayed.trials)
            trials[place] = worsened(trial, excess, SEED)
            yield title, excess, replayed.evidence(trials)


def _found(title: str, excess: float, beyond: npt.NDArray[np.bool_]) -> Found:
    minutes = np.where(beyond.any(axis=0), beyond.argmax(axis=0) + 1.0, inf)
    median, late = (float(np.sort(minutes)[_place(minutes, q)]) for q in (0.5, 0.9))
    return Found(
        objective=title,
        excess=excess,
        found_share=float(beyond.any(axis=0).mean()),
        median_minutes=median,
        late_minutes=late,
    )


def _place(minutes: Nats, share: float) -> int:
    return min(len(minutes) - 1, int(share * len(minutes)))
