"""Does the canary get the part of the requests that its weight says, by routing and counting.

A canary that drops requests before it counts them shows up nowhere else. It is told and no more:
callers that do not come by the route, such as those inside the cluster, are no fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import isfinite, log

import numpy as np

from serinus.evidence.block import Block
from serinus.evidence.settling import grown, invested
from serinus.evidence.share import log_share_values
from serinus.evidence.slots import Shape, slots_of
from serinus.evidence.wealth import Nats, Units, log_total

RATIOS = np.array((1.5, 2.5, 5.0, 20.0))
"""Of the odds, beyond what is tolerated, in either direction."""
TOLERATED_RATIO = 1.25
"""Connections are kept open and weights are rounded."""
DISPERSION = 0.25
"""Of a look; requests come in bursts, by connection."""
INVESTED = 0.1
ENOUGH = log(1000)
_SLOTS = slots_of({"mismatch": Shape(1, 2 * len(RATIOS))})
_EVEN = np.full((1, 2 * len(RATIOS)), 0.5 / len(RATIOS))


def log_mismatch_values(canary: Nats, stable: Nats, weight: Nats) -> Nats:
    """Return log e-values against "the canary gets its weight", of too many and of too few.

    As Lindon & Malek (arXiv 2011.03567) test a sample ratio: the requests are the events, and
    what they are expected to be shared out by is the weight, between 0 and 1.
    """
    tolerated, dispersion = np.full_like(weight, TOLERATED_RATIO), np.full_like(weight, DISPERSION)
    many, few = (
        log_share_values(*those, RATIOS, tolerated_ratio=tolerated, dispersion=dispersion)
        for those in ((canary, weight, stable, 1 - weight), (stable, 1 - weight, canary, weight))
    )
    return np.concatenate([many, few], axis=-1)


def compared(wealth: Sequence[int], blocks: Iterable[Block], weight_percent: int) -> list[int]:
    """Return what the bets on a mismatch have come to, after blocks of one weight."""
    held: Units = np.array([wealth], dtype=np.int64) if wealth else _SLOTS.in_cash(1)
    for block in blocks:
        numbers = (block.canary.total, block.stable.total)
        if not 0 < weight_percent < 100 or not all(isfinite(n) and n >= 0 for n in numbers):
            continue
        canary, stable, weight = (
            np.array([each], dtype=float) for each in (*numbers, weight_percent / 100)
        )
        held = invested(_SLOTS, held, np.array([[INVESTED]]), _EVEN)
        held = grown(_SLOTS, held, log_mismatch_values(canary, stable, weight))
    found: list[int] = held[0].tolist()
    return found


def told_mismatch(
    wealth: Sequence[int],
    blocks: Sequence[Block],
    weight_percent: int,
    step_entered_at: datetime | None,
) -> str:
    """Return what to tell of it, "" where the canary gets what it should."""
    if not wealth or float(log_total(np.array([wealth], dtype=np.int64))[0]) < ENOUGH:
        return ""
    step = [each for each in blocks if step_entered_at is None or each.since >= step_entered_at]
    canary, stable = (
        sum(total for total in totals if isfinite(total))
        for totals in ([b.canary.total for b in step], [b.stable.total for b in step])
    )
    if canary + stable <= 0:
        return ""
    percent = 100 * canary / (canary + stable)
    return f"the canary gets {percent:.3g} % of the requests, by its weight {weight_percent} %"
