"""Stakes: what all bets on a batch of objectives stand at, up to the last closed minute.

It is all that the verdict remembers, in whole numbers: a restart at any look continues with the
same bits. Every function takes a batch, be it the objectives of a look or simulated rollouts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from serinus.evidence.bets import Bets, Minute, log_against, log_within
from serinus.evidence.counts import Counts
from serinus.evidence.questions import Answers, answered
from serinus.evidence.settling import grown, invested
from serinus.evidence.slots import Slots
from serinus.evidence.wealth import Nats, Units

INVESTED_AT_FIRST = (0.95, 0.5)
"""Of the cash, in each of the first minutes: most canaries that are bad are so from the start."""
PROVEN_AT_FIRST = (0.9, 0.5)
"""The same for proofs: a good canary mostly is a good one from the beginning."""
INVESTED_ON_A_STEP = 0.5
"""A step may change everything."""
INVESTED_LATER = 0.02
_INVESTED = np.array(
    [
        [(*at_first, INVESTED_LATER), (*at_first, INVESTED_ON_A_STEP)]
        for at_first in (INVESTED_AT_FIRST, PROVEN_AT_FIRST)
    ]
)
"""Of the cash, by whether it is a proof, by whether a step begins, by the minute."""

Flags = npt.NDArray[np.bool_]


class Opened(NamedTuple):
    """What the looks of one minute have in common: its bets are made once."""

    minute: Minute
    weights: Nats
    """By which the cash was spread: (batch, alternatives)."""
    invested: Units
    """The wealth after that: (batch, slots)."""
    is_counted: bool
    """Whether all of the batch have counted something; before that nothing is bet."""

    def holds(self, weights: Nats) -> bool:
        """Return whether these bets are the ones of another look, too."""
        is_same = weights is self.weights or np.array_equal(weights, self.weights)
        return self.is_counted and is_same


class Outcome(NamedTuple):
    """What the bets come to if the open minute is over: follows from all else."""

    opened: Opened
    wealth: Units
    """At its end: (batch, slots)."""
    totals: Nats
    """Logarithms of all of it, of each wealth: (batch, wealths)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """The bets on a batch of objectives, and the minute of each that is not closed yet."""

    slots: Slots
    minutes: Units
    """How many have been closed."""
    before: Counts
    """What both tracks showed in all of them."""
    wealth: Units
    """At the end of the last of them: (batch, slots)."""
    open: Counts
    is_new_step: Flags
    """Whether the open minute is the first of a step."""
    opened: Opened | None = None
    """Of an earlier look in the open minute."""
    outcome: Outcome | None = None
    """None until it is worked out."""

    @property
    def closed(self) -> Mapping[str, Units]:
        """Wealth at the end of the last closed minute, by the bet's name."""
        return self.slots.named(self.wealth)

    @property
    def settled(self) -> Mapping[str, Units]:
        """Wealth as if the open minute were over, by the bet's name; nothing until worked out."""
        return self.slots.named(self.outcome.wealth) if self.outcome else {}


def begun(bets: Bets, batch: int, kinds: int = 1) -> Stakes:
    """Return the stakes on a batch of objectives before the first block.

    Args:
        bets: on what.
        batch: how many objectives, or rollouts.
        kinds: of bad events: the edges of a latency histogram, one for a share.
    """
    nothing = Counts.none(batch, kinds)
    return Stakes(
        slots=bets.slots,
        minutes=np.zeros(batch, dtype=np.int64),
        before=nothing,
        wealth=bets.slots.in_cash(batch),
        open=nothing,
        is_new_step=np.zeros(batch, dtype=bool),
    )


def counted(
    bets: Bets, stakes: Stakes, block: Counts, begins_minute: Flags, begins_step: Flags
) -> Stakes:
    """Return the stakes with a block counted, and what they come to by now.

    Args:
        bets: on what.
        stakes: up to the block before.
        block: what was counted of both tracks since; zeros where there was nothing.
        begins_minute: where the open minute is over and the block the first of another.
        begins_step: where the weight has changed since, which ends a minute as well.
    """
    return worked_out([bets], [extended(bets, stakes, block, begins_minute, begins_step)])[0]


