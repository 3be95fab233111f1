"""The bets on objectives that are shares: bad events among all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from serinus.evidence.bets import ALONE, BOUND, FLOOR, LIMIT, MARGIN, SHARE, proofs
from serinus.evidence.ceiling import LOWEST_CEILING
from serinus.evidence.ceiling import MULTIPLES as ABOVE
from serinus.evidence.ceiling import WEIGHTS as ABOVE_WEIGHTS
from serinus.evidence.counts import Counts
from serinus.evidence.margins import MULTIPLES, SLACK, floor_of, tolerated_ratio, widened
from serinus.evidence.noninferiority import WEIGHTS
from serinus.evidence.questions import Answers, Question, Questions, Rows
from serinus.evidence.ratios import RATIOS, ratio_weights_at, ratios_at
from serinus.evidence.slots import Shape, Slots, slots_of
from serinus.evidence.wealth import Nats

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
    def slots(self) -> Slots:
        """Where the wealth of each bet is in a row."""
        above = dict.fromkeys((FLOOR, LIMIT, ALONE), Shape(1, len(ABOVE)))
        proven = proofs(len(WEIGHTS)) if self.proves else {}
        return slots_of({SHARE: Shape(1, len(RATIOS)), **above, **proven})

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

    def minute(self, before: Counts, /) -> ShareMinute:
        """Return the bets on a minute, by what was counted before it."""
        return ShareMinute(bets=self, before=before)

    @cached_property
    def weights(self) -> Nats:
        """How each stake is spread over its alternatives: (batch, alternatives)."""
        common = common_weights(len(self.dispersion))
        return self.slots.laid_out({**common, SHARE: ratio_weights_at(self.dispersion)})

    @cached_property
    def ratios(self) -> Nats:
        """How much worse the canary may be: (batch, ratios)."""
        return ratios_at(self.dispersion)

    @cached_property
    def terms(self) -> Terms:
        """What else follows from the objectives."""
        return _terms_of(self)


@dataclass(frozen=True, kw_only=True)
class ShareMinute:
    """The bets on a minute of shares, by what was counted before it."""

    bets: ShareBets
    before: Counts

    def weights(self, _block: Counts, /) -> Nats:
        """Return how each stake is spread over its alternatives, whatever is counted."""
        return self.bets.weights

    def asked(self, block: Counts, /) -> Questions:
        """Return what is asked of the minute so far."""
        bets, terms = self.bets, self.bets.terms
        bad_canary, bad_stable = block.bad_canary[:, 0], block.bad_stable[:, 0]
        table = (bad_canary, block.canary, bad_stable, block.stable)
        above = np.array((bad_canary, block.canary, bets.dispersion))
        whose = np.array((*table, self._tolerated_ratio(table), bets.dispersion))
        questions = {
            Question.WHOSE: Rows(whose, bets.ratios),
            Question.ABOVE: Rows(np.concatenate((above, above), axis=1), terms.ceilings),
        }
        if not bets.proves:
            return questions
        below = np.array((bad_canary, block.canary, self._expected, bets.dispersion))
        compared = np.array((*table, self._rate, bets.dispersion))
        return questions | {
            Question.MARGIN: Rows(compared, terms.margins),
            Question.BOUND: Rows(below, terms.bounds),
        }

    def log_values(self, block: Counts, answers: Answers, /) -> Nats:
        """Return the log e-value of each alternative by the answers: (batch, alternatives)."""
        batch = len(block.canary)
        floor, limit = answers[Question.ABOVE][:batch], answers[Question.ABOVE][batch:]
        values = {
            SHARE: answers[Question.WHOSE],
            FLOOR: floor,
            LIMIT: limit,
            ALONE: np.where(block.stable[:, None] > 0, 0.0, limit),
        }
        if self.bets.proves:
            values |= {MARGIN: answers[Question.MARGIN], BOUND: answers[Question.BOUND]}
        return self.bets.slots.laid_out(values)

    @cached_property
    def _rate(self) -> Nats:
        """Stable's, by what it is expected to be in margins."""
        return self._rate_drawn(self.bets.terms.drawn_to_margin)

    @cached_property
    def _expected(self) -> Nats:
        """The canary's, within its limit."""
        terms = self.bets.terms
        return np.minimum(terms.limit, self._rate_drawn(terms.drawn_to_limit))

    def _rate_drawn(self, drawn: Nats) -> Nats:
        rate: Nats = (self.before.bad_stable[:, 0] + HALF) / (self.before.stable + drawn)
        return rate

    @cached_property
    def _is_known(self) -> npt.NDArray[np.bool_]:
        return self.before.stable > 0

    @cached_property
    def _tolerated_before(self) -> Nats | None:
        """By stable's rate before, None where there is one of which nothing is known."""
        return self._tolerated_at(self._rate) if self._is_known.all() else None

    def _tolerated_ratio(self, table: Sequence[Nats]) -> Nats:
        """By stable's rate before; in the first minute, by what both tracks show together.

        Whose the bad events are is asked given how many there are, so that may be used.
        """
        if self._tolerated_before is not None:
            return self._tolerated_before
        bad_canary, canary, bad_stable, stable = table
        bad = bad_canary + bad_stable - self.bets.tolerance * canary
        pooled = (bad + HALF) / (canary + stable + self.bets.terms.drawn_to_margin)
        return self._tolerated_at(np.where(self._is_known, self._rate, np.maximum(0.0, pooled)))

    def _tolerated_at(self, rate: Nats) -> Nats:
        ratio = tolerated_ratio(self.bets.terms.margin, self.bets.tolerance, rate)
        return np.where(self.bets.has_margin, ratio, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
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


def _terms_of(bets: ShareBets) -> Terms:
    has_margin, has_limit = bets.has_margin, bets.has_limit
    margin = np.where(has_margin, bets.margin, 1.0)
    limit = np.where(has_limit, np.maximum(bets.limit, LOWEST_CEILING), 1.0)
    floor = np.where(has_margin, floor_of(margin, bets.tolerance), 1.0)
    ceilings = np.concatenate((floor, np.where(has_limit, bets.limit, 1.0)))
    slack = SLACK * limit if bets.slack is None else bets.slack
    return Terms(
        margin=margin,
        limit=limit,
        ceilings=ceilings[:, None],
        margins=widened(margin),
        bounds=limit[:, None] + widened(slack),
        drawn_to_margin=drawn_to(EXPECTED_OF_MARGIN * margin),
        drawn_to_limit=drawn_to(EXPECTED_OF_MARGIN * limit),
    )


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
