"""The operator's classic mode: so many bad windows of the last ones, as `advance: time` judges.

The same rule as serinus.evidence.judgement, an objective `worseThanStable`, for many runs at
once; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.verdicts.counts import Counts, Flags
from benchmarks.verdicts.rules.rule import QUARTER_STEPS, Look, Said, Setting, share

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Classic:
    margin: float = 0.005
    min_samples: float = 50.0
    failed: int = 3
    of: int = 5
    step_seconds: float = 60.0
    name: str = "classic, 3 of 5 windows"
    weights: tuple[float, ...] = QUARTER_STEPS

    def watch(self, setting: Setting) -> ClassicWatch:
        runs = setting.runs
        return ClassicWatch(
            rule=self,
            last=np.zeros((self.of, runs), dtype=bool),
            growing=Counts.none(runs),
            step=Counts.none(runs),
        )


@dataclass
class ClassicWatch:
    rule: Classic
    last: Flags
    """(windows, runs): which were bad, newest last."""
    growing: Counts
    """The window that has not enough of the canary yet."""
    step: Counts
    """Everything since the step was entered."""

    def look(self, seen: Look) -> Said:
        self.step = _emptied(self.step, seen.is_first_on_step) + seen.counts
        self.growing += seen.counts
        is_closed = self.growing.canary >= self.rule.min_samples
        shifted = np.vstack([self.last[1:], self._is_worse(self.growing)])
        self.last = np.where(is_closed, shifted, self.last)
        self.growing = _emptied(self.growing, is_closed)
        holds = self._is_enough(self.step) & ~self._is_worse(self.step)
        long_enough = seen.on_step_seconds >= self.rule.step_seconds
        return Said(
            rolls_back=self.last.sum(axis=0) >= self.rule.failed,
            advances=holds & ~self.last[-1] & long_enough,
        )

    def _is_enough(self, counts: Counts) -> Flags:
        least = self.rule.min_samples
        return (counts.canary >= least) & (counts.stable >= least)

    def _is_worse(self, counts: Counts) -> Flags:
        canary = share(counts.canary_bad, counts.canary)
        allowed = share(counts.stable_bad, counts.stable) + self.rule.margin
        worse: Flags = self._is_enough(counts) & (canary > allowed + ROUNDING)
        return worse


def _emptied(counts: Counts, where: Flags) -> Counts:
    keep = ~where
    return Counts(
        canary=counts.canary * keep,
        canary_bad=counts.canary_bad * keep,
        stable=counts.stable * keep,
        stable_bad=counts.stable_bad * keep,
    )
