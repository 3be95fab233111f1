"""What a look costs: time and memory of the engine, an objective of very many."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from serinus.evidence.counts import Counts
from serinus.evidence.dispersion import UNVERIFIED_DISPERSION
from serinus.evidence.share_bets import ShareBets
from serinus.evidence.stakes import begun, counted, evidence_against, evidence_within

OBJECTIVES = 1000
LOOKS = 40


def milliseconds_per_objective() -> float:
    """Return the median time of a look at a thousand objectives, of each of them."""
    full = np.full(OBJECTIVES, 1.0)
    bets = ShareBets(
        margin=0.005 * full,
        tolerance=0.00125 * full,
        limit=0.01 * full,
        dispersion=UNVERIFIED_DISPERSION * full,
    )
    block = Counts(
        bad_canary=3 * full[:, None],
        canary=150 * full,
        bad_stable=7 * full[:, None],
        stable=1350 * full,
    )
    stakes, spent = begun(bets, OBJECTIVES), []
    for look in range(LOOKS):
        begins_minute = np.full(OBJECTIVES, look > 0 and look % 4 == 0)
        started = perf_counter()
        stakes = counted(bets, stakes, block, begins_minute, np.zeros(OBJECTIVES, dtype=bool))
        evidence_against(bets, stakes)
        evidence_within(bets, stakes)
        spent.append(perf_counter() - started)
    return float(1000 * np.median(spent) / OBJECTIVES)
