"""Stakes: what all bets on a batch of objectives stand at, up to the last closed minute.

It is all that the verdict remembers, in whole numbers: a restart at any look continues with the
same bits. Every function takes a batch, be it the objectives of a look or simulated rollouts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from serinus.evidence.bets import PROOFS, Bets, log_against, log_within, unstaked
from serinus.evidence.counts import Counts
from serinus.evidence.wealth import Nats, Units, grown, invested

INVESTED_AT_FIRST = (0.95, 0.5)
"""Of the cash, in each of the first minutes: most canaries that are bad are so from the start."""
PROVEN_AT_FIRST = (0.9, 0.5)
"""The same for proofs: a good canary mostly is a good one from the beginning."""
INVESTED_ON_A_STEP = 0.5
"""A step may change everything."""
INVESTED_LATER = 0.02

Flags = npt.NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)


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
    settled: Mapping[str, Units]
    """Wealth as if the open minute were over: follows from all others, empty until worked out."""


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
    )


def counted(
    bets: Bets, stakes: Stakes, block: Counts, begins_minute: Flags, begins_step: Flags
) -> Stakes:
    """Return the stakes with a block counted.

    Args:
        bets: on what.
        stakes: up to the block before.
        block: what was counted of both tracks since; zeros where there was nothing.
        begins_minute: where the open minute is over and the block the first of another.
        begins_step: where the weight has changed since, which ends a minute as well.
    """
    ends = begins_minute | begins_step
    stakes = _worked_out(bets, stakes) if ends.any() else stakes
    fresh = Counts.none(len(ends), block.bad_canary.shape[1])
    after = {
        name: np.where(ends.reshape(-1, *[1] * (wealth.ndim - 1)), stakes.settled[name], wealth)
        for name, wealth in stakes.closed.items()
        if ends.any()
    }
    return settled(
        bets,
        minutes=stakes.minutes + (ends & _has_counted(stakes.open)),
        before=stakes.before + stakes.open.where(ends, fresh),
        closed=after or stakes.closed,
        open_minute=fresh.where(ends, stakes.open) + block,
        is_new_step=np.where(ends, begins_step, stakes.is_new_step),
    )


def settled(
    bets: Bets,
    *,
    minutes: Units,
    before: Counts,
    closed: Mapping[str, Units],
    open_minute: Counts,
    is_new_step: Flags,
) -> Stakes:
    """Return the stakes with what they would come to if the open minute were over."""
    weights = bets.weights(open_minute, before)
    log_values = bets.log_values(open_minute, before)
    after: dict[str, Units] = {}
    for names in _alike(closed):
        at_first = PROVEN_AT_FIRST if names[0] in PROOFS else INVESTED_AT_FIRST
        share = np.where(_has_counted(open_minute), _share(minutes, is_new_step, at_first), 0.0)
        wealth = invested(_rows(closed, names), share[:, None], _rows(weights, names))
        wealth = grown(wealth, _rows(log_values, names))
        first = 0
        for name in names:
            last = first + closed[name][0, ..., 0].size
            after[name] = wealth[:, first:last].reshape(closed[name].shape)
            first = last
    return Stakes(
        minutes=minutes,
        before=before,
        closed=closed,
        open=open_minute,
        is_new_step=is_new_step,
        settled=after,
    )


def _alike(closed: Mapping[str, Units]) -> Iterable[list[str]]:
    """Bets with as many alternatives, which are worked out at once: many small ones cost most."""
    groups: dict[tuple[bool, int], list[str]] = {}
    for name, wealth in closed.items():
        groups.setdefault((name in PROOFS, wealth.shape[-1]), []).append(name)
    return groups.values()


def _rows(of_bets: Mapping[str, npt.NDArray[T]], names: Sequence[str]) -> npt.NDArray[T]:
    """Return some bets as one array: (batch, bets, alternatives)."""
    batch, width = of_bets[names[0]].shape[0], of_bets[names[0]].shape[-1]
    return np.concatenate([of_bets[name].reshape(batch, -1, width) for name in names], axis=1)


def _share(minutes: Units, is_new_step: Flags, at_first: tuple[float, ...]) -> Nats:
    later = np.where(is_new_step, INVESTED_ON_A_STEP, INVESTED_LATER)
    return np.where(
        minutes < len(at_first), np.array(at_first)[np.minimum(minutes, len(at_first) - 1)], later
    )


def stacked(several: Sequence[Stakes]) -> Stakes:
    """Return the stakes of several batches on bets of the same kind as one batch."""
    names, is_settled = several[0].closed, all(each.settled for each in several)
    return Stakes(
        minutes=np.concatenate([each.minutes for each in several]),
        before=Counts.stacked([each.before for each in several]),
        closed={name: np.concatenate([each.closed[name] for each in several]) for name in names},
        open=Counts.stacked([each.open for each in several]),
        is_new_step=np.concatenate([each.is_new_step for each in several]),
        settled={
            name: np.concatenate([each.settled[name] for each in several])
            for name in names
            if is_settled
        },
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
    )


def evidence_against(bets: Bets, stakes: Stakes) -> Nats:
    """Return the logarithm of the evidence that a canary is bad: (batch,)."""
    return log_against(bets, _worked_out(bets, stakes).settled)


def evidence_within(bets: Bets, stakes: Stakes) -> Nats:
    """Return the logarithm of the evidence that 1, 2, 4, 10, 20 margins are excluded.

    A column for each of `margins.MULTIPLES`: (batch, multiples).
    """
    return log_within(bets, _worked_out(bets, stakes).settled)


def _worked_out(bets: Bets, stakes: Stakes) -> Stakes:
    if stakes.settled:
        return stakes
    return settled(
        bets,
        minutes=stakes.minutes,
        before=stakes.before,
        closed=stakes.closed,
        open_minute=stakes.open,
        is_new_step=stakes.is_new_step,
    )


def _has_counted(counts: Counts) -> Flags:
    return counts.canary > 0
