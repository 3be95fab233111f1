"""The bets on objectives that are shares: bad events among all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from serinus.evidence.bets import ALONE, BOUND, FLOOR, LIMIT, MARGIN, PROOFS, SHARE
from serinus.evidence.ceiling import LOWEST_CEILING
from serinus.evidence.ceiling import MULTIPLES as ABOVE
from serinus.evidence.ceiling import WEIGHTS as ABOVE_WEIGHTS
from serinus.evidence.counts import Counts
from serinus.evidence.margins import MULTIPLES, SLACK, floor_of, tolerated_ratio, widened
from serinus.evidence.noninferiority import WEIGHTS
from serinus.evidence.questions import Answers, Question, Questions, Rows
from serinus.evidence.wealth import Nats

RATIOS = np.array((1.35, 1.8, 2.6, 4.5, 10.0, 50.0))
"""How much worse the canary may be: from hardly to hopelessly.

Accounts hold a number for each, so that others are another `ledger.STAKES_FORMAT`.
"""
RATIO_WEIGHTS = np.array((0.1, 0.25, 0.25, 0.2, 0.13, 0.07))
"""Most on what takes long to find; what is hopeless is found by any stake."""
CALM_RATIOS = np.array((1.15, 1.35, 1.8, 2.6, 4.5, 10.0))
"""The same where minutes are so much alike that a small regression shows; hopeless ones do."""
CALM_RATIO_WEIGHTS = np.array((0.1, 0.1, 0.2, 0.25, 0.2, 0.15))
CALM_DISPERSION = 0.1
"""At more a bet on 1.15 gains nothing, and from 0.2 on its mean is above one in the calmest."""
EXPECTED_OF_MARGIN = 0.25
"""What stable's rate is taken for before anything of it is known, in margins; of a limit, too."""
HALF = 0.5
"""Of a bad event: what a rate is drawn to it by."""


