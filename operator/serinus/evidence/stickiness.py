"""Are requests shared out one by one: chances are told as if they were, and clients may stick.

Session affinity, hashing by user and long-lived connections put clients on a track, not requests.
What makes clients differ is then taken for what makes versions differ, and a canary may fail for
whom it serves. No object of ours says so: affinity is kept by Services, by policies of a gateway
and by clients themselves. But some clients do not meet a weight as exactly as all their requests
would.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import isfinite, sqrt

from serinus.evidence.block import Block

SIGMAS = 6.0
"""Of a binomial count: looked at a thousand times, it happens once in a million rollouts."""
TOLERATED = 0.03
"""Of what the weight gives: probes of pods are counted too, and few requests may come inside."""


def told_stickiness(
    blocks: Sequence[Block], weight_percent: int, step_entered_at: datetime | None
) -> str:
    """Return what to tell where requests do not seem to be shared out one by one, else "".

    Args:
        blocks: of one objective, oldest first. The first of a step is left out: the router takes
            over a weight while it lasts.
        weight_percent: the canary's.
        step_entered_at: when it got that weight.
    """
    step = [each for each in blocks if step_entered_at is None or each.since >= step_entered_at]
    pairs = [(each.canary.total, each.stable.total) for each in step[1:]]
    pairs = [(c, s) for c, s in pairs if isfinite(c) and isfinite(s) and c >= 0 and s >= 0]
    totals = [canary + stable for canary, stable in pairs]
    if not 0 < weight_percent < 100 or not sum(totals):
        return ""
    weight, total = weight_percent / 100, sum(totals)
    canary = sum(each for each, _ in pairs)
    by_chance = SIGMAS * sqrt(total * weight * (1 - weight))
    # Tracks are scraped at different moments: by up to a block of what came, as traffic changes.
    by_scrapes = max(totals) * weight * (1 - weight)
    tolerated = TOLERATED * total * weight * (1 - weight)
    if abs(canary - total * weight) <= by_chance + by_scrapes + tolerated:
        return ""
    # Callers inside the cluster that use the model's own Service are stable's until a promotion.
    others = "some callers come by no route, or " if canary < total * weight else "callers "
    return (
        f"the canary gets {100 * canary / total:.3g} % of {total:,.0f} requests, by its weight "
        f"{weight_percent} %, which is no chance: {others}stick to a version (session affinity, "
        "long connections); those make chances look too small"
    )
