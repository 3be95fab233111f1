"""A CloudWatch alarm, as SageMaker's guardrails use it: three bad minutes of the last five."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.verdicts.counts import Flags
from benchmarks.verdicts.rules.rule import (
    QUARTER_STEPS,
    Look,
    Minutes,
    Said,
    Setting,
    nothing_said,
    share,
)

STEP_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudWatch:
    breaching: int = 3
    of: int = 5
    weights: tuple[float, ...] = QUARTER_STEPS

    @property
    def name(self) -> str:
        return f"CloudWatch, {self.breaching} of {self.of}"

    def watch(self, setting: Setting) -> CloudWatchWatch:
        last = np.zeros((self.of, setting.runs), dtype=bool)
        return CloudWatchWatch(self, setting.limit, last, Minutes(setting.runs))


@dataclass
class CloudWatchWatch:
    rule: CloudWatch
    limit: float
    last: Flags
    """(minutes, runs), newest last."""
    minutes: Minutes

    def look(self, seen: Look) -> Said:
        window = self.minutes.closed(seen)
        if window is None:
            return nothing_said(seen.counts.runs)
        # Missing data does not breach: NaN is not above the limit.
        breaches = share(window.canary_bad, window.canary) > self.limit
        self.last = np.vstack([self.last[1:], breaches])
        return Said(
            rolls_back=self.last.sum(axis=0) >= self.rule.breaching,
            advances=seen.on_step_seconds >= STEP_SECONDS,
        )
