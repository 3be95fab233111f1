"""`python -m benchmarks.verdicts.stretches`: how often a good canary is as bad as a regression.

In the null `common` each track drifts by itself. While the canary's true share of bad requests is
as many times stable's as a regression's would be, no rule that knows nothing of the past can tell
the two apart, however many requests there are.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.scenario import MARGIN, Disturbance, Scenario
from benchmarks.verdicts.world import Requests, world_of

RUNS = 4000
CELL = Scenario(rate=1000, base=0.005, disturbance=Disturbance.COMMON)


def share_with_stretch(world: Requests, minutes: int, times: float) -> float:
    """Return which part of the rollouts has so long a stretch that is so many times as bad."""
    looks = minutes * 60 // world.look_seconds
    ratio = _sums(world.canary_share, looks) / _sums(world.stable_share, looks)
    return float(np.mean(np.max(ratio, axis=0) >= times))


def _sums(shares: Floats, looks: int) -> Floats:
    total = np.cumsum(np.vstack([np.zeros((1, shares.shape[1])), shares]), axis=0)
    sums: Floats = total[looks:] - total[:-looks]
    return sums


def main() -> int:
    world, times = world_of(CELL, RUNS), (CELL.base + MARGIN) / CELL.base
    print(f"{CELL.name}: {times:g} times stable's share for so many minutes, in % of rollouts")
    for minutes in (1, 2, 3, 4, 5, 6, 8, 10):
        print(f"{minutes:2} min: {100 * share_with_stretch(world, minutes, times):.2g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
