"""The bets on predictions: the canary's distribution against stable's at the same time.

Both answer the same callers, so that a difference is the model's. It is no proof that the model is
good where there is none: what lets a rollout go on is in `drift_verdict`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from serinus.evidence.bets import DRIFT
from serinus.evidence.counts import Counts
from serinus.evidence.drift import SHIFTS, log_drift_values
from serinus.evidence.questions import Answers, Questions
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
    def alternatives(self) -> Mapping[str, int]:
        """How many alternatives there are: every event, direction and shift."""
        return {DRIFT: self.events * DIRECTIONS * len(SHIFTS)}

    def weights(self, block: Counts, _before: Counts, /) -> dict[str, Nats]:
        """Return how a stake is spread over the alternatives: evenly."""
        number = self.alternatives[DRIFT]
        return {DRIFT: np.full((len(block.canary), number), 1 / max(1, number))}

    def asked(self, _block: Counts, _before: Counts, /) -> Questions:
        """Return what is asked of a block together with other bets: nothing."""
        return {}

    def log_values(self, block: Counts, before: Counts, _answers: Answers, /) -> dict[str, Nats]:
        """Return the log e-values of a block; nothing is told before stable is known."""
        known = (before.bad_stable + 0.5) / (before.stable[:, None] + 1)
        values = log_drift_values(
            block.bad_canary,
            np.where(before.stable > 0, block.canary, 0.0),
            block.bad_stable,
            block.stable,
            known=known,
            tolerated=self.tolerated,
            dispersion=self.dispersion,
        )
        return {DRIFT: values.reshape(len(block.canary), -1)}
