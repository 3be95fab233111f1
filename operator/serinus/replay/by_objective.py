"""By objective: what each of them alone would have done to good canaries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from serinus.evidence.wealth import Nats
from serinus.replay.aa import Replayed
from serinus.replay.summary import to_fail_by_rate

ALL_TOGETHER = "all together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """One objective on stable's own pods, with its part of the error budget and no other."""

    objective: str
    rollouts: int
    rolled_back: int | None
    """By the threshold, None where there is none."""
    uncalibrated_rolled_back: int
    """By the false-rollback rate alone."""


def by_objective(found: Replayed, log_threshold: float | None) -> Iterator[Alone]:
    """Yield what each objective comes to by itself, and last what all of them do together."""
    for trial in found.trials:
        yield _alone(trial.objective.title, found, found.evidence([trial]), log_threshold)
    if len(found.trials) > 1:
        yield _alone(ALL_TOGETHER, found, found.evidence(), log_threshold)


def _alone(objective: str, found: Replayed, evidence: Nats, log_threshold: float | None) -> Alone:
    maxima = evidence.max(axis=0)
    return Alone(
        objective=objective,
        rollouts=len(maxima),
        rolled_back=None if log_threshold is None else int(np.sum(maxima >= log_threshold)),
        uncalibrated_rolled_back=int(np.sum(maxima >= to_fail_by_rate(found.spec))),
    )
