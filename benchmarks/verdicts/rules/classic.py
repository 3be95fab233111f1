"""The operator's classic mode: so many bad windows of the last ones, as `advance: time` judges.

The same rule as serinus.evidence.judgement, an objective `worseThanStable`, for many runs at
once; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from benchmarks.verdicts.counts import Counts, Flags
from benchmarks.verdicts.rules.rule import QUARTER_STEPS, Look, Said, Setting, share
from serinus.evidence.ledger import BLOCKS_KEPT

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
        return ClassicWatch(rule=self, step=Counts.none(runs))


@dataclass
class ClassicWatch:
    rule: Classic
    step: Counts
    """Everything since the step was entered."""
    looks: list[Counts] = field(default_factory=list)
    """Oldest first."""

    def look(self, seen: Look) -> Said:
        self.step = _emptied(self.step, seen.is_first_on_step) + seen.counts
        self.looks = [*self.looks[1 - BLOCKS_KEPT :], seen.counts]
        bad = self._bad_windows()
        holds = self._is_enough(self.step) & ~self._is_worse(self.step)
        long_enough = seen.on_step_seconds >= self.rule.step_seconds
        return Said(
            rolls_back=bad.sum(axis=0) >= self.rule.failed,
            advances=holds & ~bad[0] & long_enough,
        )

    def _bad_windows(self) -> Flags:
        """Which of the last windows are bad (windows, runs), newest first.

        They are merged backward from the newest look, as serinus.evidence.windows does it.
        """
        runs = len(self.looks[-1].canary)
        bad, number = np.zeros((self.rule.of, runs), dtype=bool), np.zeros(runs, dtype=int)
        growing, every = Counts.none(runs), np.arange(runs)
        for counts in reversed(self.looks):
            growing += counts
            is_closed = (growing.canary >= self.rule.min_samples) & (number < self.rule.of)
            bad[number[is_closed], every[is_closed]] = self._is_worse(growing)[is_closed]
            number += is_closed
            if (number >= self.rule.of).all():
                break
            growing = _emptied(growing, is_closed)
        return bad

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