def extended(
    bets: Bets, stakes: Stakes, block: Counts, begins_minute: Flags, begins_step: Flags
) -> Stakes:
    """Return the stakes with a block counted, as `counted` does, but not worked out."""
    ends = begins_minute | begins_step
    if not ends.any():
        return Stakes(
            slots=stakes.slots,
            minutes=stakes.minutes,
            before=stakes.before,
            wealth=stakes.wealth,
            open=stakes.open + block,
            is_new_step=stakes.is_new_step,
            opened=stakes.outcome.opened if stakes.outcome else None,
        )
    outcome = _outcome_of(bets, stakes)
    fresh = Counts.none(len(ends), block.bad_canary.shape[1])
    return Stakes(
        slots=stakes.slots,
        minutes=stakes.minutes + (ends & _has_counted(stakes.open)),
        before=stakes.before + stakes.open.where(ends, fresh),
        wealth=np.where(ends[:, None], outcome.wealth, stakes.wealth),
        open=fresh.where(ends, stakes.open) + block,
        is_new_step=np.where(ends, begins_step, stakes.is_new_step),
    )


def worked_out(bets: Sequence[Bets], several: Sequence[Stakes]) -> list[Stakes]:
    """Return several stakes, each on bets of its own, with what they come to by now."""
    if all(stakes.outcome for stakes in several):
        return list(several)
    outcomes = _outcomes(bets, several)
    return [replace(each, outcome=come) for each, come in zip(several, outcomes, strict=True)]


def _outcome_of(bets: Bets, stakes: Stakes) -> Outcome:
    return stakes.outcome or _outcomes([bets], [stakes])[0]


def _outcomes(bets: Sequence[Bets], several: Sequence[Stakes]) -> list[Outcome]:
    minutes = [
        stakes.opened.minute if stakes.opened else each.minute(stakes.before)
        for each, stakes in zip(bets, several, strict=True)
    ]
    both = tuple(zip(minutes, several, strict=True))
    answers = answered([minute.asked(stakes.open) for minute, stakes in both])
    return [_outcome(*each, those) for each, those in zip(both, answers, strict=True)]


def _outcome(minute: Minute, stakes: Stakes, answers: Answers) -> Outcome:
    weights, opened = minute.weights(stakes.open), stakes.opened
    if opened is None or not opened.holds(weights):
        opened = _opened(minute, stakes, weights)
    log_values = minute.log_values(stakes.open, answers)
    wealth = grown(stakes.slots, opened.invested, log_values)
    return Outcome(opened, wealth, stakes.slots.log_totals(wealth))


def _opened(minute: Minute, stakes: Stakes, weights: Nats) -> Opened:
    slots, share = stakes.slots, _shares(stakes)
    after = invested(slots, stakes.wealth, share, weights)
    return Opened(minute, weights, after, is_counted=bool(share.all()))


def _shares(stakes: Stakes) -> Nats:
    """Return the share of the cash that is bet in the open minute: (batch, wealths)."""
    minute = np.minimum(stakes.minutes, len(INVESTED_AT_FIRST))[:, None]
    is_new_step = stakes.is_new_step.astype(np.int64)[:, None]
    shares = _INVESTED[stakes.slots.are_several, is_new_step, minute]
    return np.where(_has_counted(stakes.open)[:, None], shares, 0.0)


def stacked(several: Sequence[Stakes]) -> Stakes:
    """Return the stakes of several batches on bets of the same kind as one batch."""
    return Stakes(
        slots=several[0].slots,
        minutes=np.concatenate([each.minutes for each in several]),
        before=Counts.stacked([each.before for each in several]),
        wealth=np.concatenate([each.wealth for each in several]),
        open=Counts.stacked([each.open for each in several]),
        is_new_step=np.concatenate([each.is_new_step for each in several]),
    )


def one_of(stakes: Stakes, place: int) -> Stakes:
    """Return the stakes at one place of a batch, as a batch of one."""
    return some_of(stakes, slice(place, place + 1))


def some_of(stakes: Stakes, places: npt.NDArray[np.int64] | slice) -> Stakes:
    """Return the stakes at some places of a batch, as a batch."""
    return Stakes(
        slots=stakes.slots,
        minutes=stakes.minutes[places],
        before=stakes.before.some(places),
        wealth=stakes.wealth[places],
        open=stakes.open.some(places),
        is_new_step=stakes.is_new_step[places],
    )


def evidence_against(bets: Bets, stakes: Stakes) -> Nats:
    """Return the logarithm of the evidence that a canary is bad: (batch,)."""
    return log_against(bets, _outcome_of(bets, stakes).totals)


def evidence_within(bets: Bets, stakes: Stakes) -> Nats:
    """Return the logarithm of the evidence that 1, 2, 4, 10, 20 margins are excluded.

    A column for each of `margins.MULTIPLES`: (batch, multiples).
    """
    return log_within(bets, _outcome_of(bets, stakes).totals)


def _has_counted(counts: Counts) -> Flags:
    return counts.canary > 0
