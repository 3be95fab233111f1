"""The textbook's z-test, looked at every minute as if each look were the only one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.verdicts.counts import Counts, Floats
from benchmarks.verdicts.rules.rule import (
    QUARTER_STEPS,
    Look,
    Minutes,
    Said,
    Setting,
    divided,
    nothing_said,
)

ONE_PERCENT = 2.326
STEP_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NaiveZ:
    name: str = "z-test with peeking"
    weights: tuple[float, ...] = QUARTER_STEPS

    def watch(self, setting: Setting) -> NaiveZWatch:
        return NaiveZWatch(Counts.none(setting.runs), Minutes(setting.runs))


@dataclass
class NaiveZWatch:
    so_far: Counts
    minutes: Minutes

    def look(self, seen: Look) -> Said:
        window = self.minutes.closed(seen)
        if window is None:
            return nothing_said(seen.counts.runs)
        self.so_far += window
        return Said(
            rolls_back=pooled_z(self.so_far) >= ONE_PERCENT,
            advances=seen.on_step_seconds >= STEP_SECONDS,
        )


def pooled_z(counts: Counts) -> Floats:
    """Return how many standard errors the canary's share is above stable's."""
    canary, stable = np.maximum(1.0, counts.canary), np.maximum(1.0, counts.stable)
    pooled = (counts.canary_bad + counts.stable_bad) / (canary + stable)
    error = np.sqrt(pooled * (1 - pooled) * (1 / canary + 1 / stable))
    difference = counts.canary_bad / canary - counts.stable_bad / stable
    return divided(difference, error, otherwise=0.0)
