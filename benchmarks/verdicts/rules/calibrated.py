"""The operator's rule with a threshold from its own pseudo-rollouts on the service's past.

Runs are shared out among services, each of which has a past of its own: the same rule watches
good canaries of earlier hours, by the minute as a calibration does, each with a dispersion that
was measured on the hours before it. What its evidence came to at most sets the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.rules.ours import FALSE_ROLLBACK_RATE, Ours
from benchmarks.verdicts.rules.rule import QUARTER_STEPS, Setting
from benchmarks.verdicts.rules.simulated import MEASURED, ThresholdWatch, saved
from benchmarks.verdicts.run import Recorded, setting_of
from benchmarks.verdicts.scenario import Scenario
from benchmarks.verdicts.world import world_of
from serinus.replay.threshold import log_threshold

SERVICES = 24
AT_ONCE = 8
"""Services whose past is drawn together."""
EARLIER_ROLLOUTS = 314
"""As many as a week has hours, split in both directions, less what has to be cut out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    ours: Ours = MEASURED
    earlier_rollouts: int = EARLIER_ROLLOUTS
    is_simulated: bool = False
    """Whether the false-rollback rate itself is asked for the known duration, not for ever."""

    @property
    def name(self) -> str:
        more = "" if self.earlier_rollouts == EARLIER_ROLLOUTS else f" on {self.earlier_rollouts}"
        return f"ours, calibrated{more}{', simulated' if self.is_simulated else ''}"

    @property
    def weights(self) -> tuple[float, ...]:
        return self.ours.weights

    def watch(self, setting: Setting) -> ThresholdWatch:
        if setting.calm is None:
            raise ValueError("this world has no rollouts before")
        of_services = thresholds(self, setting.calm)
        roll_back_at = of_services[np.arange(setting.runs) % len(of_services)]
        return ThresholdWatch(of=self.ours.watch(setting), roll_back_at=roll_back_at)


def thresholds(rule: Calibrated, calm: Scenario) -> Floats:
    """Return the logarithm of the evidence that a rollback takes, of each service."""
    known = _all_maxima(rule.ours, calm)[:, : rule.earlier_rollouts]
    less = saved(calm.seconds, calm.look_seconds, rule.weights) if rule.is_simulated else 0.0
    return log_threshold(known, FALSE_ROLLBACK_RATE, less)


@lru_cache(maxsize=8)
def _all_maxima(ours: Ours, calm: Scenario) -> Floats:
    batches = range(SERVICES // AT_ONCE)
    return np.concatenate([_maxima(ours, calm, number + 1) for number in batches])


def _maxima(ours: Ours, calm: Scenario, number: int) -> Floats:
    """Return the largest evidence in each rollout of some services: (services, rollouts)."""
    cell = replace(calm, look_seconds=60, service=number)
    return _watched(ours, cell, AT_ONCE * EARLIER_ROLLOUTS).reshape(AT_ONCE, -1)


def _watched(ours: Ours, cell: Scenario, runs: int) -> Floats:
    """Return how far the evidence went in each of some rollouts of a good canary."""
    world = world_of(cell, runs)
    watch = ours.watch(setting_of(world, shared={}))
    recorded = Recorded(world, cell.seed, QUARTER_STEPS)
    most = np.full(runs, -np.inf)
    for number in range(world.looks):
        most = np.maximum(most, watch.against(recorded.look(number)))
    return most
