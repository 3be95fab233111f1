"""How much counts vary, as a rollout would have measured it on the hours before it began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from serinus.evidence.dispersion import Split as Halves
from serinus.evidence.variation import GUESSED, measured_dispersions
from serinus.evidence.wealth import Nats
from serinus.observe.minutes import SHARE, PodMinutes, split_in_two
from serinus.observe.past import MOST_PODS, PAST_SECONDS
from serinus.replay.counters import MINUTE_SECONDS
from serinus.replay.frames import Frames
from serinus.replay.pseudo import Split

BEFORE = round(PAST_SECONDS / MINUTE_SECONDS)
AT_ONCE = 24
"""Pasts measured together: of all of them the arrays would take more memory than all the rest."""

Window = tuple[int, tuple[int, ...]]
"""The first minute of a pseudo-rollout, and the rows of the pods that are looked at before it."""


def dispersions(frames: Frames, those: Sequence[Split]) -> Nats:
    """Return the dispersion that each pseudo-rollout's bets rest on: (pseudo-rollouts,)."""
    if frames.are_outcomes:
        return np.full(len(those), GUESSED.dispersion)
    windows = [(each.first_minute, tuple(sorted(each.pods)[:MOST_PODS])) for each in those]
    frames = replace(frames, total=np.nan_to_num(frames.total), bad=np.nan_to_num(frames.bad))
    distinct = tuple(dict.fromkeys(windows))
    found: dict[Window, float] = {}
    for first in range(0, len(distinct), AT_ONCE):
        found |= _measured(frames, distinct[first : first + AT_ONCE])
    return np.array([found[window] for window in windows])


def _measured(frames: Frames, windows: Sequence[Window]) -> dict[Window, float]:
    """Those whose pasts have as many minutes, groups and edges are measured at once."""
    alike: dict[tuple[int, ...], dict[Window, Halves]] = {}
    for window in windows:
        halves = _halves(frames, *window)
        if halves is not None:
            alike.setdefault(halves.canary.shape, {})[window] = halves
    found = dict.fromkeys(windows, GUESSED.dispersion)
    for several in alike.values():
        measured = measured_dispersions(Halves.stacked(tuple(several.values())))
        found |= dict(zip(several, measured.tolist(), strict=True))
    return found


def _halves(frames: Frames, first_minute: int, rows: tuple[int, ...]) -> Halves | None:
    minutes = slice(max(0, first_minute - BEFORE), first_minute)
    total, bad = (each[list(rows), minutes] for each in (frames.total, frames.bad))
    halves, _ = split_in_two(
        [
            PodMinutes(total=each, bad=_by_kind(frames, each, bads.T))
            for each, bads in zip(total, bad, strict=True)
        ]
    )
    return halves


def _by_kind(frames: Frames, total: Nats, bad: Nats) -> dict[float, Nats]:
    """As `observe.minutes` has it: of a distribution, each event and what it leaves."""
    if frames.bins:
        return dict(enumerate(np.concatenate([bad, total - bad])))
    return dict(zip(frames.edges or SHARE, bad, strict=True))
