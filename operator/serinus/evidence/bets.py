"""Bets: the null hypotheses of an objective by name, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

from serinus.evidence.counts import Counts
from serinus.evidence.margins import MULTIPLES
from serinus.evidence.questions import Answers, Questions
from serinus.evidence.wealth import Nats, Units, all_in_cash, log_mean

SHARE = "share"
"""The canary's share of what is bad is no larger than its share of what there is."""
FLOOR = "floor"
"""The canary is not bad enough to be rolled back, however good stable is."""
LIMIT = "limit"
"""The canary holds its limit."""
ALONE = "alone"
"""The same, of minutes in which stable had no traffic to compare with, as at a weight of 100 %."""
NEAR = "near"
"""As `share`, of requests slower than a latency limit."""
DRIFT = "drift"
"""The canary's predictions are distributed as stable's are, but for what is tolerated."""
MARGIN = "margin"
"""The canary is worse than stable by so many margins."""
BOUND = "bound"
"""The canary is beyond its limit by so many times the slack."""

PART_ALONE = 0.1
"""Of the evidence on a limit, what is bet on minutes without stable."""
_LOG_PART_ALONE, _LOG_PART_COMPARED = np.log(PART_ALONE), np.log1p(-PART_ALONE)
PROOFS = (MARGIN, BOUND)
"""One bet for each multiple: what lets a rollout go on."""


class Bets(Protocol):
    """All bets on objectives of a kind, a batch of them at once."""

    @property
    def has_margin(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch is compared with stable."""

    @property
    def has_limit(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch has a limit."""

    @property
    def alternatives(self) -> Mapping[str, int]:
        """How many alternatives each bet has."""

    def weights(self, block: Counts, before: Counts, /) -> dict[str, Nats]:
        """Return how a stake is spread over the alternatives of each bet; none is zero.

        Of the block nothing may be used but what both tracks show together.
        """

    def asked(self, block: Counts, before: Counts, /) -> Questions:
        """Return what is asked of a block, by what was counted before it."""

    def log_values(self, block: Counts, before: Counts, answers: Answers, /) -> dict[str, Nats]:
        """Return the log e-values of a block, by the answers to what was asked."""


def unstaked(bets: Bets, batch: int) -> dict[str, Units]:
    """Return the wealth of each bet before the first block."""
    return {
        name: all_in_cash(*_shape(name, batch), alternatives=number)
        for name, number in bets.alternatives.items()
    }


def _shape(name: str, batch: int) -> tuple[int, ...]:
    return (batch, len(MULTIPLES)) if name in PROOFS else (batch,)


def log_against(bets: Bets, totals: Mapping[str, Nats]) -> Nats:
    """Return the logarithm of the evidence that the canary is bad: (batch,).

    The null hypothesis "not worse than stable, or below the floor" is a union, whose e-value is
    the smaller of two; so is "not worse than stable, or within the limit", which an outage of
    both tracks does not break. Where an objective has both a margin and a limit, the mean of
    both speaks.

    Args:
        bets: on what.
        totals: logarithm of all there is in each bet, by its name.
    """
    if DRIFT in totals:
        return totals[DRIFT]
    worse = np.minimum(totals[SHARE], totals[FLOOR])
    beyond = np.minimum(totals[NEAR if NEAR in totals else SHARE], totals[LIMIT])
    beyond = np.logaddexp(beyond + _LOG_PART_COMPARED, totals[ALONE] + _LOG_PART_ALONE)
    return log_mean(np.array((worse, beyond)).T, np.array((bets.has_margin, bets.has_limit)).T)


def log_within(bets: Bets, totals: Mapping[str, Nats]) -> Nats:
    """Return the logarithm of the evidence that so many margins are excluded: (batch, multiples).

    All that is asked for must be: an intersection-union test (Berger, Technometrics 1982), which
    spends no error rate twice. Nothing is where no proof is bet on.
    """
    if not totals.keys() & set(PROOFS):
        return np.zeros((len(bets.has_margin), len(MULTIPLES)))
    margin = np.where(bets.has_margin[:, None], totals[MARGIN], np.inf)
    bound = np.where(bets.has_limit[:, None], totals[BOUND], np.inf)
    return np.minimum(margin, bound)
