"""How much counts vary, as a rollout would have measured it on the hours before it began."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from serinus.evidence.dispersion import Split as Halves
from serinus.evidence.latency_bets import TAIL_COMPARED
from serinus.evidence.variation import GUESSED, measured_variation
from serinus.evidence.wealth import Nats
from serinus.observe.minutes import CANARY_PART
from serinus.observe.past import MOST_PODS, PAST_SECONDS
from serinus.replay.frames import MINUTE_SECONDS, Frames
from serinus.replay.pseudo import Split

BEFORE = round(PAST_SECONDS / MINUTE_SECONDS)


def dispersions(frames: Frames, those: Sequence[Split]) -> Nats:
    """Return the dispersion that each pseudo-rollout's bets rest on: (pseudo-rollouts,)."""

    @cache
    def before(first_minute: int, rows: tuple[int, ...]) -> float:
        return _measured(frames, first_minute, rows)

    return np.array([before(each.first_minute, tuple(sorted(each.pods))) for each in those])


def _measured(frames: Frames, first_minute: int, rows: tuple[int, ...]) -> float:
    minutes = slice(max(0, first_minute - BEFORE), first_minute)
    pods = list(rows[:MOST_PODS])
    total = np.nan_to_num(frames.total[pods, minutes])
    bad = np.nan_to_num(frames.bad[pods, minutes])
    if frames.edges:
        tails, (low, high) = bad.sum(axis=(0, 1)), TAIL_COMPARED
        bad = bad[:, :, (tails >= low * total.sum()) & (tails <= high * total.sum())]
    if not total.size or not bad.size:
        return GUESSED.dispersion
    size = max(1, round(CANARY_PART * len(pods)))
    groups = [slice(i, i + size) for i in range(0, len(pods) - size + 1, size)]
    canary = np.stack([total[each].sum(axis=0) for each in groups])[:, :, None]
    bad_canary = np.stack([bad[each].sum(axis=0) for each in groups])
    halves = Halves(
        bad_canary=bad_canary,
        canary=np.broadcast_to(canary, bad_canary.shape),
        bad_stable=bad.sum(axis=0) - bad_canary,
        stable=np.broadcast_to(total.sum(axis=0)[:, None] - canary, bad_canary.shape),
    )
    return measured_variation(halves, len(pods)).dispersion
