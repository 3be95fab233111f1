"""How much counts vary, as a rollout would have measured it on the hours before it began."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from serinus.evidence.variation import GUESSED, measured_variation
from serinus.evidence.wealth import Nats
from serinus.observe.minutes import SHARE, PodMinutes, split_in_two
from serinus.observe.past import MOST_PODS, PAST_SECONDS
from serinus.replay.counters import MINUTE_SECONDS
from serinus.replay.frames import Frames
from serinus.replay.pseudo import Split

BEFORE = round(PAST_SECONDS / MINUTE_SECONDS)


def dispersions(frames: Frames, those: Sequence[Split]) -> Nats:
    """Return the dispersion that each pseudo-rollout's bets rest on: (pseudo-rollouts,)."""
    if frames.are_outcomes:
        return np.full(len(those), GUESSED.dispersion)

    @cache
    def before(first_minute: int, rows: tuple[int, ...]) -> float:
        return _measured(frames, first_minute, rows)

    return np.array([before(each.first_minute, tuple(sorted(each.pods))) for each in those])


def _measured(frames: Frames, first_minute: int, rows: tuple[int, ...]) -> float:
    minutes = slice(max(0, first_minute - BEFORE), first_minute)
    pods = list(rows[:MOST_PODS])
    total = np.nan_to_num(frames.total[pods, minutes])
    bad = np.nan_to_num(frames.bad[pods, minutes])
    split, counting = split_in_two(
        [
            PodMinutes(total=each, bad=_by_kind(frames, each, bads.T))
            for each, bads in zip(total, bad, strict=True)
        ]
    )
    if split is None or not split.bad_canary.size:
        return GUESSED.dispersion
    return measured_variation(split, counting).dispersion


def _by_kind(frames: Frames, total: Nats, bad: Nats) -> dict[float, Nats]:
    """As `observe.minutes` has it: of a distribution, each event and what it leaves."""
    if frames.bins:
        return dict(enumerate(np.concatenate([bad, total - bad])))
    return dict(zip(frames.edges or SHARE, bad, strict=True))
