"""The rule of an Argo Rollouts background analysis: so many failed measurements are too many.

After analysis/analysis.go of argoproj/argo-rollouts at 9f8d111d8: a measurement a minute against
a success condition, counted over the whole run; more than `failureLimit` of them abort. 0/0 is
NaN, which holds no condition and so is a failed measurement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.rules.rule import (
    QUARTER_STEPS,
    Look,
    Minutes,
    Said,
    Setting,
    nothing_said,
    share,
)

PAUSE_SECONDS = 300.0
"""Between its steps: the weights do not wait for the analysis, only an abort stops them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argo:
    failure_limit: int
    weights: tuple[float, ...] = QUARTER_STEPS

    @property
    def name(self) -> str:
        return f"Argo, failureLimit {self.failure_limit}"

    def watch(self, setting: Setting) -> ArgoWatch:
        return ArgoWatch(self, setting.limit, np.zeros(setting.runs), Minutes(setting.runs))


@dataclass
class ArgoWatch:
    rule: Argo
    limit: float
    failed: Floats
    minutes: Minutes

    def look(self, seen: Look) -> Said:
        window = self.minutes.closed(seen)
        if window is None:
            return nothing_said(seen.counts.runs)
        holds = share(window.canary_bad, window.canary) <= self.limit
        self.failed = self.failed + ~holds
        return Said(
            rolls_back=self.failed > self.rule.failure_limit,
            advances=seen.on_step_seconds >= PAUSE_SECONDS,
        )
