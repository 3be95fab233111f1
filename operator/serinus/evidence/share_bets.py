"""The bets on objectives that are shares: bad events among all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from serinus.evidence.bets import ALONE, BOUND, FLOOR, LIMIT, MARGIN, PROOFS, SHARE
from serinus.evidence.ceiling import LOWEST_CEILING, log_ceiling_values
from serinus.evidence.ceiling import MULTIPLES as ABOVE
from serinus.evidence.ceiling import WEIGHTS as ABOVE_WEIGHTS
from serinus.evidence.counts import Counts
from serinus.evidence.margins import MULTIPLES, SLACK, floor_of, tolerated_ratio, widened
from serinus.evidence.noninferiority import (
    WEIGHTS,
    log_values_below_bound,
    log_values_below_margin,
)
from serinus.evidence.share import log_share_values
from serinus.evidence.wealth import Nats

RATIOS = np.array((1.35, 1.8, 2.6, 4.5, 10.0, 50.0))
"""How much worse the canary may be: from hardly to hopelessly."""
RATIO_WEIGHTS = np.array((0.1, 0.25, 0.25, 0.2, 0.13, 0.07))
"""Most on what takes long to find; what is hopeless is found by any stake."""
EXPECTED_OF_MARGIN = 0.25
"""What stable's rate is taken for before anything of it is known, in margins; of a limit, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareBets:
    """The bets on shares: each number of an objective is an array over the batch."""

    margin: Nats
    """The smallest difference to stable that must not get through; NaN without one."""
    tolerance: Nats
    """A difference that is no reason to roll back."""
    limit: Nats
    """NaN without one."""
    dispersion: Nats
    """Squared coefficient of variation of a minute's own effect."""
    slack: Nats | None = None
    """How far beyond the limit is to be excluded; half of the limit by default."""
    proves: bool = True
    """Whether it is bet on, too, that a canary is good; who asks how bad it is does without."""

    @property
    def has_margin(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch is compared with stable."""
        return np.isfinite(self.margin)

    @property
    def has_limit(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch has a limit."""
        return np.isfinite(self.limit)

    @property
    def alternatives(self) -> Mapping[str, int]:
        """How many alternatives each bet has."""
        above = len(ABOVE)
        proofs = dict.fromkeys(PROOFS if self.proves else (), len(WEIGHTS))
        return {SHARE: len(RATIOS), FLOOR: above, LIMIT: above, ALONE: above, **proofs}

    def some(self, places: npt.NDArray[np.int64]) -> ShareBets:
        """Return the bets on some of the batch."""
        return replace(
            self,
            margin=self.margin[places],
            tolerance=self.tolerance[places],
            limit=self.limit[places],
            dispersion=self.dispersion[places],
            slack=None if self.slack is None else self.slack[places],
        )

    def weights(self, block: Counts, _before: Counts, /) -> dict[str, Nats]:
        """Return how a stake is spread over the alternatives of each bet."""
        share = np.broadcast_to(RATIO_WEIGHTS, (len(block.canary), len(RATIOS)))
        return common_weights(len(block.canary)) | {SHARE: share}

    def log_values(self, block: Counts, before: Counts) -> dict[str, Nats]:
        """Return the log e-values of a block, by what was counted before it."""
        margin, limit = np.nan_to_num(self.margin), np.nan_to_num(self.limit, nan=1.0)
        bad_canary, bad_stable = block.bad_canary[:, 0], block.bad_stable[:, 0]
        table = (bad_canary, block.canary, bad_stable, block.stable)
        floor = np.where(self.has_margin, floor_of(margin, self.tolerance), 1.0)
        alone = np.where(block.stable > 0, 0.0, block.canary)
        ceilings = log_ceiling_values(
            bad_canary[:, None],
            np.stack([block.canary, block.canary, alone], axis=-1),
            np.stack([floor, limit, limit], axis=-1),
            dispersion=self.dispersion[:, None],
        )
        return {
            SHARE: log_share_values(
                *table,
                RATIOS,
                tolerated_ratio=self._tolerated_ratio(block, before),
                dispersion=self.dispersion,
            ),
            FLOOR: ceilings[:, 0],
            LIMIT: ceilings[:, 1],
            ALONE: ceilings[:, 2],
            **(self._log_values_of_proofs(block, before) if self.proves else {}),
        }

    def _log_values_of_proofs(self, block: Counts, before: Counts) -> dict[str, Nats]:
        margin = np.nan_to_num(self.margin)
        table = (block.bad_canary[:, 0], block.canary, block.bad_stable[:, 0], block.stable)
        return {
            MARGIN: log_values_below_margin(
                *(each[:, None] for each in table),
                stable_rate=_rate(before, margin)[:, None],
                margin=widened(np.where(self.has_margin, margin, 1.0)),
                dispersion=self.dispersion[:, None],
            ),
            BOUND: self._log_values_below_bound(block, before),
        }

    def _tolerated_ratio(self, block: Counts, before: Counts) -> Nats:
        """By stable's rate before; in the first minute, by what both tracks show together.

        Whose the bad events are is asked given how many there are, so that may be used.
        """
        margin = np.where(self.has_margin, self.margin, 1.0)
        total = block.canary + block.stable
        bad = block.bad_canary[:, 0] + block.bad_stable[:, 0]
        tolerated = self.tolerance * block.canary
        pooled = rate_before(bad - tolerated, total, EXPECTED_OF_MARGIN * margin)
        rate = np.where(before.stable > 0, _rate(before, margin), np.maximum(0.0, pooled))
        return np.where(self.has_margin, tolerated_ratio(margin, self.tolerance, rate), 1.0)

    def _log_values_below_bound(self, block: Counts, before: Counts) -> Nats:
        limit = np.where(self.has_limit, np.maximum(self.limit, LOWEST_CEILING), 1.0)
        expected = np.minimum(limit, _rate(before, limit))
        return log_values_below_bound(
            block.bad_canary,
            block.canary[:, None],
            expected_rate=expected[:, None],
            bound=limit[:, None] + widened(SLACK * limit if self.slack is None else self.slack),
            dispersion=self.dispersion[:, None],
        )


def common_weights(batch: int) -> dict[str, Nats]:
    """Return how a stake is spread over ceilings and over proofs, whatever is counted."""
    ceilings = np.broadcast_to(ABOVE_WEIGHTS, (batch, len(ABOVE)))
    proofs = np.broadcast_to(WEIGHTS, (batch, len(MULTIPLES), len(WEIGHTS)))
    return {FLOOR: ceilings, LIMIT: ceilings, ALONE: ceilings, MARGIN: proofs, BOUND: proofs}


def rate_before(bad: Nats, total: Nats, expected: Nats) -> Nats:
    """Return a rate as it was known before, drawn to what is expected by half an event."""
    return (bad + 0.5) / (total + 0.5 / np.maximum(expected, LOWEST_CEILING))


def _rate(before: Counts, scale: Nats) -> Nats:
    return rate_before(before.bad_stable[:, 0], before.stable, EXPECTED_OF_MARGIN * scale)
