"""Slots: where in one row of numbers the wealth of each bet is, of an objective or of many.

A look has few numbers, and what it costs is mostly the number of calls on arrays: all bets on an
objective are one row, and a batch of objectives has a row each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from serinus.evidence.wealth import NOTHING, Nats, Units, in_nats

Places = npt.NDArray[np.int64]


class Shape(NamedTuple):
    """Of one bet."""

    wealths: int
    """One, or one for each multiple of a margin."""
    alternatives: int


class Run(NamedTuple):
    """Neighbours that have as many alternatives, so that they are summed up at once."""

    slots: slice
    width: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slots:
    """The places of all bets in a row: of each wealth its cash, then a bet on each alternative."""

    shapes: Mapping[str, Shape]
    """By the bet's name, in order."""
    spans: Mapping[str, slice]
    """Which slots are a bet's."""
    totals_of: Mapping[str, slice]
    """Which wealths are a bet's."""
    bets_of: Mapping[str, slice]
    """Which alternatives are a bet's, among all of them."""
    cash: Places
    """Of each wealth, its first slot: (wealths,)."""
    bets: Places
    """The slots that are no cash: (alternatives,)."""
    wealth_of: Places
    """Whose wealth a slot belongs to: (slots,)."""
    owners: Places
    """Whose wealth an alternative belongs to: (alternatives,)."""
    first_bets: Places
    """Of each wealth, its first alternative: (wealths,)."""
    are_several: Places
    """Of each wealth, whether its bet has several, 1 or 0: (wealths,)."""
    runs: tuple[Run, ...]

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.cash) + len(self.bets)

    def in_cash(self, batch: int) -> Units:
        """Return the wealth before any bet: one, all of it in cash."""
        wealth = np.full((batch, self.number), NOTHING, dtype=np.int64)
        wealth[:, self.cash] = 0
        return wealth

    def named(self, wealth: Units) -> dict[str, Units]:
        """Return each bet's wealth by its name: (batch, slots), or (batch, wealths, slots)."""
        return {
            name: wealth[:, self.spans[name]].reshape(_levels(len(wealth), shape))
            for name, shape in self.shapes.items()
        }

    def laid_out(self, values: Mapping[str, Nats]) -> Nats:
        """Return what each bet's alternatives have, by its name, as one: (batch, alternatives)."""
        those = [values[name] for name in self.shapes]
        return np.concatenate([each.reshape(len(each), -1) for each in those], axis=1)

    def log_totals(self, wealth: Units) -> Nats:
        """Return the logarithm of each wealth: (batch, wealths)."""
        logs = in_nats(wealth)
        high = np.maximum.reduceat(logs, self.cash, axis=1)
        parts = np.exp(logs - high[:, self.wealth_of])
        sums = [
            np.add.reduce(parts[:, slots].reshape(len(logs), -1, width), axis=-1)
            for slots, width in self.runs
        ]
        totals: Nats = high + np.log(np.concatenate(sums, axis=1))
        return totals


def _levels(batch: int, shape: Shape) -> tuple[int, ...]:
    width = 1 + shape.alternatives
    return (batch, shape.wealths, width) if shape.wealths > 1 else (batch, width)


def slots_of(shapes: Mapping[str, Shape]) -> Slots:
    """Return the slots of bets, in an order that depends on nothing but their shapes and names."""
    return _slots_of(tuple(sorted(shapes.items(), key=lambda each: (each[1].wealths, each[0]))))


@lru_cache(maxsize=1024)
def _slots_of(shapes: tuple[tuple[str, Shape], ...]) -> Slots:
    owned = [alternatives for _, (wealths, alternatives) in shapes for _ in range(wealths)]
    cash = [0, *accumulate(1 + each for each in owned)]
    first_bets = [0, *accumulate(owned)]
    ends = [0, *accumulate(wealths for _, (wealths, _) in shapes)]
    spans = {name: slice(*ends[number:][:2]) for number, (name, _) in enumerate(shapes)}
    runs = groupby(range(len(owned)), key=lambda wealth: owned[wealth])
    return Slots(
        shapes=dict(shapes),
        spans={name: slice(cash[of.start], cash[of.stop]) for name, of in spans.items()},
        totals_of=spans,
        bets_of={
            name: slice(first_bets[of.start], first_bets[of.stop]) for name, of in spans.items()
        },
        cash=np.array(cash[:-1]),
        bets=np.setdiff1d(np.arange(cash[-1]), cash[:-1]),
        wealth_of=np.repeat(np.arange(len(owned)), [1 + each for each in owned]),
        owners=np.repeat(np.arange(len(owned)), owned),
        first_bets=np.array(first_bets[:-1]),
        are_several=np.repeat(
            [int(wealths > 1) for _, (wealths, _) in shapes], [w for _, (w, _) in shapes]
        ),
        runs=tuple(_run(list(wealths), cash) for _, wealths in runs),
    )


def _run(wealths: list[int], cash: list[int]) -> Run:
    first, width = cash[wealths[0]], cash[wealths[0] + 1] - cash[wealths[0]]
    return Run(slice(first, first + width * len(wealths)), width)


def read_wealth(written: Mapping[str, Any]) -> tuple[Slots, Units]:
    """Return the wealth of one objective as it was written by the bets' names, and its slots.

    Raises:
        ValueError: if it is none.
    """
    bets = {name: np.atleast_2d(np.array(each, dtype=np.int64)) for name, each in written.items()}
    slots = slots_of({name: Shape(len(each), each.shape[1] - 1) for name, each in bets.items()})
    return slots, np.concatenate([bets[name].reshape(1, -1) for name in slots.shapes], axis=1)
