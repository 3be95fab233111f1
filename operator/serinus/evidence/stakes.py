"""Stakes: what all bets on a batch of objectives stand at, up to the last closed minute.

It is all that the verdict remembers, in whole numbers: a restart at any look continues with the
same bits. Every function takes a batch, be it the objectives of a look or simulated rollouts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from serinus.evidence.bets import PROOFS, Bets, log_against, log_within, unstaked
from serinus.evidence.counts import Counts
from serinus.evidence.questions import Answers, answered
from serinus.evidence.settling import Bet, settled
from serinus.evidence.wealth import Nats, Units, log_total

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """The bets on a batch of objectives, and the minute of each that is not closed yet."""

    minutes: Units
    """How many have been closed."""
    before: Counts
    """What both tracks showed in all of them."""
    closed: Mapping[str, Units]
    """Wealth at the end of the last of them, by the bet's name."""
    open: Counts
    is_new_step: Flags
    """Whether the open minute is the first of a step."""
    settled: Mapping[str, Units] = field(default_factory=dict)
    """Wealth as if the open minute were over: follows from all others, empty until worked out."""
    totals: Mapping[str, Nats] = field(default_factory=dict)
    """Logarithms of all of that, of each bet."""


def begun(bets: Bets, batch: int, kinds: int = 1) -> Stakes:
    """Return the stakes on a batch of objectives before the first block.

    Args:
        bets: on what.
        batch: how many objectives, or rollouts.
        kinds: of bad events: the edges of a latency histogram, one for a share.
    """
    nothing, wealths = Counts.none(batch, kinds), unstaked(bets, batch)
    return Stakes(
        minutes=np.zeros(batch, dtype=np.int64),
        before=nothing,
        closed=wealths,
        open=nothing,
        is_new_step=np.zeros(batch, dtype=bool),
        settled=wealths,
        totals={name: log_total(wealth) for name, wealth in wealths.items()},
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
            minutes=stakes.minutes,
            before=stakes.before,
            closed=stakes.closed,
            open=stakes.open + block,
            is_new_step=stakes.is_new_step,
        )
    (stakes,) = worked_out([bets], [stakes])
    fresh = Counts.none(len(ends), block.bad_canary.shape[1])
    return Stakes(
        minutes=stakes.minutes + (ends & _has_counted(stakes.open)),
        before=stakes.before + stakes.open.where(ends, fresh),
        closed={
            name: np.where(ends[(..., *[None] * (wealth.ndim - 1))], stakes.settled[name], wealth)
            for name, wealth in stakes.closed.items()
        },
        open=fresh.where(ends, stakes.open) + block,
        is_new_step=np.where(ends, begins_step, stakes.is_new_step),
    )


def worked_out(bets: Sequence[Bets], several: Sequence[Stakes]) -> list[Stakes]:
    """Return several stakes, each on bets of its own, with what they come to by now."""
    if all(stakes.settled for stakes in several):
        return list(several)
    both = tuple(zip(bets, several, strict=True))
    answers = answered([each.asked(stakes.open, stakes.before) for each, stakes in both])
    staked = [_staked(*each, those) for each, those in zip(both, answers, strict=True)]
    after = iter(settled([bet for of_one in staked for bet in of_one.values()]))
    named = [{name: next(after) for name in of_one} for of_one in staked]
    return [
        replace(
            stakes,
            settled={name: each.wealth for name, each in those.items()},
            totals={name: each.total for name, each in those.items()},
        )
        for stakes, those in zip(several, named, strict=True)
    ]


def _staked(bets: Bets, stakes: Stakes, answers: Answers) -> dict[str, Bet]:
    """Return each bet on the open minute, by its name."""
    weights = bets.weights(stakes.open, stakes.before)
    log_values = bets.log_values(stakes.open, stakes.before, answers)
    share, of_proofs = _shares(stakes)
    return {
        name: Bet(
            wealth,
            weights[name],
            log_values[name],
            np.repeat(of_proofs, wealth.shape[1]) if name in PROOFS else share,
        )
        for name, wealth in stakes.closed.items()
    }


def _shares(stakes: Stakes) -> Nats:
    """Return the share of the cash that is bet in the open minute, and that of proofs."""
    minute = np.minimum(stakes.minutes, len(INVESTED_AT_FIRST))
    shares = _INVESTED[:, stakes.is_new_step.astype(np.int64), minute]
    return np.where(_has_counted(stakes.open), shares, 0.0)


def stacked(several: Sequence[Stakes]) -> Stakes:
    """Return the stakes of several batches on bets of the same kind as one batch."""
    names, is_settled = several[0].closed, all(each.settled for each in several)
    known = names if is_settled else ()
    return Stakes(
        minutes=np.concatenate([each.minutes for each in several]),
        before=Counts.stacked([each.before for each in several]),
        closed={name: np.concatenate([each.closed[name] for each in several]) for name in names},
        open=Counts.stacked([each.open for each in several]),
        is_new_step=np.concatenate([each.is_new_step for each in several]),
        settled={name: np.concatenate([each.settled[name] for each in several]) for name in known},
        totals={name: np.concatenate([each.totals[name] for each in several]) for name in known},
    )


def one_of(stakes: Stakes, place: int) -> Stakes:
    """Return the stakes at one place of a batch, as a batch of one."""
    return some_of(stakes, slice(place, place + 1))


def some_of(stakes: Stakes, places: npt.NDArray[np.int64] | slice) -> Stakes:
    """Return the stakes at some places of a batch, as a batch."""
    return Stakes(
        minutes=stakes.minutes[places],
        before=stakes.before.some(places),
        closed={name: wealth[places] for name, wealth in stakes.closed.items()},
        open=stakes.open.some(places),
        is_new_step=stakes.is_new_step[places],
        settled={name: wealth[places] for name, wealth in stakes.settled.items()},
        totals={name: total[places] for name, total in stakes.totals.items()},
    )


def evidence_against(bets: Bets, stakes: Stakes) -> Nats:
    """Return the logarithm of the evidence that a canary is bad: (batch,)."""
    return log_against(bets, worked_out([bets], [stakes])[0].totals)


def evidence_within(bets: Bets, stakes: Stakes) -> Nats:
    """Return the logarithm of the evidence that 1, 2, 4, 10, 20 margins are excluded.

    A column for each of `margins.MULTIPLES`: (batch, multiples).
    """
    return log_within(bets, worked_out([bets], [stakes])[0].totals)


def _has_counted(counts: Counts) -> Flags:
    return counts.canary > 0
