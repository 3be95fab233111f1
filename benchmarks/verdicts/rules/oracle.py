"""The oracle: Wald's test of the canary's true share against the worst that is still allowed.

It knows what nobody knows, the canary's share and stable's, and so is the fastest there is at its
rate of false alarms: the measure for detection, not a competitor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.rules.rule import QUARTER_STEPS, Look, Said, Setting

FALSE_ALARM_RATE = 0.01
FLOOR = 0.0025
"""Half a margin of 0.5 points: a canary below it is good enough whatever stable does."""
TOLERANCE = 0.00125
"""A quarter of it: how much worse than stable is no reason to roll back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Oracle:
    floor: float = FLOOR
    tolerance: float = TOLERANCE
    name: str = "oracle SPRT"
    weights: tuple[float, ...] = QUARTER_STEPS

    def watch(self, setting: Setting) -> OracleWatch:
        null = max(setting.base + self.tolerance, self.floor)
        share = min(0.99, setting.base + setting.excess)
        return OracleWatch(null=null, share=max(share, null), log=np.zeros(setting.runs))


@dataclass
class OracleWatch:
    null: float
    share: float
    log: Floats
    """Of the likelihood ratio."""

    def look(self, seen: Look) -> Said:
        bad, good = seen.counts.canary_bad, seen.counts.canary - seen.counts.canary_bad
        self.log = (
            self.log
            + bad * np.log(self.share / self.null)
            + good * np.log((1 - self.share) / (1 - self.null))
        )
        no = np.zeros(len(bad), dtype=bool)
        return Said(rolls_back=self.log >= -np.log(FALSE_ALARM_RATE), advances=no)
