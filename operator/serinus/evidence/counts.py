"""Counts of both tracks in the same stretch of time, of many objectives or rollouts at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from serinus.evidence.wealth import Nats


class Row(NamedTuple):
    """Of one objective, as numbers: a bad number for each kind of event."""

    bad_canary: Sequence[float]
    canary: float
    bad_stable: Sequence[float]
    stable: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Bad events among all, of both tracks; the first axis is the batch.

    A share has one kind of bad event, so that `bad_*` are (batch, 1). Of latency, a request is
    bad that took longer than an edge of the histogram: (batch, edges), the edges ascending. Of a
    distribution, each edge or category is a kind of event (`evidence.binned`).
    """

    bad_canary: Nats
    canary: Nats
    """All events: (batch,)."""
    bad_stable: Nats
    stable: Nats

    @classmethod
    def none(cls, batch: int, kinds: int = 1) -> Counts:
        """Return no events at all."""
        bad, all_of_them = np.zeros((batch, kinds)), np.zeros(batch)
        return cls(bad_canary=bad, canary=all_of_them, bad_stable=bad, stable=all_of_them)

    @classmethod
    def stacked(cls, several: Sequence[Counts]) -> Counts:
        """Return the counts of several batches as one batch."""
        return cls(
            bad_canary=np.concatenate([each.bad_canary for each in several]),
            canary=np.concatenate([each.canary for each in several]),
            bad_stable=np.concatenate([each.bad_stable for each in several]),
            stable=np.concatenate([each.stable for each in several]),
        )

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Counts:
        """Return a batch of what was counted of several objectives."""
        bad_canary, canary, bad_stable, stable = zip(*rows, strict=True)
        return cls(
            bad_canary=np.array(bad_canary, dtype=float),
            canary=np.array(canary, dtype=float),
            bad_stable=np.array(bad_stable, dtype=float),
            stable=np.array(stable, dtype=float),
        )

    def at(self, place: int) -> Counts:
        """Return one of the batch, as a batch of one."""
        return self.some(slice(place, place + 1))

    def some(self, places: npt.NDArray[np.int64] | slice) -> Counts:
        """Return some of the batch, as a batch."""
        return Counts(
            bad_canary=self.bad_canary[places],
            canary=self.canary[places],
            bad_stable=self.bad_stable[places],
            stable=self.stable[places],
        )

    def __add__(self, other: Counts) -> Counts:
        """Return both counted together."""
        return Counts(
            bad_canary=self.bad_canary + other.bad_canary,
            canary=self.canary + other.canary,
            bad_stable=self.bad_stable + other.bad_stable,
            stable=self.stable + other.stable,
        )

    def where(self, condition: npt.NDArray[np.bool_], other: Counts) -> Counts:
        """Return these counts where a condition holds for a place in the batch, else others."""
        kinds = condition[:, None]
        return Counts(
            bad_canary=np.where(kinds, self.bad_canary, other.bad_canary),
            canary=np.where(condition, self.canary, other.canary),
            bad_stable=np.where(kinds, self.bad_stable, other.bad_stable),
            stable=np.where(condition, self.stable, other.stable),
        )


def most_bad(before: Counts, block: Counts) -> Nats:
    """Return the canary's bad events of the kind that it has most of, in both: (batch,)."""
    most: Nats = (before.bad_canary + block.bad_canary).max(axis=1, initial=0.0)
    return most
