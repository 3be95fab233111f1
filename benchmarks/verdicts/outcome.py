"""What became of many runs under one rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.verdicts.counts import Flags, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An element a run; what never happened is at infinity."""

    rolled_back_at: Floats
    """Seconds since the rollout began."""
    promoted_at: Floats
    canary_bad: Floats
    """Bad requests that the canary answered before the rule decided."""
    excess_bad: Floats
    """Those that a good version would not have answered badly, also after a wrong promotion."""

    @property
    def runs(self) -> int:
        return len(self.rolled_back_at)

    @property
    def is_rolled_back(self) -> Flags:
        return np.isfinite(self.rolled_back_at)

    @property
    def is_promoted(self) -> Flags:
        return np.isfinite(self.promoted_at)

    @property
    def is_open(self) -> Flags:
        return ~self.is_rolled_back & ~self.is_promoted
