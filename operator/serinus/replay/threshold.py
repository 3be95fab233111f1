"""The threshold of a rollback, set by how far evidence went where nothing was wrong.

An e-process is valid for the noise it was told of. Production has more of it: bursts that hit one
pod only, effects that last. A rollout of a good canary is one more of the pseudo-rollouts that
stable's own past is made of, so the chance that its evidence goes beyond the k-th largest of m
running maxima is about k/(m+1) (exchangeability; Vovk, Gammerman & Shafer 2005).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log

import numpy as np

from serinus.evidence.bets import Bets
from serinus.evidence.counts import Counts, most_bad
from serinus.evidence.sequential import LEAST_BAD_EVENTS
from serinus.evidence.stakes import begun, counted, evidence_against
from serinus.evidence.wealth import Nats

SPENT = 0.5
"""Of the false-rollback rate, what the rank of the threshold may cost.

Pseudo-rollouts of one hour resemble each other, rollouts are looked at more often than once a
minute, and the past is not the future.
"""


def evidence_by_look(
    bets: Bets, looks: Sequence[Counts], begins_step: Sequence[bool], kinds: int = 1
) -> Nats:
    """Return the logarithm of the evidence against each canary at each look: (looks, batch).

    Args:
        bets: on one objective, a place in the batch for each rollout.
        looks: counts of one minute each.
        begins_step: whether a look is the first of a step, the first look of all left out.
        kinds: of bad events: the edges of a histogram, one for a share.
    """
    batch = len(looks[0].canary)
    stakes = begun(bets, batch, kinds)
    found = np.empty((len(looks), batch))
    for number, counts in enumerate(looks):
        stakes = counted(
            bets,
            stakes,
            counts,
            np.full(batch, number > 0),
            np.full(batch, begins_step[number]),
        )
        bad = most_bad(stakes.before, stakes.open)
        against = evidence_against(bets, stakes)
        found[number] = np.where(bad >= LEAST_BAD_EVENTS, against, np.minimum(0.0, against))
    return found


def log_threshold(maxima: Nats, false_rollback_rate: float, saved: float = 0.0) -> Nats:
    """Return the logarithm of the evidence that a rollback takes, over the last axis of maxima.

    Never less than what the false-rollback rate asks for by itself, less what is saved where the
    duration is known.
    """
    rank = rank_of(maxima.shape[-1], false_rollback_rate)
    ordered = np.sort(maxima, axis=-1)
    return np.maximum(-log(false_rollback_rate) - saved, ordered[..., -rank])


def rank_of(rollouts: int, false_rollback_rate: float) -> int:
    """Return which of the largest maxima the threshold is, the largest being the first."""
    return max(1, rollouts + 1 - ceil((1 - SPENT * false_rollback_rate) * (rollouts + 1)))
