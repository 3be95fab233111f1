"""Bets: the null hypotheses of an objective by name, and what they say together."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from serinus.evidence.counts import Counts
from serinus.evidence.margins import MULTIPLES
from serinus.evidence.questions import Answers, Questions
from serinus.evidence.slots import Shape, Slots
from serinus.evidence.wealth import Nats, log_mean

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


class Minute(Protocol):
    """All bets on a minute: what they take from the minutes before is the same at each look."""

    def weights(self, block: Counts, /) -> Nats:
        """Return how each stake is spread over its alternatives: (batch, alternatives).

        Of the block nothing may be used but what both tracks show together.
        """

    def asked(self, block: Counts, /) -> Questions:
        """Return what is asked of the minute so far."""

    def log_values(self, block: Counts, answers: Answers, /) -> Nats:
        """Return the log e-value of each alternative by the answers: (batch, alternatives)."""


class Bets(Protocol):
    """All bets on objectives of a kind, a batch of them at once."""

    @property
    def has_margin(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch is compared with stable."""

    @property
    def has_limit(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch has a limit."""

    @property
    def slots(self) -> Slots:
        """Where the wealth of each bet is in a row."""

    def minute(self, before: Counts, /) -> Minute:
        """Return the bets on a minute, by what was counted before it."""


def proofs(alternatives: int) -> dict[str, Shape]:
    """Return the shapes of the bets that let a rollout go on."""
    return dict.fromkeys(PROOFS, Shape(len(MULTIPLES), alternatives))


def log_against(bets: Bets, totals: Nats) -> Nats:
    """Return the logarithm of the evidence that the canary is bad: (batch,).

    The null hypothesis "not worse than stable, or below the floor" is a union, whose e-value is
    the smaller of two; so is "not worse than stable, or within the limit", which an outage of
    both tracks does not break. Where an objective has both a margin and a limit, the mean of
    both speaks.

    Args:
        bets: on what.
        totals: logarithm of all there is in each wealth: (batch, wealths).
    """
    of = {name: totals[:, place.start] for name, place in bets.slots.totals_of.items()}
    if DRIFT in of:
        return of[DRIFT]
    worse = np.minimum(of[SHARE], of[FLOOR])
    beyond = np.minimum(of[NEAR if NEAR in of else SHARE], of[LIMIT])
    beyond = np.logaddexp(beyond + _LOG_PART_COMPARED, of[ALONE] + _LOG_PART_ALONE)
    return log_mean(np.array((worse, beyond)).T, np.array((bets.has_margin, bets.has_limit)).T)


def log_within(bets: Bets, totals: Nats) -> Nats:
    """Return the logarithm of the evidence that so many margins are excluded: (batch, multiples).

    All that is asked for must be: an intersection-union test (Berger, Technometrics 1982), which
    spends no error rate twice. Nothing is where no proof is bet on.
    """
    places = bets.slots.totals_of
    if MARGIN not in places:
        return np.zeros((len(totals), len(MULTIPLES)))
    margin = np.where(bets.has_margin[:, None], totals[:, places[MARGIN]], np.inf)
    bound = np.where(bets.has_limit[:, None], totals[:, places[BOUND]], np.inf)
    return np.minimum(margin, bound)
