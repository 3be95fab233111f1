"""Dispersion: how much more counts vary from minute to minute than chance alone lets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from serinus.evidence.wealth import Nats

UNVERIFIED_DISPERSION = 0.25
"""Half as much again or half as few, from minute to minute, of each track on its own."""
UNVERIFIED_DIVISOR = 2.0
"""Of the false-rollback rate, while the dispersion is a guess."""
LEAST_DISPERSION = 0.002
"""A spread of 4.5 %: pods that differ by less are not told from equal ones by four hours."""
LEAST_BLOCKS = 15
CERTAIN_ERRORS = 2.0
"""So many standard errors tell a dispersion from the guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The past of pods split in two, minute by minute: (..., splits, minutes, batch).

    There may be several splits of the same pods, each of them with another part of the pods taken
    for a canary; they are evidence of the same minutes, and no more than that. Axes before them
    are other pasts, each on its own.
    """

    bad_canary: Nats
    """Bad events of the pods taken for a canary."""
    canary: Nats
    """All events of theirs."""
    bad_stable: Nats
    """Bad events of the other pods."""
    stable: Nats

    @classmethod
    def stacked(cls, several: Sequence[Split]) -> Split:
        """Return several pasts as one, of which the first axis is the past."""
        return cls(
            bad_canary=np.stack([each.bad_canary for each in several]),
            canary=np.stack([each.canary for each in several]),
            bad_stable=np.stack([each.bad_stable for each in several]),
            stable=np.stack([each.stable for each in several]),
        )

    @property
    def minutes(self) -> int:
        """How many there are."""
        return int(self.canary.shape[-2])

    def merged(self, length: int) -> Split:
        """Return blocks of so many minutes; what is left over at the end is left out."""
        return Split(
            bad_canary=_merged(self.bad_canary, length),
            canary=_merged(self.canary, length),
            bad_stable=_merged(self.bad_stable, length),
            stable=_merged(self.stable, length),
        )


def measured_dispersion(split: Split) -> Nats | None:
    """Return the dispersion of pods split at random in two, None of too little: (..., batch).

    With θ the pseudo-canary's share of what there is and m the bad events of both, (x - mθ)²
    exceeds the binomial mθ(1-θ) by v × m(m-1) × θ²(1-θ)² where minutes have effects of their own.
    v is estimated over all minutes, each weighted by what it tells, and a standard error is added,
    so that it is seldom too small; but no more than the guess that goes without a past, unless
    that is ruled out. Effects that last show in longer blocks, of which v times their length
    counts: only where it is larger than what minutes show by more than the errors of both, since
    few long blocks tell little, and the largest of many bounds is a bad one.
    """
    if split.minutes < LEAST_BLOCKS:
        return None
    estimate, error = _moments(split)
    of_minutes = estimate + error
    is_more = estimate - CERTAIN_ERRORS * error > UNVERIFIED_DISPERSION
    found = np.where(is_more, of_minutes, np.minimum(of_minutes, UNVERIFIED_DISPERSION))
    length = 2
    while split.minutes // length >= LEAST_BLOCKS:
        estimate, error = (length * each for each in _moments(split.merged(length)))
        lasts = estimate - error > of_minutes
        found = np.where(lasts, np.maximum(found, estimate + error), found)
        length *= 2
    return np.maximum(LEAST_DISPERSION, found)


def _moments(blocks: Split) -> tuple[Nats, Nats]:
    """Return the estimate and its standard error: by what blocks show, and by chance at least.

    Without any dispersion a block's excess has the variance 2 × (binomial)²; a few quiet blocks
    show less than that, and blocks without events nothing at all.
    """
    events, total = blocks.bad_canary + blocks.bad_stable, blocks.canary + blocks.stable
    share = blocks.canary / np.where(total > 0, total, 1.0)
    variance = share * (1 - share)
    tells = (events > 1) & (variance > 0)
    binomial = np.where(tells, events * variance, 1.0)
    per_unit = np.where(tells, events * (events - 1) * variance**2, 0.0)
    excess = ((blocks.bad_canary - events * share) ** 2 - binomial) * per_unit / binomial**2
    splits = np.maximum(1, np.count_nonzero(per_unit, axis=-3))
    of_blocks = np.sum(excess, axis=-3) / splits
    weights = np.sum((per_unit / binomial) ** 2, axis=-3) / splits
    weight = np.sum(weights, axis=-2)
    known = np.where(weight > 0, weight, 1.0)
    shown = np.sqrt(np.sum(of_blocks**2, axis=-2)) / known
    error = np.where(weight > 0, np.maximum(shown, np.sqrt(2 / known)), np.inf)
    return np.sum(of_blocks, axis=-2) / known, error


def _merged(minutes: Nats, length: int) -> Nats:
    *before, number, batch = minutes.shape
    whole = number // length
    blocks = minutes[..., : whole * length, :].reshape(*before, whole, length, batch)
    merged: Nats = blocks.sum(axis=-2)
    return merged
