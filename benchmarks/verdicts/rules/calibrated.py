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
from benchmarks.verdicts.rules.ours import FALSE_ROLLBACK_RATE, Layer, Ours, OursWatch
from benchmarks.verdicts.rules.rule import QUARTER_STEPS, Look, Said, Setting
from benchmarks.verdicts.run import Recorded, setting_of
from benchmarks.verdicts.scenario import Disturbance, Scenario
from benchmarks.verdicts.world import world_of
from serinus.replay.threshold import log_threshold, rank_of

SERVICES = 24
AT_ONCE = 8
"""Services whose past is drawn together."""
EARLIER_ROLLOUTS = 314
"""As many as a week has hours, split in both directions, less what has to be cut out."""
SIMULATED = 2000


MEASURED = Ours(layer=Layer.MEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    ours: Ours = MEASURED
    earlier_rollouts: int = EARLIER_ROLLOUTS
    is_simulated: bool = False
    """Whether the false-rollback rate is met by simulating the known duration, not for ever."""

    @property
    def name(self) -> str:
        more = "" if self.earlier_rollouts == EARLIER_ROLLOUTS else f" on {self.earlier_rollouts}"
        return f"ours, calibrated{more}{', for an hour' if self.is_simulated else ''}"

    @property
    def weights(self) -> tuple[float, ...]:
        return self.ours.weights

    def watch(self, setting: Setting) -> CalibratedWatch:
        if setting.calm is None:
            raise ValueError("this world has no rollouts before")
        of_services = thresholds(self, setting.calm)
        roll_back_at = of_services[np.arange(setting.runs) % len(of_services)]
        return CalibratedWatch(of=self.ours.watch(setting), roll_back_at=roll_back_at)


@dataclass(frozen=True, slots=True)
class CalibratedWatch:
    of: OursWatch
    roll_back_at: Floats

    def look(self, seen: Look) -> Said:
        said, against = self.of.look(seen), self.of.against(seen)
        return replace(said, rolls_back=against >= self.roll_back_at)


def thresholds(rule: Calibrated, calm: Scenario) -> Floats:
    """Return the logarithm of the evidence that a rollback takes, of each service."""
    known = _all_maxima(rule.ours, calm)[:, : rule.earlier_rollouts]
    if not rule.is_simulated:
        return log_threshold(known, FALSE_ROLLBACK_RATE)
    rank = rank_of(known.shape[1], FALSE_ROLLBACK_RATE)
    seen: Floats = np.sort(known, axis=1)[:, -rank]
    quiet = replace(calm, disturbance=Disturbance.IID, service=SERVICES)
    return np.maximum(seen, _simulated(rule.ours, quiet))


@lru_cache(maxsize=8)
def _all_maxima(ours: Ours, calm: Scenario) -> Floats:
    batches = range(SERVICES // AT_ONCE)
    return np.concatenate([_maxima(ours, calm, number + 1) for number in batches])


def _maxima(ours: Ours, calm: Scenario, number: int) -> Floats:
    """Return the largest evidence in each rollout of some services: (services, rollouts)."""
    cell = replace(calm, look_seconds=60, service=number)
    return _watched(ours, cell, AT_ONCE * EARLIER_ROLLOUTS).reshape(AT_ONCE, -1)


@lru_cache(maxsize=8)
def _simulated(ours: Ours, quiet: Scenario) -> float:
    """What chance alone comes to within the time there is, with requests all independent."""
    ordered = np.sort(_watched(ours, quiet, SIMULATED))
    return float(ordered[-rank_of(SIMULATED, FALSE_ROLLBACK_RATE)])


def _watched(ours: Ours, cell: Scenario, runs: int) -> Floats:
    """Return how far the evidence went in each of some rollouts of a good canary."""
    world = world_of(cell, runs)
    watch = ours.watch(setting_of(world, shared={}))
    recorded = Recorded(world, cell.seed, QUARTER_STEPS)
    most = np.full(runs, -np.inf)
    for number in range(world.looks):
        most = np.maximum(most, watch.against(recorded.look(number)))
    return most
