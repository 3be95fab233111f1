"""The bets on predictions: the canary's distribution against stable's at the same time.

Both answer the same callers, so that a difference is the model's. It is no proof that the model is
good where there is none: what lets a rollout go on is in `drift_verdict`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from serinus.evidence.bets import DRIFT
from serinus.evidence.counts import Counts
from serinus.evidence.drift import SHIFTS, log_drift_values
from serinus.evidence.questions import Answers, Questions
from serinus.evidence.slots import Shape, Slots, slots_of
from serinus.evidence.wealth import Nats

DIRECTIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftBets:
    """The bets on the distribution of predictions, each number an array over the batch."""

    events: int
    """How many edges, or categories, are counted."""
    tolerated: Nats
    """The difference of shares that is no reason to roll back."""
    dispersion: Nats

    @property
    def has_margin(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch is compared with stable: all are."""
        return np.ones_like(self.tolerated, dtype=bool)

    @property
    def has_limit(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch has a limit of its own: none has."""
        return np.zeros_like(self.tolerated, dtype=bool)

    @property
    def slots(self) -> Slots:
        """One bet, on every event, direction and shift."""
        return slots_of({DRIFT: Shape(1, self.events * DIRECTIONS * len(SHIFTS))})

    def minute(self, before: Counts, /) -> DriftMinute:
        """Return the bets on a minute, by what was counted before it."""
        return DriftMinute(bets=self, before=before)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftMinute:
    """The bets on a minute's distributions; nothing is told before stable is known."""

    bets: DriftBets
    before: Counts

    def weights(self, block: Counts, /) -> Nats:
        """Return how a stake is spread over the alternatives: evenly."""
        number = len(self.bets.slots.bets)
        return np.full((len(block.canary), number), 1 / max(1, number))

    def asked(self, _block: Counts, /) -> Questions:
        """Return what is asked of a block together with other bets: nothing."""
        return {}

    def log_values(self, block: Counts, _answers: Answers, /) -> Nats:
        """Return the log e-values of a block."""
        before = self.before
        values = log_drift_values(
            block.bad_canary,
            np.where(before.stable > 0, block.canary, 0.0),
            block.bad_stable,
            block.stable,
            known=(before.bad_stable + 0.5) / (before.stable[:, None] + 1),
            tolerated=self.bets.tolerated,
            dispersion=self.bets.dispersion,
        )
        return values.reshape(len(block.canary), -1)