@dataclass(frozen=True, kw_only=True)
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

    @cached_property
    def has_margin(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch is compared with stable."""
        return np.isfinite(self.margin)

    @cached_property
    def has_limit(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch has a limit."""
        return np.isfinite(self.limit)

    @cached_property
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
        return {**common_weights(len(block.canary)), SHARE: self._ratio_weights}

    def asked(self, block: Counts, before: Counts) -> Questions:
        """Return what is asked of a block, by what was counted before it."""
        bad_canary, bad_stable = block.bad_canary[:, 0], block.bad_stable[:, 0]
        table = (bad_canary, block.canary, bad_stable, block.stable)
        rate = (before.bad_stable[:, 0] + HALF) / (before.stable + self._terms.drawn_to_margin)
        tolerated = self._tolerated_ratio(table, before, rate)
        above = np.array((bad_canary, block.canary, self.dispersion))
        questions = {
            Question.WHOSE: Rows(np.array((*table, tolerated, self.dispersion)), self._ratios),
            Question.ABOVE: Rows(np.concatenate((above, above), axis=1), self._terms.ceilings),
        }
        if not self.proves:
            return questions
        of_limit = (before.bad_stable[:, 0] + HALF) / (before.stable + self._terms.drawn_to_limit)
        expected = np.minimum(self._terms.limit, of_limit)
        below = np.array((bad_canary, block.canary, expected, self.dispersion))
        return questions | {
            Question.MARGIN: Rows(np.array((*table, rate, self.dispersion)), self._terms.margins),
            Question.BOUND: Rows(below, self._terms.bounds),
        }

    def log_values(self, block: Counts, _before: Counts, answers: Answers, /) -> dict[str, Nats]:
        """Return the log e-values of a block by the answers to what was asked."""
        batch = len(block.canary)
        floor, limit = answers[Question.ABOVE][:batch], answers[Question.ABOVE][batch:]
        values = {
            SHARE: answers[Question.WHOSE],
            FLOOR: floor,
            LIMIT: limit,
            ALONE: np.where(block.stable[:, None] > 0, 0.0, limit),
        }
        if self.proves:
            values |= {MARGIN: answers[Question.MARGIN], BOUND: answers[Question.BOUND]}
        return values

    @cached_property
    def _ratio_weights(self) -> Nats:
        return ratio_weights_at(self.dispersion)

    @cached_property
    def _ratios(self) -> Nats:
        return ratios_at(self.dispersion)

    @cached_property
    def _terms(self) -> _Terms:
        return _terms_of(self)

    def _tolerated_ratio(self, table: Sequence[Nats], before: Counts, rate: Nats) -> Nats:
        """By stable's rate before; in the first minute, by what both tracks show together.

        Whose the bad events are is asked given how many there are, so that may be used.
        """
        bad_canary, canary, bad_stable, stable = table
        terms, bad = self._terms, bad_canary + bad_stable - self.tolerance * canary
        pooled = (bad + HALF) / (canary + stable + terms.drawn_to_margin)
        known = np.where(before.stable > 0, rate, np.maximum(0.0, pooled))
        ratio = tolerated_ratio(terms.margin, self.tolerance, known)
        return np.where(self.has_margin, ratio, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What follows from the objectives alone."""

    margin: Nats
    limit: Nats
    """One, which excludes nothing, where there is none."""
    ceilings: Nats
    """All floors, then all limits: (2 × batch, 1)."""
    margins: Nats
    bounds: Nats
    drawn_to_margin: Nats
    drawn_to_limit: Nats
    """See `rate_before`, of stable by what is expected before anything is known."""


def _terms_of(bets: ShareBets) -> _Terms:
    has_margin, has_limit = bets.has_margin, bets.has_limit
    margin = np.where(has_margin, bets.margin, 1.0)
    limit = np.where(has_limit, np.maximum(bets.limit, LOWEST_CEILING), 1.0)
    floor = np.where(has_margin, floor_of(margin, bets.tolerance), 1.0)
    ceilings = np.concatenate((floor, np.where(has_limit, bets.limit, 1.0)))
    slack = SLACK * limit if bets.slack is None else bets.slack
    return _Terms(
        margin=margin,
        limit=limit,
        ceilings=ceilings[:, None],
        margins=widened(margin),
        bounds=limit[:, None] + widened(slack),
        drawn_to_margin=drawn_to(EXPECTED_OF_MARGIN * margin),
        drawn_to_limit=drawn_to(EXPECTED_OF_MARGIN * limit),
    )


def ratios_at(dispersion: Nats) -> Nats:
    """Return the ratios bet on where counts vary so much: (batch, alternatives)."""
    return np.where(_is_calm(dispersion), CALM_RATIOS, RATIOS)


def ratio_weights_at(dispersion: Nats) -> Nats:
    """Return how a stake is spread over them: (batch, alternatives)."""
    return np.where(_is_calm(dispersion), CALM_RATIO_WEIGHTS, RATIO_WEIGHTS)


def _is_calm(dispersion: Nats) -> npt.NDArray[np.bool_]:
    return np.asarray(dispersion <= CALM_DISPERSION)[..., None]


@lru_cache(maxsize=16)
def common_weights(batch: int) -> Mapping[str, Nats]:
    """Return how a stake is spread over ceilings and over proofs, whatever is counted."""
    ceilings = np.broadcast_to(ABOVE_WEIGHTS, (batch, len(ABOVE)))
    proofs = np.broadcast_to(WEIGHTS, (batch, len(MULTIPLES), len(WEIGHTS)))
    return MappingProxyType(
        {FLOOR: ceilings, LIMIT: ceilings, ALONE: ceilings, MARGIN: proofs, BOUND: proofs}
    )


def drawn_to(expected: Nats) -> Nats:
    """Return among how many events half of one is expected to be bad."""
    return HALF / np.maximum(expected, LOWEST_CEILING)


def rate_before(bad: Nats, total: Nats, expected: Nats) -> Nats:
    """Return a rate as it was known before, drawn to what is expected by half an event."""
    return (bad + HALF) / (total + drawn_to(expected))
