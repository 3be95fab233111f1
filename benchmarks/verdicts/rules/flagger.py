"""Flagger's rule: one number a minute against a limit, and failures that no success makes good.

After pkg/controller/scheduler.go and scheduler_metrics.go of fluxcd/flagger at 15bd6ad5: a value
beyond the range, a NaN and an empty answer are one failed check each; a passed check adds a
step's weight; the threshold is looked at when the *next* check begins.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.rules.rule import Look, Minutes, Said, Setting, nothing_said, share

TEN_STEPS = tuple(count / 20 for count in range(1, 11))
"""stepWeight 5, maxWeight 50: what its documentation shows."""
DOCUMENTED_THRESHOLD = 5
"""In its tutorials and examples; the field itself defaults to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagger:
    threshold: int = DOCUMENTED_THRESHOLD
    weights: tuple[float, ...] = TEN_STEPS

    @property
    def name(self) -> str:
        return f"Flagger, threshold {self.threshold}"

    def watch(self, setting: Setting) -> FlaggerWatch:
        return FlaggerWatch(self, setting.limit, np.zeros(setting.runs), Minutes(setting.runs))


@dataclass
class FlaggerWatch:
    rule: Flagger
    limit: float
    failed_checks: Floats
    minutes: Minutes = field(repr=False)

    def look(self, seen: Look) -> Said:
        window = self.minutes.closed(seen)
        if window is None:
            return nothing_said(seen.counts.runs)
        is_over = self.failed_checks >= self.rule.threshold
        # NaN compares as false, so no data fails as it does there.
        passes = share(window.canary_bad, window.canary) <= self.limit
        self.failed_checks = self.failed_checks + ~passes
        return Said(rolls_back=is_over, advances=passes & ~is_over)
