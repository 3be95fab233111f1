"""What a rule did in one cell, in numbers with their intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.verdicts.intervals import Estimate, mean_of, median_of, share_of, upper_bound
from benchmarks.verdicts.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One rule in one cell."""

    runs: int
    rolled_back: Estimate
    rolled_back_at_most: float
    """One-sided 95 % bound."""
    promoted: Estimate
    promoted_at_most: float
    left_open: Estimate
    roll_back_seconds: Estimate
    """Median over all runs; infinite where fewer than half were rolled back."""
    promote_seconds: Estimate
    canary_bad: Estimate
    """Bad requests of the canary until the decision, mean."""
    excess_bad: Estimate
    """Those a good version would have answered well, after a wrong promotion too, mean."""
    told: Estimate | None = None
    """Runs of which it is told that clients stick, where they do."""
    wrong_untold: Estimate | None = None
    """Those that end wrongly and of which it is not."""


def summed_up(outcome: Outcome) -> Summary:
    """Return an outcome as numbers."""
    runs = outcome.runs
    rolled_back, promoted = int(outcome.is_rolled_back.sum()), int(outcome.is_promoted.sum())
    return Summary(
        runs=runs,
        rolled_back=share_of(rolled_back, runs),
        rolled_back_at_most=upper_bound(rolled_back, runs),
        promoted=share_of(promoted, runs),
        promoted_at_most=upper_bound(promoted, runs),
        left_open=share_of(int(np.sum(outcome.is_open)), runs),
        roll_back_seconds=median_of(outcome.rolled_back_at),
        promote_seconds=median_of(outcome.promoted_at),
        canary_bad=mean_of(outcome.canary_bad),
        excess_bad=mean_of(outcome.excess_bad),
    )
